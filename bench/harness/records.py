"""Tenant records: put through the control API, or, when there are very many, written into Redis directly."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from .machine import BenchError
from .unix_clients import ControlConnection

TENANTS_SECONDS = 300
PARTITIONS = 256
BATCH = 1000
ROUND_TRIP_SECONDS = 60


def put_tenants(control: Path, count: int) -> None:
    deadline = time.monotonic() + TENANTS_SECONDS
    connection = ControlConnection(control)
    try:
        for number in range(count):
            if time.monotonic() > deadline:
                raise BenchError(f"only {number} of {count} tenant records in {TENANTS_SECONDS} s")
            try:
                status, text = connection.call("PUT", f"/v1/tenants/t{number:012}", {"plan": "bench"})
            except (OSError, HTTPException) as error:
                raise BenchError(f"PUT of a tenant got no answer: {error!r}") from error
            if not 200 <= status < 300:
                raise BenchError(f"PUT of a tenant was answered {status}: {text[:500]}")
    finally:
        connection.close()


def write_records(redis: Path, count: int) -> None:
    """Writes what the control API would, before tollgate starts: a million requests would take many minutes.

    docs/redis-keys.md has the keys. A record written wrongly is no harm: its tenant's first call is refused, and that
    ends the run.
    """
    now = int(time.time())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ROUND_TRIP_SECONDS)
        connection.connect(str(redis))
        with connection.makefile("rb") as replies:
            for start in range(0, count, BATCH):
                numbers = range(start, min(start + BATCH, count))
                commands = [command for number in numbers for command in _record(number, now)]
                commands.append(_encode("SET", "tg:records", secrets.token_hex(8)))
                connection.sendall(b"".join(commands))
                for _ in commands:
                    line = replies.readline()
                    if not line.startswith((b":", b"+")):
                        raise BenchError(f"Redis answered {line.decode(errors='replace').strip()} to a tenant record")


def _record(number: int, now: int) -> Iterator[bytes]:
    tenant = f"t{number:012}"
    tag = f"tg:{{p{_partition(tenant):03}}}"
    version = secrets.token_hex(8)
    yield _encode("HSET", f"{tag}:t:{tenant}", "v", version, "plan", "bench", "created_at", str(now))
    yield _encode("ZADD", f"{tag}:tenants", "0", tenant)


def _partition(tenant: str) -> int:
    """The 64-bit FNV-1a of the id, its high half folded into the low one, modulo the number of partitions."""
    value = 0xCBF29CE484222325
    for byte in tenant.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return ((value >> 32) ^ (value & 0xFFFFFFFF)) % PARTITIONS


def _encode(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)
