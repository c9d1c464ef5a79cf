#!/usr/bin/env python3
"""Measures what needs a set-up of its own: a far Redis, a frozen one, a crowd of tenants, what Redis is asked.

Exit status: 0 done; 1 a gate failed (with --gate); 2 a measure could not be made.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from harness import findings
from harness.machine import BENCH
from harness.report import machine_line
from harness.scenarios import crowd, distance, frozen, redis_commands
from harness.scenarios.setting import FULL, SMOKE, Setting
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


def main() -> int:
    arguments = parse_arguments()
    effort = dataclasses.replace(FULL, rounds=arguments.rounds, crowd=arguments.crowd)
    with session("bench/scenarios.py", arguments.tollgate, arguments.cores, None) as under_way:
        setting = Setting(under_way.rack, arguments.tollgate, SMOKE if arguments.smoke else effort)
        found, failures = findings.make(SCENARIOS, arguments.only, setting, under_way, "scenario")
    result = findings.result_of(under_way.facts, found, failures)
    text = findings.markdown(
        result,
        found,
        f"tollgate on core {result['cores']['server']}, each Redis (unless it is said) and the generator on core "
        f"{result['cores']['generator']} (a generator that measures latency: on tollgate's). Stolen by the hypervisor: "
        f"{result['steal_percent']:.1f} % of the run. {machine_line(result)}.",
    )
    return findings.finish(arguments, result, text, suffix="-scenarios", what="the scenarios", names="scenarios")


if __name__ == "__main__":
    sys.exit(run_to_exit(main))
