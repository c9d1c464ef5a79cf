"""The bench's own programs, in C."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

from .machine import BENCH, BenchError

COMPILER_FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE")
TOOLS = ("load", "floor", "delay")


def find_compiler() -> str:
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return name
    raise BenchError("no C compiler: install gcc or clang, or name one in CC")


def build_tools(compiler: str) -> None:
    binaries = BENCH / "bin"
    binaries.mkdir(exist_ok=True)
    for tool in TOOLS:
        built = binaries / tool
        newest = max(path.stat().st_mtime for path in (BENCH / tool).iterdir())
        if built.exists() and built.stat().st_mtime > newest:
            continue
        sources = sorted(str(path) for path in (BENCH / tool).glob("*.c"))
        command = [compiler, *COMPILER_FLAGS, *sources, "-o", str(built)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{shlex.join(command)}:\n{done.stderr}")
