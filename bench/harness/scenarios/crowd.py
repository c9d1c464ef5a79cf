"""A million tenants active within one hour: throughput, bytes of ledger, and how soon a restart answers."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

from ..gates import at_least, at_most
from ..load import Load
from ..machine import BenchError
from ..records import write_records
from ..servers import Tollgate
from ..unix_clients import info, is_allowed
from .setting import Finding, Setting

THROUGHPUT = at_least(0.5, 0.8)
BYTES = at_most(320, 256)
START = at_most(2, 2)
START_TIMEOUT_SECONDS = 60
# A meter whose limit refuses nobody, so it waits for no grant.
TEMPLATE = "TAKE t{k} events 1"
FILL_SECONDS = 500


def run(setting: Setting) -> Finding:
    effort, rack = setting.effort, setting.rack
    # Nearly every call changes another tenant's total, so Redis has much to do: it goes where there is room.
    redis, _ = rack.start_redis("crowd-redis", rack.cores.server, rack.cores.generator)
    write_records(redis, effort.crowd)
    slots = {} if effort.slots is None else {"TOLLGATE_LEDGER_SLOTS": str(effort.slots)}
    tollgate = setting.start_tollgate("crowd", redis, slots)
    core = rack.cores.generator
    fill = Load(
        tollgate.gate, TEMPLATE, effort.crowd, FILL_SECONDS, 50, 16, requests=effort.crowd, is_sequential=True
    )  # fmt: skip
    filled = setting.load(fill, core, "crowd, first call of each tenant")
    if filled["replies"] < effort.crowd:
        raise BenchError(f"only {filled['replies']} of {effort.crowd} tenants in {FILL_SECONDS} s")
    sizes = {"few": effort.tenants, "many": effort.crowd}
    loads = {
        name: Load(tollgate.gate, TEMPLATE, keys, effort.seconds, 50, warmup=effort.seconds / 2)
        for name, keys in sizes.items()
    }
    rounds = [
        {name: setting.load(load, core, f"crowd, {name}") for name, load in loads.items()} for _ in range(effort.rounds)
    ]
    # The gate brings these up to date from time to time only, which the rounds gave it.
    statistics = info(tollgate.gate)
    starts = {
        "after a stop": time_start(tollgate, is_killed=False),
        "after a kill": time_start(tollgate, is_killed=True),
    }
    return report(setting, filled, statistics, rounds, starts)


def report(
    setting: Setting,
    filled: dict[str, Any],
    statistics: dict[str, str],
    rounds: list[dict[str, dict[str, Any]]],
    starts: dict[str, float],
) -> Finding:
    effort = setting.effort
    used = statistics.get("ledger_slots_used")
    bytes_used = statistics.get("ledger_bytes")
    per_tenant = None if bytes_used is None else int(bytes_used) / effort.crowd
    ratio = median(found["many"]["per_second"] / found["few"]["per_second"] for found in rounds)
    of_slots = "" if effort.slots is None else f" of {effort.slots:,} slots"
    finding = Finding(
        f"{effort.crowd:,} tenants active within an hour",
        f"Each has a record and is asked once, then at random, 50 connections; beside it {effort.tenants:,} of them on "
        f"the same ledger{of_slots}. Their meter refuses nobody (`mode: overage` without a cap), so it "
        "waits for no grant; its ledger has a row for the period and one for the hour. A start is measured from the "
        "exec to the first decision, on the ledger as the crowd left it. Redis is on both cores here.",
        numbers={
            "first call of each": f"{filled['per_second'] / 1000:.0f} k/s",
            f"{effort.tenants:,} tenants": f"{median(found['few']['per_second'] for found in rounds) / 1000:.0f} k/s",
            f"{effort.crowd:,} tenants": f"{median(found['many']['per_second'] for found in rounds) / 1000:.0f} k/s",
            "slots used": "not told" if used is None else f"{int(used):,}",
            **{f"start {name}": f"{seconds:.2f} s" for name, seconds in starts.items()},
        },
        data={"filled": filled, "rounds": rounds, "starts": starts, "statistics": statistics},
    )
    is_full = used is not None and int(used) >= effort.crowd
    finding.gates = [
        THROUGHPUT.judge(f"throughput, {effort.crowd:,} tenants / {effort.tenants:,}", ratio),
        BYTES.judge("ledger and index, bytes per active (tenant, meter)", per_tenant),
        START.judge(f"start with {effort.crowd:,} slots used, seconds", max(starts.values()) if is_full else None),
    ]
    return finding


def time_start(tollgate: Tollgate, *, is_killed: bool) -> float:
    """Ends it, starts it, and returns the seconds until it has answered one decision."""
    tollgate.end(is_killed=is_killed)
    started = time.monotonic()
    tollgate.launch()
    while not answers(tollgate.gate):
        if time.monotonic() - started > START_TIMEOUT_SECONDS:
            raise BenchError(f"no decision within {START_TIMEOUT_SECONDS} s of a start")
        time.sleep(0.002)
    return time.monotonic() - started


def answers(gate: Path) -> bool:
    try:
        return is_allowed(gate, *TEMPLATE.replace("{k}", f"{0:012}").split(" "))
    except OSError:
        return False  # Not listening yet.
