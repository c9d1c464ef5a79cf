#!/usr/bin/env python3
"""Measures tollgate's leased decision against a C echo floor and against Redis asked directly.

All servers are started at once, pinned to one core and frozen but for the one under load. Each round measures every
server on every workload, in shuffled order; what is reported are medians, and medians of ratios within a round.
Exit status: 0 done; 1 a gate failed (with --gate); 2 the run could not be made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness import report
from harness.keep import keep, write_readme
from harness.machine import BENCH, BenchError, shares_file
from harness.measure import WORKLOADS, Effort, measure, second_opinion
from harness.servers import SERVERS, TOLLGATE_ROWS, Server, ServerRack
from harness.session import Session, run_to_exit, session

GATE_ROUNDS = 7


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tollgate", type=Path, default=BENCH.parent / ".build" / "release" / "tollgate",
                        help="the binary to measure (default: .build/release/tollgate)")  # fmt: skip
    parser.add_argument("--servers", default=",".join(SERVERS), help="which rows to measure (default: all)")
    parser.add_argument("--rounds", type=int, default=GATE_ROUNDS, help="rounds (default: 7)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement (default: 2)")
    parser.add_argument("--warmup", type=float, default=1.5, help="load before it, not counted (default: 1.5)")
    parser.add_argument("--keys", type=int, default=1000, help="tenants, and keys of the peers (default: 1000)")
    parser.add_argument("--cores", help="servers' and generator's core, like 0,1 (default: the first two usable)")
    parser.add_argument("--seed", type=int, help="of the order and of the keys (default: a new one)")
    parser.add_argument("--strangers", action="store_true",
                        help="no tenant records: each tenant falls to default_plan")  # fmt: skip
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a gate does not hold")
    parser.add_argument("--smoke", action="store_true",
                        help="one tiny round that only shows that the bench works; keeps no results")  # fmt: skip
    parser.add_argument("--write-readme", action="store_true", help="put the table into README.md as well")
    parser.add_argument("--results", type=Path, default=BENCH / "results", help="where results are kept")
    arguments = parser.parse_args()
    arguments.servers = [name for name in SERVERS if name in arguments.servers.split(",")]
    if not arguments.servers:
        parser.error(f"--servers: expected some of {','.join(SERVERS)}")
    if arguments.smoke and (arguments.gate or arguments.write_readme):
        parser.error("--smoke measures nothing that --gate or --write-readme could use")
    if arguments.gate and arguments.rounds < GATE_ROUNDS:
        parser.error(f"--gate needs at least {GATE_ROUNDS} rounds")
    if not (1 <= arguments.rounds <= 1000 and 0 < arguments.seconds <= 60 and 0 <= arguments.warmup <= 60):
        parser.error("expected 1 to 1000 rounds, and seconds above 0 and up to 60")
    if not 1 <= arguments.keys <= 1_000_000:
        parser.error("--keys: expected 1 to 1000000")
    return arguments


def effort_of(arguments: argparse.Namespace) -> Effort:
    if arguments.smoke:
        return Effort(rounds=1, seconds=0.1, warmup=0.1, keys=min(arguments.keys, 50), second_opinion_requests=500)
    return Effort(arguments.rounds, arguments.seconds, arguments.warmup, arguments.keys, 100_000)


def run_rounds(run: Session, servers: list[Server], effort: Effort) -> list[dict[str, Any]]:
    """Within a workload the servers follow each other at once, so that a ratio compares neighbours in time."""
    cells = []
    processes, chance = run.rack.processes, run.chance
    for number in range(effort.rounds):
        for workload in chance.sample(WORKLOADS, len(WORKLOADS)):
            for server in chance.sample(servers, len(servers)):
                processes.freeze_all_but(server.pids.values())
                try:
                    cell = measure(server, workload, effort, run.rack.cores, chance.getrandbits(63))
                except BenchError:
                    processes.check_all_alive()  # A server that died explains more than what its client saw.
                    raise
                opinion = second_opinion(server, workload, effort, run.rack.cores)
                processes.check_all_alive()
                cells.append({"round": number, "workload": workload.name, "server": server.name, **cell,
                              "second_opinion": opinion})  # fmt: skip
        print(f"round {number + 1} of {effort.rounds}", file=sys.stderr)
    return cells


def start_servers(rack: ServerRack, arguments: argparse.Namespace, effort: Effort) -> list[Server]:
    """In the table's order, without the row on private memory if the binary has no such thing: it would compare a
    server with itself."""
    servers = [rack.start(name, arguments.tollgate, effort.keys, arguments.strangers) for name in arguments.servers]
    is_mapped = {server.name: shares_file(next(iter(server.pids.values())), ".tgl") for server in servers}
    if is_mapped.get("tollgate-private", False) or not is_mapped.get("tollgate", True):
        print("bench: no row for private memory: both ledgers would be the same", file=sys.stderr)
        servers = [server for server in servers if server.name != "tollgate-private"]
    return servers


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Builds, starts, measures and stops everything; returns all there is to report."""
    effort = effort_of(arguments)
    needs_tollgate = any(row.name in arguments.servers for row in TOLLGATE_ROWS)
    binary = arguments.tollgate if needs_tollgate else None
    with session("bench/run.py", binary, arguments.cores, arguments.seed) as under_way:
        servers = start_servers(under_way.rack, arguments, effort)
        cells = run_rounds(under_way, servers, effort)
    return {
        **under_way.facts,
        "effort": asdict(effort),
        "tenants": "strangers" if arguments.strangers else "records",
        "servers": {server.name: server.label for server in servers},
        "gates": report.check_gates(cells) if needs_tollgate else [],
        "cells": cells,
    }


def main() -> int:
    arguments = parse_arguments()
    result = run(arguments)
    text = report.markdown(result)
    if arguments.smoke:
        with tempfile.TemporaryDirectory() as folder:
            keep(result, text, Path(folder))
        print("bench: all parts of the table work")
        return 0
    page = keep(result, text, arguments.results)
    if arguments.write_readme:
        write_readme("the table", text)
    print(text)
    print(f"kept: {page}")
    return 0 if not arguments.gate or all(gate["passes"] for gate in result["gates"]) else 1


if __name__ == "__main__":
    sys.exit(run_to_exit(main))
