"""How fast owed hours go to Stripe, and what that costs the daemon: one by one, side by side, by the stream."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..gates import at_least
from ..machine import BenchError, cpu_seconds
from ..records import write_records
from ..scenarios.setting import Finding
from .billing import BillingTollgate, Sandbox, is_known
from .owed import METERS, MOST_HOURS, OwedHours
from .setting import Setting

BOUND = at_least(10_000, 20_000)
HOURS_EACH = 20


@dataclass(frozen=True)
class Way:
    """One way to send."""

    name: str
    is_alone: bool = False  # one tenant owes everything: its hours go one after the other
    is_streaming: bool = False


WAYS = (
    Way("v1, one connection", is_alone=True),
    Way("v1, eight connections"),
    Way("stream", is_streaming=True),
)


def run(setting: Setting) -> Finding:
    finding = Finding(
        "Sending",
        "A flush of owed hours; the daemon's CPU clock and the time, from the request to its answer. With one "
        "connection all hours are one tenant's, which go one after the other. Redis and the sandbox share the other "
        "core: the sandbox is a test double, and what it takes bounds the rate.",
    )
    for way in WAYS:
        if way.is_streaming and not is_known("TOLLGATE_STRIPE_STREAM_ABOVE"):
            continue
        rounds = measure(setting, way)
        finding.data[way.name] = rounds
        rate = median(found["hours"] / found["seconds"] for found in rounds)
        cpu, redis, sandbox = (
            median(1000 * found[name] / found["hours"] for found in rounds)
            for name in ("cpu", "redis_cpu", "sandbox_cpu")
        )
        finding.numbers[way.name] = (
            f"{rate:,.0f} hours/s; CPU for 1,000 hours: {1000 * cpu:.1f} ms, its Redis {1000 * redis:.1f} ms, "
            f"the sandbox {1000 * sandbox:.1f} ms"
        )
        if way.is_streaming:
            finding.gates.append(BOUND.judge("events by the stream for a second of the daemon's CPU", 1 / (cpu / 1000)))
    return finding


def measure(setting: Setting, way: Way) -> list[dict[str, Any]]:
    effort, rack = setting.effort, setting.rack
    name = way.name.replace(" ", "-").replace(",", "")
    owed = (
        OwedHours(1, min(effort.sent, MOST_HOURS * len(METERS)))
        if way.is_alone
        else OwedHours(max(1, effort.sent // HOURS_EACH), HOURS_EACH)
    )
    redis, redis_pid = rack.start_redis(f"{name}-redis", rack.cores.generator)
    sandbox = Sandbox(setting, f"{name}-sandbox", owed.tenants)
    tollgate = BillingTollgate(setting, name, redis, sandbox, is_streaming=way.is_streaming)
    write_records(redis, owed.tenants, are_customers=True)
    rounds = []
    for number in range(effort.rounds):
        owed.write(redis, number + 1)
        pids = {"cpu": tollgate.pid, "redis_cpu": redis_pid, "sandbox_cpu": sandbox.pid}
        before, started = {what: cpu_seconds(pid) for what, pid in pids.items()}, time.monotonic()
        report = tollgate.flush()
        seconds = time.monotonic() - started
        spent = {what: cpu_seconds(pid) - before[what] for what, pid in pids.items()}
        if report["acknowledged"] != owed.count:
            raise BenchError(f"{way.name}: of {owed.count} owed hours {report['acknowledged']} were sent: {report}")
        rounds.append({"hours": owed.count, "seconds": seconds, **spent})
    rack.processes.end_all()
    return rounds
