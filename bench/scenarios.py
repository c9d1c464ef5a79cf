#!/usr/bin/env python3
"""Measures what needs a set-up of its own: a far Redis, a frozen one, a crowd of tenants, what Redis is asked.

Exit status: 0 done; 1 a gate failed (with --gate); 2 a measure could not be made.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness.gates import gates_table
from harness.keep import keep, write_readme
from harness.machine import BENCH, BenchError
from harness.report import machine_line, table
from harness.scenarios import crowd, distance, frozen, redis_commands
from harness.scenarios.setting import FULL, SMOKE, Finding, Setting
from harness.session import run_to_exit, session

SCENARIOS = {
    "commands": redis_commands.run,
    "distance": distance.run,
    "frozen": frozen.run,
    "crowd": crowd.run,
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tollgate", type=Path, default=BENCH.parent / ".build" / "release" / "tollgate",
                        help="the binary to measure (default: .build/release/tollgate)")  # fmt: skip
    parser.add_argument("--only", default=",".join(SCENARIOS), help=f"some of {','.join(SCENARIOS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=FULL.rounds, help=f"rounds (default: {FULL.rounds})")
    parser.add_argument("--crowd", type=int, default=FULL.crowd, help=f"its tenants (default: {FULL.crowd})")
    parser.add_argument("--cores", help="servers' and generator's core, like 0,1 (default: the first two usable)")
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a gate does not hold")
    parser.add_argument("--smoke", action="store_true", help="as small as it gets; keeps no results")
    parser.add_argument("--write-readme", action="store_true", help="put the findings into README.md as well")
    parser.add_argument("--results", type=Path, default=BENCH / "results", help="where results are kept")
    arguments = parser.parse_args()
    arguments.only = [name for name in SCENARIOS if name in arguments.only.split(",")]
    if not arguments.only:
        parser.error(f"--only: expected some of {','.join(SCENARIOS)}")
    if not (1 <= arguments.rounds <= 100 and 1 <= arguments.crowd <= 2_000_000):
        parser.error("expected 1 to 100 rounds, and a crowd of up to 2000000")
    return arguments


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[Finding]]:
    effort = dataclasses.replace(FULL, rounds=arguments.rounds, crowd=arguments.crowd)
    findings, failures = [], []
    with session("bench/scenarios.py", arguments.tollgate, arguments.cores, None) as under_way:
        setting = Setting(under_way.rack, arguments.tollgate, SMOKE if arguments.smoke else effort)
        for name in arguments.only:
            print(f"scenario {name}", file=sys.stderr)
            try:
                findings.append(SCENARIOS[name](setting))
            except BenchError as error:
                # The others can be measured all the same.
                failures.append(f"{name}: {error}")
            under_way.rack.processes.end_all()
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    gates = [gate for finding in findings for gate in finding.gates]
    result = {**under_way.facts, "gates": gates, "failures": failures, "findings": list(map(vars, findings))}
    return result, findings


def markdown(result: dict[str, Any], findings: list[Finding]) -> str:
    parts = [f"`{result['command']}` at {result['date']}, commit {result['commit']}:", gates_table(result["gates"])]
    for finding in findings:
        rows = [[name, value] for name, value in finding.numbers.items()]
        parts += [f"**{finding.title}.** {finding.how}", table(["", "measured"], rows)]
    parts += [f"- not measured: {failure}" for failure in result["failures"]]
    parts.append(
        f"tollgate on core {result['cores']['server']}, each Redis (unless it is said) and the generator on core "
        f"{result['cores']['generator']} (a generator that measures latency: on tollgate's). Stolen by the hypervisor: "
        f"{result['steal_percent']:.1f} % of the run. {machine_line(result)}."
    )
    return "\n\n".join(parts) + "\n"


def main() -> int:
    arguments = parse_arguments()
    result, findings = run(arguments)
    text = markdown(result, findings)
    if arguments.smoke:
        with tempfile.TemporaryDirectory() as folder:
            keep(result, text, Path(folder))
        print("bench: all scenarios work" if not result["failures"] else text)
        return 2 if result["failures"] else 0
    page = keep(result, text, arguments.results, "-scenarios")
    if arguments.write_readme:
        write_readme("the scenarios", text)
    print(text)
    print(f"kept: {page}")
    if result["failures"]:
        return 2
    return 0 if not arguments.gate or all(gate["passes"] for gate in result["gates"]) else 1


if __name__ == "__main__":
    sys.exit(run_to_exit(main))
