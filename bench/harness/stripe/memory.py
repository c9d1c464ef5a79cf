"""What the daemon has in memory while a great many hours are owed."""

from __future__ import annotations

import time

from ..gates import at_most
from ..machine import BenchError, cpu_seconds
from ..records import write_records
from ..scenarios.setting import Finding
from .billing import BillingTollgate, Flush, Sandbox, is_known
from .owed import OwedHours
from .setting import Setting

BOUND = at_most(1.5, 1.25)
HOURS_EACH = 100
MEGABYTE = 1 << 20


def run(setting: Setting) -> Finding:
    effort, rack = setting.effort, setting.rack
    owed = OwedHours(effort.held // HOURS_EACH, HOURS_EACH)
    few = OwedHours(max(1, owed.tenants // 10), HOURS_EACH)
    redis, _ = rack.start_redis("memory-redis", rack.cores.generator)
    sandbox = Sandbox(setting, "memory-sandbox", owed.tenants)
    is_streaming = is_known("TOLLGATE_STRIPE_STREAM_ABOVE")
    tollgate = BillingTollgate(setting, "memory", redis, sandbox, is_streaming=is_streaming)
    write_records(redis, owed.tenants)
    before = tollgate.memory()
    finding = Finding(
        f"{owed.count:,} owed hours",
        f"{owed.tenants:,} tenants owe {HOURS_EACH} hours each. First none is a customer yet: a flush looks at every "
        f"hour and sends nothing. Then all are, and it sends for {effort.sending_seconds:g} s. The most that the "
        "daemon had in memory meanwhile, as the kernel counts it.",
        numbers={"before": megabytes(before)},
    )
    peaks = {}
    for hours in (few, owed):
        hours.write(redis, 1)
        tollgate.forget_peak()
        cpu, started = cpu_seconds(tollgate.pid), time.monotonic()
        report = tollgate.flush()
        seconds, cpu = time.monotonic() - started, cpu_seconds(tollgate.pid) - cpu
        if report["owed"] != hours.count or report["sent"] != 0:
            raise BenchError(f"{hours.count} hours without a customer: {report}")
        peaks[hours.count] = tollgate.peak()
        finding.numbers[f"{hours.count:,} wait for a customer"] = (
            f"{megabytes(peaks[hours.count])}; a round in {seconds:.1f} s, {cpu:.1f} s of CPU"
        )
    write_records(redis, owed.tenants, are_customers=True)
    tollgate.forget_peak()
    flush = Flush(tollgate)
    flush.is_over.wait(effort.sending_seconds)
    if flush.error:
        raise BenchError(f"sending from {owed.count} hours: {flush.error}")
    peaks["sending"] = tollgate.peak()
    finding.numbers[f"{owed.count:,} being sent"] = megabytes(peaks["sending"])
    finding.data = {"before": before, "peaks": peaks}
    most = max(peaks[owed.count], peaks["sending"])
    ratio = most / peaks[few.count]
    finding.gates.append(BOUND.judge(f"memory with {owed.count:,} owed hours / with {few.count:,}", ratio))
    return finding


def megabytes(count: int) -> str:
    return f"{count / MEGABYTE:.0f} MiB"
