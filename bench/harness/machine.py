"""The machine under the bench: its cores, its clocks, and the facts a reader needs to judge a result."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent


class BenchError(Exception):
    """Something the person running the bench has to put right; the text says what."""


def choose_cores(wanted: str | None) -> tuple[int, int]:
    """The cores of the servers and of the generator."""
    usable = sorted(os.sched_getaffinity(0))
    if wanted is None:
        if len(usable) < 2:
            raise BenchError("two cores are needed: one for the servers, one for the generator")
        return usable[0], usable[1]
    try:
        server, generator = (int(part) for part in wanted.split(","))
    except ValueError:
        raise BenchError(f"--cores {wanted}: expected two core numbers, like 0,1") from None
    if server == generator or not {server, generator} <= set(usable):
        raise BenchError(f"--cores {wanted}: expected two different cores of {usable}")
    return server, generator


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process, those that have ended included, in the scheduler's nanoseconds.

    This is the process's CPU clock, named as clock_getcpuclockid(3) names it. Summing /proc/PID/task/*/schedstat
    gives the same number until a thread ends: its time would be lost with its folder.
    """
    scheduler_clock = 2
    return time.clock_gettime_ns((~pid << 3) | scheduler_clock) / 1e9


def shares_file(pid: int, suffix: str) -> bool:
    """Whether a process has a file of such a name in its memory so that what it writes there gets into the file."""
    lines = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    return any(line.endswith(suffix) and line.split()[1].endswith("s") for line in lines)


def stolen_seconds() -> float:
    """CPU time the hypervisor gave to others, summed over all cores, since boot."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def first_line_of(*command: str) -> str:
    """The first line a command prints, or why there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({type(error).__name__})"
    lines = done.stdout.splitlines()
    return lines[0].strip() if lines else "unknown"


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def commit(folder: Path) -> str:
    """The short commit, with `-dirty` behind it when tracked files differ from it; the page of results may."""
    git = ["git", "-C", str(folder)]
    name = first_line_of(*git, "rev-parse", "--short", "HEAD")
    if name.startswith("unknown"):
        return "uncommitted"
    but_for_results = ["--", ":/", ":(exclude,top)bench/README.md"]
    changed = first_line_of(*git, "status", "--porcelain", "--untracked-files=no", *but_for_results)
    return f"{name}-dirty" if changed and not changed.startswith("unknown") else name


def describe(compiler: str, tollgate: Path | None) -> dict[str, str]:
    facts = {
        "cpu": cpu_model(),
        "cores": str(os.cpu_count()),
        "kernel": f"{platform.system()} {platform.release()}",
        "redis": first_line_of("redis-server", "--version"),
        "compiler": first_line_of(compiler, "--version"),
        "python": platform.python_version(),
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
    }
    if tollgate is not None:
        facts["tollgate"] = first_line_of(str(tollgate), "version")
    return facts
