#!/usr/bin/env python3
"""Measures tollgate's strict path against a C echo floor and against Redis asked directly.

All servers run side by side, pinned to one core and idle but for the one under load. Each round measures every
server on every workload, in shuffled order; what is reported are medians, and medians of ratios within a round.
Exit status: 0 done; 1 a gate failed (with --gate); 2 the run could not be made.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from harness import report
from harness.machine import BenchError, choose_cores, commit, describe, stolen_seconds
from harness.measure import WORKLOADS, Cores, Effort, measure, second_opinion
from harness.servers import BENCH, Server, ServerRack

SERVERS = ("floor", "redis-incr", "redis-evalsha", "tollgate")
GATE_ROUNDS = 7
COMPILER_FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tollgate", type=Path, default=BENCH.parent / ".build" / "release" / "tollgate",
                        help="the binary to measure (default: .build/release/tollgate)")  # fmt: skip
    parser.add_argument("--servers", default=",".join(SERVERS), help="which rows to measure (default: all)")
    parser.add_argument("--rounds", type=int, default=9, help="rounds (default: 9)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement (default: 2)")
    parser.add_argument("--warmup", type=float, default=0.5, help="load before it, not counted (default: 0.5)")
    parser.add_argument("--keys", type=int, default=10_000, help="tenants, and keys of the peers (default: 10000)")
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
        return Effort(rounds=1, seconds=0.1, warmup=0.05, keys=min(arguments.keys, 100), second_opinion_requests=500)
    return Effort(arguments.rounds, arguments.seconds, arguments.warmup, arguments.keys, 100_000)


def find_compiler() -> str:
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return name
    raise BenchError("no C compiler: install gcc or clang, or name one in CC")


def build_tools(compiler: str) -> None:
    binaries = BENCH / "bin"
    binaries.mkdir(exist_ok=True)
    for tool in ("load", "floor"):
        sources = sorted(str(path) for path in (BENCH / tool).glob("*.c"))
        command = [compiler, *COMPILER_FLAGS, *sources, "-o", str(binaries / tool)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{shlex.join(command)}:\n{done.stderr}")


def start_servers(rack: ServerRack, arguments: argparse.Namespace, effort: Effort) -> list[Server]:
    starters = {
        "floor": rack.start_floor,
        "redis-incr": rack.start_redis_incr,
        "redis-evalsha": rack.start_redis_evalsha,
        "tollgate": lambda: rack.start_tollgate(arguments.tollgate, effort.keys, arguments.strangers),
    }
    return [starters[name]() for name in arguments.servers]


def run_rounds(
    rack: ServerRack, servers: list[Server], effort: Effort, cores: Cores, chance: random.Random
) -> list[dict[str, Any]]:
    """Within a workload the servers follow each other at once, so that a ratio compares neighbours in time."""
    cells = []
    for number in range(effort.rounds):
        for workload in chance.sample(WORKLOADS, len(WORKLOADS)):
            for server in chance.sample(servers, len(servers)):
                try:
                    cell = measure(server, workload, effort, cores, chance.getrandbits(63))
                except BenchError:
                    rack.check_all_alive()  # A server that died explains more than what its client saw.
                    raise
                opinion = second_opinion(server, workload, effort, cores)
                rack.check_all_alive()
                cells.append({"round": number, "workload": workload.name, "server": server.name, **cell,
                              "second_opinion": opinion})  # fmt: skip
        print(f"round {number + 1} of {effort.rounds}", file=sys.stderr)
    return cells


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Builds, starts, measures and stops everything; returns all there is to report."""
    if shutil.which("redis-server") is None:
        raise BenchError("redis-server is not installed (Debian: apt install redis-server)")
    measures_tollgate = "tollgate" in arguments.servers
    if measures_tollgate and not arguments.tollgate.is_file():
        raise BenchError(f"{arguments.tollgate} is missing: `swift build -c release` makes it")
    compiler = find_compiler()
    build_tools(compiler)
    effort = effort_of(arguments)
    cores = Cores(*choose_cores(arguments.cores))
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().getrandbits(32)
    machine = describe(compiler, arguments.tollgate if measures_tollgate else None)
    date = datetime.datetime.now(datetime.UTC)
    os.sched_setaffinity(0, {cores.generator})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tollgate-bench-")))
        rack = ServerRack(stack, folder, cores.server)
        servers = start_servers(rack, arguments, effort)
        started, stolen = time.monotonic(), stolen_seconds()
        cells = run_rounds(rack, servers, effort, cores, random.Random(seed))
        stolen_share = (stolen_seconds() - stolen) / (time.monotonic() - started) / (os.cpu_count() or 1)
    return {
        "command": shlex.join(["bench/run.py", *sys.argv[1:]]),
        "date": date.strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(BENCH),
        "machine": machine,
        "cores": asdict(cores),
        "seed": seed,
        "effort": asdict(effort),
        "tenants": "strangers" if arguments.strangers else "records",
        "steal_percent": 100 * stolen_share,
        "servers": {server.name: server.label for server in servers},
        "gates": report.check_gates(cells),
        "cells": cells,
    }


def keep(result: dict[str, Any], folder: Path) -> Path:
    """Writes the two result files; returns the readable one."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['date'][:10]}-{result['commit']}"
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = folder / f"{name}.md"
    page.write_text(f"# {name}\n\n{report.markdown(result)}", encoding="utf-8")
    return page


def end_on_signal(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def main() -> int:
    arguments = parse_arguments()
    # So that the servers end with the run, whoever stops it.
    signal.signal(signal.SIGTERM, end_on_signal)
    try:
        result = run(arguments)
        text = report.markdown(result)
        if arguments.smoke:
            with tempfile.TemporaryDirectory() as folder:
                keep(result, Path(folder))
                readme = Path(shutil.copy(BENCH / "README.md", folder))
                report.write_readme(readme, text)
            print("bench: all parts work")
            return 0
        page = keep(result, arguments.results)
        if arguments.write_readme:
            report.write_readme(BENCH / "README.md", text)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(text)
    print(f"kept: {page}")
    return 0 if not arguments.gate or all(gate["passes"] for gate in result["gates"]) else 1


if __name__ == "__main__":
    sys.exit(main())
