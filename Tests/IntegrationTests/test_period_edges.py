"""A period's edge while calls run.

Periods are named by Redis's clock, so a Redis with another clock brings an edge near.
"""

import datetime
from collections import Counter

import pytest

from lease_tools import TENANT, start_sidecars
from shifted_clock import ShiftedClock
from usage_totals import stored_hours, stored_periods
from waiting import wait_until

# From the start of Redis: enough to start two sidecars and to fill the old period.
SECONDS_TO_EDGE = 5
LIMITED = ("units", "per_day", "per_minute")
HOUR = 3600


@pytest.fixture
def edge():
    """The first instant of a month: an edge of the minute, the hour, the day and the month."""
    now = datetime.datetime.now(datetime.UTC)
    return int(datetime.datetime(now.year + 1, 1, 1, tzinfo=datetime.UTC).timestamp())


@pytest.fixture
def redis_server(start_redis, directory, edge):
    """A Redis whose clock shows that instant soon."""
    clock = ShiftedClock(directory)
    clock.set(edge - SECONDS_TO_EDGE)
    return start_redis(environment=clock.environment)


def test_both_sidecars_fill_the_old_period_and_then_the_new_one(make_daemon, redis_server, edge):
    sidecars = start_sidecars(make_daemon, redis_server, 2)
    client = redis_server.client()
    allowed, recorded, refusals = Counter(), Counter(), []
    with sidecars[0].resp() as one, sidecars[1].resp() as other:

        def turn():
            for gate in (one, other):
                answers = gate.pipeline(*[f"TAKE {TENANT} {meter} 5" for meter in LIMITED], f"RECORD {TENANT} free 3")
                for meter, answer in zip(LIMITED, answers):
                    assert answer[1] in ("ok", "limit_exceeded"), answer
                    allowed[meter] += 5 * answer[0]
                    if not answer[0]:
                        refusals.append(answer)
                recorded["free"] += answers[-1][0][1]
            return all(allowed[meter] >= 200 for meter in LIMITED)

        def is_old():
            seconds, _ = client.time()
            return seconds < edge

        while not turn() and is_old() and len(refusals) < 100:
            pass
        assert is_old(), "the old period was not full in time"
        assert dict(allowed) == dict.fromkeys(LIMITED, 100)
        # Each is told when the new period begins, and waits no longer than that.
        assert all(0 < answer[5] <= SECONDS_TO_EDGE * 1000 for answer in refusals)
        wait_until(turn, "the new period is full")
        assert not is_old()
        for _ in range(20):
            turn()
        assert dict(allowed) == dict.fromkeys(LIMITED, 200)
    for sidecar in sidecars:
        assert sidecar.stop() == 0
    for meter in LIMITED:
        periods = stored_periods(client, meter, TENANT)
        assert sorted(periods.values()) == [100, 100] and max(periods) == edge, meter
        assert stored_hours(client, meter, TENANT) == {edge // HOUR - 1: 100, edge // HOUR: 100}, meter
    periods = stored_periods(client, "free", TENANT)
    assert len(periods) == 2 and sum(periods.values()) == recorded["free"]
    assert sorted(stored_hours(client, "free", TENANT).values()) == sorted(periods.values())
