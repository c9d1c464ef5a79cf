"""One measurement: a generator against a server, with the server's CPU clocks read around the measured phase."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from .machine import BenchError, cpu_seconds
from .servers import BENCH, Server

# The generator bounds each wait for a reply itself; this is for one that hangs.
GRACE_SECONDS = 60
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


@dataclass(frozen=True)
class Cores:
    server: int
    generator: int

    def of_generator(self, workload: Workload) -> int:
        return self.server if workload.shares_core else self.generator


def measure(server: Server, workload: Workload, effort: Effort, cores: Cores, seed: int) -> dict[str, Any]:
    """Runs the bench's own generator once; a reply that is an error or a refusal makes the run worthless."""
    core = cores.of_generator(workload)
    command = [
        str(BENCH / "bin" / "load"), "--step", "--socket", str(server.socket), "--template", server.template,
        "--connections", str(workload.connections), "--depth", str(workload.depth), "--keys", str(effort.keys),
        "--seconds", str(effort.seconds), "--warmup", str(effort.warmup), "--seed", str(seed),
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    ) as process:
        try:
            assert process.stdout is not None
            is_warm = process.stdout.readline() == "warm\n"
            before = {name: cpu_seconds(pid) for name, pid in server.pids.items()}
            out, errors = process.communicate("\n" if is_warm else "", effort.seconds + GRACE_SECONDS)
            after = {name: cpu_seconds(pid) for name, pid in server.pids.items()}
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise BenchError(f"{server.name}, {workload.name}: {errors.strip() or process.returncode}")
    cell: dict[str, Any] = json.loads(out)
    check(server, workload, cell)
    cpu = {name: (after[name] - before[name]) / cell["replies"] * 1e6 for name in after}
    cell["cpu_us_by_process"] = cpu
    cell["cpu_us"] = sum(cpu.values())
    cell["server_busy"] = cell["cpu_us"] * cell["per_second"] / 1e6
    cell["generator_busy"] = cell["generator_cpu_seconds"] / cell["seconds"]
    return cell


def check(server: Server, workload: Workload, cell: dict[str, Any]) -> None:
    where = f"{server.name}, {workload.name}"
    if cell["replies"] == 0:
        raise BenchError(f"{where}: no reply within the measured phase")
    if cell["errors"] > 0:
        raise BenchError(f"{where}: {cell['errors']} of {cell['replies']} replies were errors: {cell['first_error']}")
    if server.gives_verdicts and cell["allowed"] != cell["replies"]:
        refused = cell["replies"] - cell["allowed"]
        raise BenchError(f"{where}: {refused} of {cell['replies']} replies did not allow the call")


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
    core = cores.of_generator(workload)
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
