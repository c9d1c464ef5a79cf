"""What the programs have in common that make a few findings, each with a set-up of its own."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.gates import gates_table
from harness.keep import keep, write_readme
from harness.machine import BenchError
from harness.report import table
from harness.scenarios.setting import Finding
from harness.session import Session


def make(
    measures: dict[str, Callable[[Any], Finding]], only: list[str], setting: Any, under_way: Session, what: str
) -> tuple[list[Finding], list[str]]:
    """The findings, and what could not be measured."""
    findings, failures = [], []
    for name in only:
        print(f"{what} {name}", file=sys.stderr)
        try:
            findings.append(measures[name](setting))
        except BenchError as error:
            # The others can be measured all the same.
            failures.append(f"{name}: {error}")
        under_way.rack.processes.end_all()
    return findings, failures


def result_of(facts: dict[str, Any], findings: list[Finding], failures: list[str]) -> dict[str, Any]:
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    gates = [gate for finding in findings for gate in finding.gates]
    return {**facts, "gates": gates, "failures": failures, "findings": list(map(vars, findings))}


def markdown(result: dict[str, Any], findings: list[Finding], closing: str) -> str:
    parts = [f"`{result['command']}` at {result['date']}, commit {result['commit']}:", gates_table(result["gates"])]
    for finding in findings:
        rows = [[name, value] for name, value in finding.numbers.items()]
        parts += [f"**{finding.title}.** {finding.how}", table(["", "measured"], rows)]
    parts += [f"- not measured: {failure}" for failure in result["failures"]]
    return "\n\n".join([*parts, closing]) + "\n"


def finish(
    arguments: argparse.Namespace, result: dict[str, Any], text: str, *, suffix: str, what: str, names: str
) -> int:
    """Keeps and shows the findings of `what`; of a smoke run only whether all `names` could be made. Returns the exit
    status."""
    if arguments.smoke:
        with tempfile.TemporaryDirectory() as folder:
            keep(result, text, Path(folder))
        print(f"bench: all {names} work" if not result["failures"] else text)
        return 2 if result["failures"] else 0
    page = keep(result, text, arguments.results, suffix)
    if arguments.write_readme:
        write_readme(what, text)
    print(text)
    print(f"kept: {page}")
    if result["failures"]:
        return 2
    return 0 if not arguments.gate or all(gate["passes"] for gate in result["gates"]) else 1
