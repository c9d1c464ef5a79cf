"""Hours that are owed, written into Redis as a gate's syncs would have left them. docs/redis-keys.md has the keys."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..machine import BenchError
from ..records import name
from ..redis_pipeline import encode, tag, write_all

# Stripe takes usage 35 days back. The newest hour is the one before this, the oldest a day within the limit.
MOST_HOURS = 34 * 24
METERS = ("billed_1", "billed_2", "billed_3")
HOLDER = "bench.0.owed"


@dataclass(frozen=True)
class OwedHours:
    """So many hours of each tenant, of its first meter as far as those reach, then of the next."""

    tenants: int
    hours_each: int

    def __post_init__(self) -> None:
        if not 1 <= self.hours_each <= MOST_HOURS * len(METERS):
            raise BenchError(f"a tenant can owe 1 to {MOST_HOURS * len(METERS)} hours here, not {self.hours_each}")

    @property
    def count(self) -> int:
        return self.tenants * self.hours_each

    def write(self, redis: Path, total: int) -> None:
        """Each hour's total becomes this; by another one than before all are owed again."""
        write_all(redis, self._commands(int(time.time()) // 3600 - 1, str(total)))

    def _commands(self, newest: int, total: str) -> Iterator[bytes]:
        for number in range(self.tenants):
            tenant = name(number)
            begin = tag(tenant)
            days: dict[tuple[str, int], list[str]] = {}
            members = []
            for index in range(self.hours_each):
                meter, hour = METERS[index // MOST_HOURS], newest - index % MOST_HOURS
                days.setdefault((meter, hour // 24), []).extend([f"{hour % 24:02}:{HOLDER}", total])
                members += ["0", f"{hour:07} {meter} {tenant}"]
            for (meter, day), fields in days.items():
                yield encode("HSET", f"{begin}:h:{meter}:{day}:{tenant}", *fields)
            yield encode("ZADD", f"{begin}:owed", *members)
