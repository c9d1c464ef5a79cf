"""Redis stands still for three seconds, and whoever has a lease goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from statistics import median
from typing import Any

from ..gates import at_most
from ..load import Load, run_load
from ..machine import BenchError
from ..records import put_tenants
from .setting import Finding, Setting

BOUND = at_most(2, 2)
# A lease holds what its tenant spends in some hundreds of milliseconds. A short burst makes the leases large; what is
# paced afterwards fits them for longer than Redis is frozen, and asks each tenant often enough that none lies idle.
BURST_SECONDS = 1.5
TENANTS = 200
PACED_PER_SECOND = 2000
CONNECTIONS = 16


def run(setting: Setting) -> Finding:
    effort, rack = setting.effort, setting.rack
    redis, redis_pid = rack.start_redis("frozen-redis", rack.cores.generator)
    tollgate = setting.start_tollgate("frozen", redis)
    tenants = min(TENANTS, effort.tenants)
    put_tenants(tollgate.control, tenants)

    def paced(seconds: float, around: Callable[[], None] = lambda: None) -> dict[str, Any]:
        load = Load(
            tollgate.gate, "TAKE t{k} messages 1", tenants, seconds, CONNECTIONS, rate=PACED_PER_SECOND)  # fmt: skip
        result = run_load(load, rack.cores.server, "frozen Redis", around)
        if result["errors"] > 0:
            raise BenchError(f"frozen Redis: {result['first_error']}")
        return result

    rounds = []
    for _ in range(effort.rounds):
        burst = Load(
            tollgate.gate, "TAKE t{k} messages 1", tenants, min(BURST_SECONDS, effort.warmup), CONNECTIONS)  # fmt: skip
        setting.load(burst, rack.cores.server, "frozen Redis, burst")
        before = paced(effort.seconds)
        frozen = paced(effort.frozen_seconds, freeze_and_thaw(redis_pid))
        rounds.append({"before": before, "frozen": frozen})
    finding = Finding(
        f"Redis frozen for {effort.frozen_seconds:g} s",
        f"{tenants} tenants at {PACED_PER_SECOND:,} calls/s on {CONNECTIONS} connections, within what a burst before "
        "had leased to them. A call's latency runs from when it was due.",
        data={"rounds": rounds},
    )
    for name in ("before", "frozen"):
        p50, p99 = (median(found[name][metric] for found in rounds) for metric in ("p50_us", "p99_us"))
        refused = sum(found[name]["refused"] for found in rounds)
        finding.numbers[name] = f"p50 {p50:.1f} µs, p99 {p99:.1f} µs, {refused} refused"
    ratio = median(found["frozen"]["p99_us"] / found["before"]["p99_us"] for found in rounds)
    finding.gates.append(BOUND.judge("p99 with Redis frozen / before", ratio))
    share = sum(found["frozen"]["refused"] for found in rounds) / sum(found["frozen"]["replies"] for found in rounds)
    finding.gates.append(at_most(0, 0).judge("share of calls refused meanwhile", share))
    return finding


def freeze_and_thaw(pid: int) -> Callable[[], None]:
    """Freezes the process when it is called first, thaws it when it is called again."""
    signals = iter((signal.SIGSTOP, signal.SIGCONT))
    return lambda: os.kill(pid, next(signals))
