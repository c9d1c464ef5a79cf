"""Tenant records: put through the control API, or, when there are very many, written into Redis directly."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from .machine import BenchError
from .redis_pipeline import encode, tag, write_all
from .unix_clients import ControlConnection

TENANTS_SECONDS = 300


def put_tenants(control: Path, count: int) -> None:
    deadline = time.monotonic() + TENANTS_SECONDS
    connection = ControlConnection(control)
    try:
        for number in range(count):
            if time.monotonic() > deadline:
                raise BenchError(f"only {number} of {count} tenant records in {TENANTS_SECONDS} s")
            try:
                status, text = connection.call("PUT", f"/v1/tenants/{name(number)}", {"plan": "bench"})
            except (OSError, HTTPException) as error:
                raise BenchError(f"PUT of a tenant got no answer: {error!r}") from error
            if not 200 <= status < 300:
                raise BenchError(f"PUT of a tenant was answered {status}: {text[:500]}")
    finally:
        connection.close()


def write_records(redis: Path, count: int, *, are_customers: bool = False) -> None:
    """Writes what the control API would: a million requests would take many minutes. A tenant that is there gets a new
    version.

    docs/redis-keys.md has the keys. A record written wrongly is no harm: its tenant's first call is refused, and that
    ends the run.
    """
    write_all(redis, _records(range(count), int(time.time()), are_customers))


def name(number: int) -> str:
    return f"t{number:012}"


def customer(number: int) -> str:
    return f"cus_{name(number)}"


def _records(numbers: range, now: int, are_customers: bool) -> Iterator[bytes]:
    for number in numbers:
        tenant = name(number)
        more = ["customer", customer(number)] if are_customers else []
        fields = ["v", secrets.token_hex(8), "plan", "bench", "created_at", str(now), *more]
        yield encode("HSET", f"{tag(tenant)}:t:{tenant}", *fields)
        yield encode("ZADD", f"{tag(tenant)}:tenants", "0", tenant)
    yield encode("SET", "tg:records", secrets.token_hex(8))
