#!/usr/bin/env python3
"""Measures sending to Stripe: how fast and at what cost, with how much memory, and what the gate notices of it.

Stripe is the stripe-sandbox on this machine.
Exit status: 0 done; 1 a gate failed (with --gate); 2 a measure could not be made.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from harness import findings
from harness.machine import BENCH, BenchError
from harness.report import machine_line
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


def main() -> int:
    arguments = parse_arguments()
    effort = SMOKE if arguments.smoke else dataclasses.replace(FULL, rounds=arguments.rounds, held=arguments.owed)
    with session("bench/stripe.py", arguments.tollgate, arguments.cores, None) as under_way:
        if not arguments.sandbox.is_file():
            raise BenchError(f"{arguments.sandbox} is missing: `swift build -c release` makes it")
        setting = Setting(under_way.rack, arguments.tollgate, arguments.sandbox, effort)
        found, failures = findings.make(MEASURES, arguments.only, setting, under_way, "measure")
    result = findings.result_of({**under_way.facts, "effort": dataclasses.asdict(effort)}, found, failures)
    text = findings.markdown(
        result,
        found,
        f"The daemon (unless it is said) on core {result['cores']['server']}, Redis and the sandbox on core "
        f"{result['cores']['generator']}; {result['effort']['rounds']} rounds, of which the medians are shown. Stolen "
        f"by the hypervisor: {result['steal_percent']:.1f} % of the run. {machine_line(result)}.",
    )
    return findings.finish(
        arguments, result, text, suffix="-stripe", what="the Stripe leg", names="measures of the Stripe leg"
    )


if __name__ == "__main__":
    sys.exit(run_to_exit(main))
