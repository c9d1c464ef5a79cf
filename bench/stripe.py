#!/usr/bin/env python3
"""Measures sending to Stripe: how fast and at what cost, with how much memory, and what the gate notices of it.

Stripe is the stripe-sandbox on this machine.
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
from harness.scenarios.setting import Finding
from harness.session import run_to_exit, session
from harness.stripe import interference, memory, sending
from harness.stripe.setting import FULL, SMOKE, Setting

MEASURES = {"sending": sending.run, "memory": memory.run, "gate": interference.run}
BUILT = BENCH.parent / ".build" / "release"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tollgate", type=Path, default=BUILT / "tollgate",
                        help="the binary to measure (default: .build/release/tollgate)")  # fmt: skip
    parser.add_argument("--sandbox", type=Path, default=BUILT / "stripe-sandbox",
                        help="what it sends to (default: .build/release/stripe-sandbox)")  # fmt: skip
    parser.add_argument("--only", default=",".join(MEASURES), help=f"some of {','.join(MEASURES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=FULL.rounds, help=f"rounds (default: {FULL.rounds})")
    parser.add_argument("--owed", type=int, default=FULL.held,
                        help=f"owed hours while the memory is measured (default: {FULL.held})")  # fmt: skip
    parser.add_argument("--cores", help="the daemon's core and the others', like 0,1 (default: the first two)")
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a gate does not hold")
    parser.add_argument("--smoke", action="store_true", help="as small as it gets; keeps no results")
    parser.add_argument("--write-readme", action="store_true", help="put the findings into README.md as well")
    parser.add_argument("--results", type=Path, default=BENCH / "results", help="where results are kept")
    arguments = parser.parse_args()
    arguments.only = [name for name in MEASURES if name in arguments.only.split(",")]
    if not arguments.only:
        parser.error(f"--only: expected some of {','.join(MEASURES)}")
    if not (1 <= arguments.rounds <= 100 and 1000 <= arguments.owed <= 5_000_000):
        parser.error("expected 1 to 100 rounds, and 1000 to 5000000 owed hours")
    return arguments


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[Finding]]:
    effort = SMOKE if arguments.smoke else dataclasses.replace(FULL, rounds=arguments.rounds, held=arguments.owed)
    findings, failures = [], []
    with session("bench/stripe.py", arguments.tollgate, arguments.cores, None) as under_way:
        if not arguments.sandbox.is_file():
            raise BenchError(f"{arguments.sandbox} is missing: `swift build -c release` makes it")
        setting = Setting(under_way.rack, arguments.tollgate, arguments.sandbox, effort)
        for name in arguments.only:
            print(f"measure {name}", file=sys.stderr)
            try:
                findings.append(MEASURES[name](setting))
            except BenchError as error:
                # The others can be made all the same.
                failures.append(f"{name}: {error}")
            under_way.rack.processes.end_all()
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    gates = [gate for finding in findings for gate in finding.gates]
    result = {**under_way.facts, "effort": dataclasses.asdict(effort), "gates": gates, "failures": failures,
              "findings": list(map(vars, findings))}  # fmt: skip
    return result, findings


def markdown(result: dict[str, Any], findings: list[Finding]) -> str:
    parts = [f"`{result['command']}` at {result['date']}, commit {result['commit']}:", gates_table(result["gates"])]
    for finding in findings:
        rows = [[name, value] for name, value in finding.numbers.items()]
        parts += [f"**{finding.title}.** {finding.how}", table(["", "measured"], rows)]
    parts += [f"- not measured: {failure}" for failure in result["failures"]]
    parts.append(
        f"The daemon (unless it is said) on core {result['cores']['server']}, Redis and the sandbox on core "
        f"{result['cores']['generator']}; {result['effort']['rounds']} rounds, of which the medians are shown. Stolen "
        f"by the hypervisor: {result['steal_percent']:.1f} % of the run. {machine_line(result)}."
    )
    return "\n\n".join(parts) + "\n"


def main() -> int:
    arguments = parse_arguments()
    result, findings = run(arguments)
    text = markdown(result, findings)
    if arguments.smoke:
        with tempfile.TemporaryDirectory() as folder:
            keep(result, text, Path(folder))
        print("bench: all measures of the Stripe leg work" if not result["failures"] else text)
        return 2 if result["failures"] else 0
    page = keep(result, text, arguments.results, "-stripe")
    if arguments.write_readme:
        write_readme("the Stripe leg", text)
    print(text)
    print(f"kept: {page}")
    if result["failures"]:
        return 2
    return 0 if not arguments.gate or all(gate["passes"] for gate in result["gates"]) else 1


if __name__ == "__main__":
    sys.exit(run_to_exit(main))
