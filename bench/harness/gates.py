"""The gates: bounds on a measured number, each with what must hold and what is aimed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

# What `ratio` of the report gives: workload, metric, server, base.
Ratio = Callable[[str, str, str, str], float | None]


@dataclass(frozen=True)
class Bound:
    must: float
    aim: float
    is_ceiling: bool = True  # else the value has to reach it

    def holds(self, value: float, bound: float) -> bool:
        return value <= bound if self.is_ceiling else value >= bound

    def judge(self, text: str, value: float | None) -> dict[str, Any]:
        """One line of the verdict; what was not measured has no value, and does not pass."""
        return {
            "gate": text,
            "value": value,
            "must": self.must,
            "aim": self.aim,
            "is_ceiling": self.is_ceiling,
            "passes": value is not None and self.holds(value, self.must),
            "reaches_aim": value is not None and self.holds(value, self.aim),
        }


@dataclass(frozen=True)
class RatioGate:
    """A bound on the median of a same-round ratio."""

    text: str
    workload: str
    metric: str
    server: str
    base: str
    bound: Bound


def at_most(must: float, aim: float) -> Bound:
    return Bound(must, aim)


def at_least(must: float, aim: float) -> Bound:
    return Bound(must, aim, is_ceiling=False)


# The CPU time of a leased TAKE is tollgate's own: its Redis works for all sidecars and in the background, and the table
# shows what the two cost together.
RATIO_GATES = (
    RatioGate("CPU per TAKE, c50 / floor", "c50", "cpu_own_us", "tollgate", "floor", at_most(1.40, 1.12)),
    RatioGate("CPU per TAKE, c50 / INCR", "c50", "cpu_own_us", "tollgate", "redis-incr", at_most(0.80, 0.65)),
    RatioGate("CPU per TAKE, c50 / EVALSHA", "c50", "cpu_own_us", "tollgate", "redis-evalsha", at_most(0.35, 0.25)),
    RatioGate("throughput, c50 / INCR", "c50", "per_second", "tollgate", "redis-incr", at_least(1.3, 1.7)),
    RatioGate("throughput, c50 / EVALSHA", "c50", "per_second", "tollgate", "redis-evalsha", at_least(2.8, 4)),
    RatioGate("throughput, c50 P16 / INCR", "c50P16", "per_second", "tollgate", "redis-incr", at_least(1.6, 3)),
    RatioGate("throughput, c50 P16 / EVALSHA", "c50P16", "per_second", "tollgate", "redis-evalsha", at_least(9, 15)),
    RatioGate("p50, c1 / floor", "c1", "p50_us", "tollgate", "floor", at_most(1.35, 1.15)),
    RatioGate("p50, c1 / INCR", "c1", "p50_us", "tollgate", "redis-incr", at_most(0.85, 0.70)),
    RatioGate(
        "CPU per TAKE, c50, mapped ledger / private memory",
        "c50", "cpu_own_us", "tollgate", "tollgate-private", at_most(1.08, 1.03)),
)  # fmt: skip


def judge_ratios(ratio: Ratio) -> list[dict[str, Any]]:
    return [
        gate.bound.judge(gate.text, ratio(gate.workload, gate.metric, gate.server, gate.base)) for gate in RATIO_GATES
    ]


def gates_table(gates: Iterable[dict[str, Any]]) -> str:
    lines = ["| gate | measured | must hold | aim | |", "| --- | --- | --- | --- | --- |"]
    for gate in gates:
        sign = "≤" if gate["is_ceiling"] else "≥"
        value = "not measured" if gate["value"] is None else f"{gate['value']:.2f}"
        verdict = "aim" if gate["reaches_aim"] else "holds" if gate["passes"] else "**FAILS**"
        lines.append(f"| {gate['gate']} | {value} | {sign} {gate['must']:g} | {sign} {gate['aim']:g} | {verdict} |")
    return "\n".join(lines)
