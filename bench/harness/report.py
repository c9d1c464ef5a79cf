"""From the cells of a run to what is shown: medians, same-round ratios, gates, a table and a JSON file."""

from __future__ import annotations

from itertools import combinations
from statistics import median
from typing import Any

from .gates import gates_table, judge_ratios
from .measure import WORKLOADS

Cells = list[dict[str, Any]]


def values(cells: Cells, workload: str, server: str, metric: str) -> dict[int, float]:
    """A metric by round, of the rounds that have it."""
    return {
        cell["round"]: cell[metric]
        for cell in cells
        if cell["workload"] == workload and cell["server"] == server and cell.get(metric) is not None
    }


def middle(cells: Cells, workload: str, server: str, metric: str) -> float | None:
    found = values(cells, workload, server, metric)
    return median(found.values()) if found else None


def ratio(cells: Cells, workload: str, metric: str, server: str, base: str) -> float | None:
    """The median of the ratios within each round: what slows a whole round down cancels out."""
    upper, lower = values(cells, workload, server, metric), values(cells, workload, base, metric)
    found = [upper[number] / lower[number] for number in upper.keys() & lower.keys() if lower[number] > 0]
    return median(found) if found else None


def check_gates(cells: Cells) -> list[dict[str, Any]]:
    return judge_ratios(lambda workload, metric, server, base: ratio(cells, workload, metric, server, base))


def shown(value: float | None, pattern: str = "{:.2f}") -> str:
    return "–" if value is None else pattern.format(value)


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def medians_table(cells: Cells, labels: dict[str, str]) -> str:
    header = [
        "server",
        "c1: p50 / p99 µs",
        "c50: k/s",
        "c50 P16: k/s",
        "CPU µs per request: c1 / c50 / P16",
        "with its Redis",
        "decided by lease",
        "redis-benchmark c50 / P16: k/s",
    ]
    rows = []
    for name, label in labels.items():
        latency = [shown(middle(cells, "c1", name, metric), "{:.1f}") for metric in ("p50_us", "p99_us")]
        rates = [middle(cells, workload, name, "per_second") for workload in ("c50", "c50P16")]
        own = [middle(cells, workload.name, name, "cpu_own_us") for workload in WORKLOADS]
        total = [middle(cells, workload.name, name, "cpu_us") for workload in WORKLOADS]
        leased = middle(cells, "c50", name, "leased_share")
        second = [middle(cells, workload, name, "second_opinion") for workload in ("c50", "c50P16")]
        rows.append([label, " / ".join(latency), *(thousands(rate) for rate in rates),
                     " / ".join(shown(value) for value in own),
                     " / ".join(shown(value) for value in total) if own != total else "–",
                     shown(None if leased is None else 100 * leased, "{:.1f} %"),
                     " / ".join(thousands(rate) for rate in second)])  # fmt: skip
    return table(header, rows)


def thousands(rate: float | None) -> str:
    return shown(None if rate is None else rate / 1000, "{:.0f}")


def ratios_table(cells: Cells, labels: dict[str, str]) -> str:
    columns = (
        ("p50, c1", "c1", "p50_us"),
        ("throughput, c50", "c50", "per_second"),
        ("throughput, P16", "c50P16", "per_second"),
        ("CPU, c1", "c1", "cpu_own_us"),
        ("CPU, c50", "c50", "cpu_own_us"),
        ("CPU, P16", "c50P16", "cpu_own_us"),
        ("CPU with its Redis, c50", "c50", "cpu_us"),
    )
    rows = [
        [f"{labels[server]} / {labels[base]}"]
        + [shown(ratio(cells, workload, metric, server, base)) for _, workload, metric in columns]
        for base, server in combinations(labels, 2)
    ]
    return table(["same-round ratio", *(name for name, _, _ in columns)], rows)


def markdown(result: dict[str, Any]) -> str:
    """The whole report, without a heading of its own, so that it fits into a README as well."""
    cells, labels, effort = result["cells"], result["servers"], result["effort"]
    parts = [
        f"`{result['command']}` at {result['date']}, commit {result['commit']}: medians of {effort['rounds']} rounds, "
        f"{effort['seconds']} s a measurement, {effort['keys']} tenants or keys.",
        medians_table(cells, labels),
        ratios_table(cells, labels),
    ]
    if result["gates"]:
        parts.append(gates_table(result["gates"]))
    parts.append(
        f"Servers on core {result['cores']['server']}, generator on core {result['cores']['generator']} (with one "
        f"connection: both on the servers' core); tollgate's Redis on the generator's core, with `lease: off` on "
        f"tollgate's. Stolen by the hypervisor: {result['steal_percent']:.1f} % of the run. {machine_line(result)}."
    )
    return "\n\n".join(parts) + "\n"


def machine_line(result: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in result["machine"].items())
