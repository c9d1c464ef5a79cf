"""One measurement of the table: the generator against a server, whose CPU clocks are read around the measured phase."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from .load import Load, check_replies, run_load
from .machine import cpu_seconds
from .servers import Cores, Server
from .unix_clients import info

SECOND_OPINION_SECONDS = 20


@dataclass(frozen=True)
class Workload:
    name: str
    label: str
    connections: int
    depth: int
    shares_core: bool  # the generator runs on the servers' core


WORKLOADS = (
    Workload("c1", "1 connection", 1, 1, True),
    Workload("c50", "50 connections", 50, 1, False),
    Workload("c50P16", "50 connections, pipelines of 16", 50, 16, False),
)


@dataclass(frozen=True)
class Effort:
    """How much of everything: chosen once for a run."""

    rounds: int
    seconds: float
    warmup: float
    keys: int
    second_opinion_requests: int


def core_of_generator(cores: Cores, workload: Workload) -> int:
    return cores.server if workload.shares_core else cores.generator


def measure(server: Server, workload: Workload, effort: Effort, cores: Cores, seed: int) -> dict[str, Any]:
    """One cell of the table. `cpu_own_us` is the server's own; `cpu_us` has with it what works for it, its Redis."""
    where = f"{server.name}, {workload.name}"
    clocks: list[dict[str, float]] = []
    decided: list[dict[str, int]] = []

    def read_clocks() -> None:
        # INFO costs the server something: outside of what is measured.
        if not clocks:
            decided.append(read_decided(server))
        clocks.append({name: cpu_seconds(pid) for name, pid in server.pids.items()})
        if len(clocks) == 2:
            decided.append(read_decided(server))

    load = Load(
        server.socket, server.template, effort.keys, effort.seconds, workload.connections, workload.depth,
        effort.warmup, seed=seed,
    )  # fmt: skip
    cell = run_load(load, core_of_generator(cores, workload), where, read_clocks)
    check_replies(where, cell, gives_verdicts=server.gives_verdicts)
    before, after = clocks
    cpu = {name: (after[name] - before[name]) / cell["replies"] * 1e6 for name in after}
    cell["cpu_us_by_process"] = cpu
    cell["cpu_us"] = sum(cpu.values())
    cell["cpu_own_us"] = next(iter(cpu.values()))
    cell["server_busy"] = cell["cpu_own_us"] * cell["per_second"] / 1e6
    cell["generator_busy"] = cell["generator_cpu_seconds"] / cell["seconds"]
    cell["leased_share"] = leased_share(*decided)
    return cell


def read_decided(server: Server) -> dict[str, int]:
    """How many decisions were made by whom."""
    if not server.is_tollgate:
        return {}
    found = info(server.socket)
    return {name: int(value) for name, value in found.items() if name.startswith("decided_by_")}


def leased_share(before: dict[str, int], after: dict[str, int]) -> float | None:
    """The part of the decisions in between that were made from leases."""
    made = {name: after[name] - before.get(name, 0) for name in after}
    total = sum(made.values())
    return made.get("decided_by_lease", 0) / total if total > 0 else None


def second_opinion(server: Server, workload: Workload, effort: Effort, cores: Cores) -> float | None:
    """Replies per second as redis-benchmark sees them, where it is installed and the workload has a core for it.

    Nothing hangs on it, so its failure is told and leaves a gap in the table.
    """
    if shutil.which("redis-benchmark") is None or workload.shares_core:
        return None
    words = server.template.replace("{k}", "__rand_int__").split(" ")
    command = [
        "redis-benchmark", "-s", str(server.socket), "-c", str(workload.connections), "-P", str(workload.depth),
        "-n", str(effort.second_opinion_requests), "-r", str(effort.keys), "--csv", *words,
    ]  # fmt: skip
    core = core_of_generator(cores, workload)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECOND_OPINION_SECONDS,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        rows = list(csv.DictReader(done.stdout.splitlines()))
        return float(rows[-1]["rps"])
    except (subprocess.SubprocessError, LookupError, ValueError) as error:
        print(f"bench: redis-benchmark against {server.name}, {workload.name}: {error}", file=sys.stderr)
        return None
