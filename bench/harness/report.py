"""From the cells of a run to what is shown: medians, same-round ratios, gates, a table and a JSON file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

from .machine import BenchError
from .measure import WORKLOADS

RESULTS_BEGIN = "<!-- results: run.py --write-readme replaces what is between these two lines -->"
RESULTS_END = "<!-- end of results -->"

Cells = list[dict[str, Any]]


@dataclass(frozen=True)
class Gate:
    """A bound on the median of a same-round ratio."""

    text: str
    workload: str
    metric: str
    server: str
    base: str
    at_most: float


GATES = (
    Gate("CPU per decision, tollgate and its Redis / direct EVALSHA, 50 connections",
         "c50", "cpu_us", "tollgate", "redis-evalsha", 1.6),
)  # fmt: skip


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
    """Each gate with its value; one whose servers were not both measured has none, and does not pass."""
    results = []
    for gate in GATES:
        value = ratio(cells, gate.workload, gate.metric, gate.server, gate.base)
        passes = value is not None and value <= gate.at_most
        results.append({"gate": gate.text, "value": value, "at_most": gate.at_most, "passes": passes})
    return results


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
        "redis-benchmark c50 / P16: k/s",
    ]
    rows = []
    for name, label in labels.items():
        latency = [shown(middle(cells, "c1", name, metric), "{:.1f}") for metric in ("p50_us", "p99_us")]
        rates = [middle(cells, workload, name, "per_second") for workload in ("c50", "c50P16")]
        cpu = [shown(middle(cells, workload.name, name, "cpu_us")) for workload in WORKLOADS]
        second = [middle(cells, workload, name, "second_opinion") for workload in ("c50", "c50P16")]
        rows.append([label, " / ".join(latency), *(thousands(rate) for rate in rates), " / ".join(cpu),
                     " / ".join(thousands(rate) for rate in second)])  # fmt: skip
    return table(header, rows)


def thousands(rate: float | None) -> str:
    return shown(None if rate is None else rate / 1000, "{:.0f}")


def ratios_table(cells: Cells, labels: dict[str, str]) -> str:
    columns = (
        ("p50, c1", "c1", "p50_us"),
        ("throughput, c50", "c50", "per_second"),
        ("throughput, P16", "c50P16", "per_second"),
        ("CPU, c1", "c1", "cpu_us"),
        ("CPU, c50", "c50", "cpu_us"),
        ("CPU, P16", "c50P16", "cpu_us"),
    )
    rows = [
        [f"{labels[server]} / {labels[base]}"]
        + [shown(ratio(cells, workload, metric, server, base)) for _, workload, metric in columns]
        for base, server in combinations(labels, 2)
    ]
    return table(["same-round ratio", *(name for name, _, _ in columns)], rows)


def split_table(cells: Cells) -> str:
    """tollgate's CPU time by process."""
    names = sorted({name for cell in cells if cell["server"] == "tollgate" for name in cell["cpu_us_by_process"]})
    rows = []
    for name in reversed(names):
        per_workload = []
        for workload in WORKLOADS:
            found = [
                cell["cpu_us_by_process"][name]
                for cell in cells
                if cell["server"] == "tollgate" and cell["workload"] == workload.name
            ]
            per_workload.append(shown(median(found) if found else None))
        rows.append([name, *per_workload])
    return table(["CPU µs per decision of", *(workload.name for workload in WORKLOADS)], rows)


def markdown(result: dict[str, Any]) -> str:
    """The whole report, without a heading of its own, so that it fits into a README as well."""
    cells, labels, effort = result["cells"], result["servers"], result["effort"]
    machine = "; ".join(f"{name}: {value}" for name, value in result["machine"].items())
    parts = [
        f"`{result['command']}` at {result['date']}, commit {result['commit']}: medians of {effort['rounds']} rounds, "
        f"{effort['seconds']} s a measurement, {effort['keys']} tenants or keys.",
        medians_table(cells, labels),
        ratios_table(cells, labels),
    ]
    if "tollgate" in labels:
        parts.append(split_table(cells))
    parts.append("\n".join("- " + gate_line(gate) for gate in result["gates"]))
    parts.append(
        f"Servers on core {result['cores']['server']}, generator on core {result['cores']['generator']} (with one "
        f"connection: both on the servers' core). Stolen by the hypervisor: {result['steal_percent']:.1f} % of the "
        f"run. {machine}."
    )
    return "\n\n".join(parts) + "\n"


def gate_line(gate: dict[str, Any]) -> str:
    if gate["value"] is None:
        return f"{gate['gate']}: not measured (at most {gate['at_most']:.2f})"
    verdict = "pass" if gate["passes"] else "FAIL"
    return f"{gate['gate']}: {gate['value']:.2f}, at most {gate['at_most']:.2f}: {verdict}"


def write_readme(readme: Path, text: str) -> None:
    """Puts the report between the README's two markers."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(RESULTS_BEGIN)
    _, end, after = rest.partition(RESULTS_END)
    if not begin or not end:
        raise BenchError(f"{readme.name} lacks the two lines that mark the place of the results")
    readme.write_text(f"{before}{RESULTS_BEGIN}\n\n{text}\n{RESULTS_END}{after}", encoding="utf-8")
