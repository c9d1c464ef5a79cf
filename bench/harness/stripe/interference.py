"""What a flush costs the gate: its thread on a core of its own, everything else on the other."""

from __future__ import annotations

import os
from statistics import median
from typing import Any

from ..gates import at_most
from ..load import Load, check_replies, run_load
from ..records import write_records
from ..scenarios.setting import Finding
from .billing import BillingTollgate, Flush, Sandbox, is_known, thread_cpu_seconds
from .owed import OwedHours
from .setting import Setting

CPU_BOUND = at_most(1.10, 1.02)
P99_BOUND = at_most(2, 1.2)
HOURS_EACH = 100
CONNECTIONS = 16


def run(setting: Setting) -> Finding:
    effort = setting.effort
    finding = Finding(
        f"The gate during a flush of {effort.flushed:,} owed hours",
        f"`TAKE` of {effort.tenants:,} tenants at {effort.rate:,} calls/s on {CONNECTIONS} connections. The gate's "
        "thread and the generator are on one core; the daemon's other threads, Redis and the sandbox on the other. "
        "Measured without anything owed and during a flush, by turns; a ratio is taken between neighbours. The CPU is "
        "that of the gate's thread; a call's latency runs from when it was due.",
    )
    ways = {"v1, eight connections": False}
    if is_known("TOLLGATE_STRIPE_STREAM_ABOVE"):
        ways["stream"] = True
    for way, is_streaming in ways.items():
        rounds = measure(setting, way, is_streaming=is_streaming)
        finding.data[way] = rounds
        for name, label in (("without", "nothing owed"), ("during", "flush")):
            cpu, p50, p99 = (median(found[name][what] for found in rounds) for what in ("cpu_us", "p50_us", "p99_us"))
            finding.numbers[f"{way}: {label}"] = f"CPU {cpu:.2f} µs a call, p50 {p50:.1f} µs, p99 {p99:.1f} µs"
        cpu, p99 = (
            median(found["during"][what] / found["without"][what] for found in rounds) for what in ("cpu_us", "p99_us")
        )
        finding.gates.append(CPU_BOUND.judge(f"the gate's CPU per call during a flush, {way} / without", cpu))
        finding.gates.append(P99_BOUND.judge(f"the gate's p99 during a flush, {way} / without", p99))
    return finding


def measure(setting: Setting, way: str, *, is_streaming: bool) -> list[dict[str, Any]]:
    effort, rack = setting.effort, setting.rack
    name = "gate-" + way.split(",")[0]
    owed = OwedHours(effort.flushed // HOURS_EACH, HOURS_EACH)
    redis, _ = rack.start_redis(f"{name}-redis", rack.cores.generator)
    sandbox = Sandbox(setting, f"{name}-sandbox", owed.tenants)
    # It starts on the other core, and its threads' threads stay there; only the gate's moves.
    tollgate = BillingTollgate(
        setting, name, redis, sandbox, is_streaming=is_streaming, core=rack.cores.generator)  # fmt: skip
    thread = tollgate.thread("gate")
    os.sched_setaffinity(thread, {rack.cores.server})
    write_records(redis, max(owed.tenants, effort.tenants), are_customers=True)

    def load() -> dict[str, Any]:
        calls = Load(
            tollgate.gate, "TAKE t{k} messages 1", effort.tenants, effort.seconds, CONNECTIONS, warmup=effort.warmup,
            rate=effort.rate,
        )  # fmt: skip
        clock: list[float] = []
        result = run_load(
            calls, rack.cores.server, way, lambda: clock.append(thread_cpu_seconds(tollgate.pid, thread)))  # fmt: skip
        check_replies(way, result, gives_verdicts=True)
        return {**result, "cpu_us": 1e6 * (clock[1] - clock[0]) / result["replies"]}

    rounds = []
    for number in range(effort.rounds):
        without = load()
        owed.write(redis, number + 1)
        flush = Flush(tollgate)
        during = load()
        flush.check_under_way(f"{way}, {owed.count} owed hours")
        rounds.append({"without": without, "during": during})
        if number + 1 < effort.rounds:
            flush.wait_until_over()
    rack.processes.end_all()
    return rounds
