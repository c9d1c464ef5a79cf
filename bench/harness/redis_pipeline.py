"""Writes a great deal into a Redis: commands in batches, whose answers are only checked."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from .machine import BenchError

PARTITIONS = 256
BATCH = 2000
ROUND_TRIP_SECONDS = 60

Item = TypeVar("Item")


def write_all(redis: Path, commands: Iterable[bytes]) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ROUND_TRIP_SECONDS)
        connection.connect(str(redis))
        with connection.makefile("rb") as replies:
            for batch in batches(commands, BATCH):
                connection.sendall(b"".join(batch))
                for _ in batch:
                    line = replies.readline()
                    if not line.startswith((b":", b"+")):
                        raise BenchError(f"Redis answered {line.decode(errors='replace').strip()}")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """All of them in their order, at most so many at a time."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch


def tag(tenant: str) -> str:
    """What the keys of a tenant begin with: its partition is the 64-bit FNV-1a of the id, its high half folded into the
    low one, modulo the number of partitions."""
    value = 0xCBF29CE484222325
    for byte in tenant.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"tg:{{p{((value >> 32) ^ (value & 0xFFFFFFFF)) % PARTITIONS:03}}}"


def encode(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)
