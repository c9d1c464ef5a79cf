"""A Redis half a millisecond away: what a decision costs there, and what it costs from a lease."""

from __future__ import annotations

from statistics import median

from ..gates import at_least
from ..load import Load
from ..records import put_tenants
from ..servers import evalsha_template
from .setting import Finding, Setting

DELAY_MICROSECONDS = 500
BOUND = at_least(20, 20)


def run(setting: Setting) -> Finding:
    effort, rack = setting.effort, setting.rack
    far = rack.cores.generator
    asked, _ = rack.start_redis("asked-redis", far)
    template = evalsha_template(asked)
    direct = rack.start_delay("asked-delay", asked, DELAY_MICROSECONDS)
    behind, _ = rack.start_redis("distance-redis", far)
    tollgate = setting.start_tollgate("distance", rack.start_delay("distance-delay", behind, DELAY_MICROSECONDS))
    put_tenants(tollgate.control, effort.tenants)
    loads = {
        "direct EVALSHA": Load(direct, template, effort.tenants, effort.seconds),
        "tollgate": Load(
            tollgate.gate, "TAKE t{k} messages 1", effort.tenants, effort.seconds, warmup=effort.warmup),
    }  # fmt: skip
    rounds = [
        # One connection: the generator on the server's core, the network and both Redis on the other.
        {name: setting.load(load, rack.cores.server, f"distance, {name}") for name, load in loads.items()}
        for _ in range(effort.rounds)
    ]
    finding = Finding(
        "Redis behind a network of 0.5 ms each way",
        "One connection, one call at a time. A proxy ([delay](delay/delay.c)) holds every byte back for 0.5 ms each "
        "way, before the Redis that is asked directly and before tollgate's.",
        data={"rounds": rounds},
    )
    for name in loads:
        p50, p99 = (median(found[name][metric] for found in rounds) for metric in ("p50_us", "p99_us"))
        finding.numbers[name] = f"p50 {p50:.1f} µs, p99 {p99:.1f} µs"
    for metric in ("p50_us", "p99_us"):
        times = median(found["direct EVALSHA"][metric] / found["tollgate"][metric] for found in rounds)
        finding.gates.append(BOUND.judge(f"{metric[:3]} of direct EVALSHA / of tollgate, 0.5 ms each way", times))
    return finding
