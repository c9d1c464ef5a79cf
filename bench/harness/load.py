"""Runs the bench's own generator once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import BENCH, BenchError

# The generator bounds each wait for a reply itself; this is for one that hangs.
GRACE_SECONDS = 60


@dataclass(frozen=True)
class Load:
    """What the generator sends; its --help says what each of these does."""

    socket: Path
    template: str
    keys: int
    seconds: float
    connections: int = 1
    depth: int = 1
    warmup: float = 0
    rate: float = 0
    requests: int = 0
    seed: int = 1
    is_sequential: bool = False

    def command(self) -> list[str]:
        words = [
            str(BENCH / "bin" / "load"), "--step", "--socket", str(self.socket), "--template", self.template,
            "--connections", str(self.connections), "--depth", str(self.depth), "--keys", str(self.keys),
            "--seconds", str(self.seconds), "--warmup", str(self.warmup), "--rate", str(self.rate),
            "--seed", str(self.seed),
        ]  # fmt: skip
        words += ["--requests", str(self.requests)] if self.requests > 0 else []
        return words + (["--sequential"] if self.is_sequential else [])


def run_load(load: Load, core: int, where: str, around: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Runs it on a core. `around` is called right before the measured phase and right after it."""
    with subprocess.Popen(
        load.command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    ) as process:
        try:
            assert process.stdout is not None
            is_warm = process.stdout.readline() == "warm\n"
            around()
            out, errors = process.communicate("\n" if is_warm else "", load.seconds + GRACE_SECONDS)
            around()
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise BenchError(f"{where}: {errors.strip() or process.returncode}")
    result: dict[str, Any] = json.loads(out)
    return result


def check_replies(where: str, result: dict[str, Any], *, gives_verdicts: bool) -> None:
    """A reply that is an error or a refusal makes a measurement worthless."""
    if result["replies"] == 0:
        raise BenchError(f"{where}: no reply within the measured phase")
    if result["errors"] > 0:
        errors, replies = result["errors"], result["replies"]
        raise BenchError(f"{where}: {errors} of {replies} replies were errors: {result['first_error']}")
    if gives_verdicts and result["allowed"] != result["replies"]:
        refused = result["replies"] - result["allowed"]
        raise BenchError(f"{where}: {refused} of {result['replies']} replies did not allow the call")
