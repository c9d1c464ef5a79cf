"""Counts the heap allocations of a daemon's gate thread, by a library that is preloaded into it."""

import os
import re
import shutil
import subprocess

from preloaded import PreloadedCounter

HEAD = "allocation:\n"
FRAME = re.compile(r"^(\S+)\((\S*?)\+(0x[0-9a-f]+)\)")


class AllocationCounter(PreloadedCounter):
    """Counts what the gate's thread allocates."""

    def __init__(self, directory):
        super().__init__("count.c", "ALLOCATION_COUNT_FILE", directory)

    def show(self, most):
        """Has the daemon's log tell where so many of the next allocations come from."""
        self.tell(most)


def stacks(log, binary):
    """What a log shows of where allocations come from, with the binary's functions by name."""
    shown = []
    for text in log.split(HEAD)[1:]:
        frames = [match.groups() for match in map(FRAME.match, text.splitlines()) if match]
        # The library that tells is no part of it.
        frames = [frame for frame in frames if not frame[0].endswith("/count.so")]
        names = functions(binary, [offset for path, _, offset in frames if is_same(path, binary)])
        lines = [
            f"  {names.pop(0)}" if is_same(path, binary) else f"  {name or offset} in {os.path.basename(path)}"
            for path, name, offset in frames
        ]  # fmt: skip
        shown.append("\n".join(lines))
    return shown


def is_same(path, binary):
    return os.path.realpath(path) == os.path.realpath(binary)


def functions(binary, offsets):
    """The functions at these offsets, as far as the tools at hand can tell."""
    if not shutil.which("addr2line") or not offsets:
        return list(offsets)
    command = ["addr2line", "-f", "-s", "-e", binary, *offsets]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    names = lines[::2]
    if shutil.which("swift-demangle"):
        command = ["swift-demangle", "-compact", "-simplified"]
        names = subprocess.run(
            command, input="\n".join(names), capture_output=True, text=True, check=True
        ).stdout.splitlines()
    return [f"{place} {name}" for name, place in zip(names, lines[1::2])]
