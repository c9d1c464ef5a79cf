"""How many commands Redis gets for a thousand decisions that allow."""

from __future__ import annotations

import re
from pathlib import Path

from ..gates import at_most
from ..load import Load
from ..machine import BENCH
from ..records import put_tenants
from ..unix_clients import info
from .setting import Finding, Setting

BOUND = at_most(2, 0.5)
SCRIPTS = BENCH.parent / "Sources" / "RedisLink" / "Scripts"


def run(setting: Setting) -> Finding:
    effort, rack = setting.effort, setting.rack
    redis, _ = rack.start_redis("commands-redis", rack.cores.generator)
    tollgate = setting.start_tollgate("commands", redis)
    put_tenants(tollgate.control, effort.tenants)
    finding = Finding(
        "Redis commands for 1,000 TAKEs",
        f"{effort.tenants:,} tenants drawn at random, 50 connections as fast as they are answered; `INFO commandstats` "
        "of tollgate's Redis before and after. What scripts call inside is not counted: a name that a script uses "
        "counts as such.",
    )
    inside = names_used_by_scripts()
    for depth in (1, 16):
        seen: list[dict[str, int]] = []
        load = Load(
            tollgate.gate, "TAKE t{k} messages 1", effort.tenants, 3 * effort.seconds, 50, depth, warmup=effort.warmup
        )
        result = setting.load(
            load, rack.cores.generator, "Redis commands", around=lambda seen=seen: seen.append(calls(redis))
        )
        more = {name: count - seen[0].get(name, 0) for name, count in seen[1].items()}
        of_us = {name: count for name, count in more.items() if count > 0 and name not in {"info", *inside}}
        share = 1000 / result["allowed"]
        total, syncs = sum(of_us.values()) * share, of_us.get("evalsha", 0) * share
        finding.numbers[f"c50, depth {depth}"] = (
            f"{total:.2f} commands, {syncs:.2f} of them EVALSHA, at {result['per_second'] / 1000:.0f} k/s"
        )
        finding.data[f"depth {depth}"] = {"load": result, "commands": more}
        if depth == 1:
            finding.gates.append(BOUND.judge("Redis commands per 1,000 allowed TAKEs, c50", total))
    return finding


def calls(redis: Path) -> dict[str, int]:
    """How often each command was called, by clients and by scripts."""
    stats = info(redis, "commandstats")
    return {
        name.removeprefix("cmdstat_"): int(value.partition("calls=")[2].partition(",")[0])
        for name, value in stats.items()
        if name.startswith("cmdstat_")
    }


def names_used_by_scripts() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.lua")]
    return {name.lower() for text in texts for name in re.findall(r"call\('([A-Z]+)'", text)}
