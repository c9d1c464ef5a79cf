"""What both programs of the bench do around their measurements: build, pin, start, stop, and tell where it was."""

from __future__ import annotations

import datetime
import os
import random
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from .machine import BENCH, BenchError, choose_cores, commit, describe, stolen_seconds
from .servers import Cores, ServerRack
from .tools import build_tools, find_compiler


@dataclass
class Session:
    """A run under way. `facts` become part of its result when it ends."""

    rack: ServerRack
    chance: random.Random
    facts: dict[str, Any]


@contextmanager
def session(program: str, tollgate: Path | None, cores: str | None, seed: int | None) -> Iterator[Session]:
    """Everything it starts ends with it. `tollgate` is the binary, None when the run has no use for it."""
    if shutil.which("redis-server") is None:
        raise BenchError("redis-server is not installed (Debian: apt install redis-server)")
    if tollgate is not None and not tollgate.is_file():
        raise BenchError(f"{tollgate} is missing: `swift build -c release` makes it")
    compiler = find_compiler()
    build_tools(compiler)
    chosen = Cores(*choose_cores(cores))
    seed = seed if seed is not None else random.SystemRandom().getrandbits(32)
    facts: dict[str, Any] = {
        "command": shlex.join([program, *sys.argv[1:]]),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(BENCH),
        "machine": describe(compiler, tollgate),
        "cores": asdict(chosen),
        "seed": seed,
    }
    os.sched_setaffinity(0, {chosen.generator})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tollgate-bench-")))
        rack = ServerRack(stack, folder, chosen)
        started, stolen = time.monotonic(), stolen_seconds()
        yield Session(rack, random.Random(seed), facts)
        share = (stolen_seconds() - stolen) / (time.monotonic() - started) / (os.cpu_count() or 1)
        facts["steal_percent"] = 100 * share


def end_on_signal(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def run_to_exit(run: Callable[[], int]) -> int:
    """Runs a program of the bench to its exit status, its servers ended whoever stops it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_on_signal)
    try:
        return run()
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
