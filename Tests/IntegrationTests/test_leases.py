"""Leases of two sidecars on one Redis: recalled, ended, shared, and never more than the limit."""

import threading
import time

import pytest

from lease_tools import (
    GRACE_SECONDS, LASTING, SLACK_SECONDS, TENANT, TTL_SECONDS, freeze, lease, start_sidecars, take_until_refused,
    thaw, totals, used, wait_until_told,
)  # fmt: skip
from waiting import wait_until

MILLISECONDS = 1000


@pytest.fixture
def pair(make_daemon, redis_server):
    """Starts two sidecars with leases that are short, or as the settings say."""
    return lambda **settings: start_sidecars(make_daemon, redis_server, 2, **settings)


def test_what_another_sidecar_holds_unspent_is_recalled_within_the_recall_deadline(pair, redis_server):
    first, second = pair(**LASTING)
    lease(first, redis_server, "units", take=40, unspent=10)
    with first.resp() as one, second.resp() as other:
        started = time.monotonic()
        assert other.call("TAKE", TENANT, "units", 60) == [1, "ok", "units", 100, 100, 0, ""]
        assert time.monotonic() - started < 0.4
        for gate in (one, other):
            assert gate.call("TAKE", TENANT, "units")[:4] == [0, "limit_exceeded", "units", 100]
    for sidecar in (first, second):
        assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (100, 0, 100)


def test_units_of_a_frozen_sidecar_come_back_when_its_lease_has_ended(pair, redis_server):
    ttl, grace = 2, 0.5
    first, second = pair(lease_ttl=f"{ttl}s", lease_grace="500ms", lease_horizon="1s", lease_recall_deadline="100ms")
    lease(first, redis_server, "units", take=40, unspent=10)
    wait_until_told(redis_server, "units", 40)
    freeze(first)
    try:
        with second.resp() as gate:
            refused = gate.call("TAKE", TENANT, "units", 60)
            started = time.monotonic()
            assert refused[:5] == [0, "limit_exceeded", "units", 40, 100]
            assert 0 < refused[5] <= (ttl + grace) * MILLISECONDS
            wait_until(lambda: gate.call("TAKE", TENANT, "units", 60)[0] == 1, "what is unspent there comes back")
            waited = (time.monotonic() - started) * MILLISECONDS
            assert refused[5] - 50 <= waited <= refused[5] + SLACK_SECONDS * MILLISECONDS
    finally:
        thaw(first)
    with first.resp() as gate:
        assert gate.call("TAKE", TENANT, "units")[:4] == [0, "limit_exceeded", "units", 100]


def test_a_call_of_several_meters_takes_all_or_none_at_the_edge_of_two_sidecars(pair, redis_server):
    sidecars = pair()
    sidecars[0].put(TENANT, "all", limits={"units": 600, "parts": 250})
    allowed = []

    def run(number):
        order = ("units", 2, "parts", 1) if number % 2 else ("parts", 1, "units", 2)
        with sidecars[number % 2].resp() as gate:
            while True:
                answer = gate.call("TAKE", TENANT, *order)
                if not answer[0]:
                    assert answer[1:3] == ["limit_exceeded", "parts"], answer
                    return
                allowed.append(answer)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(allowed) == 250
    with sidecars[0].resp() as one, sidecars[1].resp() as other:
        # What the one has taken last is heard of by the other within the horizon.
        wait_until(lambda: {used(one, "units"), used(other, "units")} == {500}, "500 units are used")
        assert take_until_refused([one, other], "units") == 100
    for sidecar in sidecars:
        assert sidecar.stop() == 0
    assert [totals(redis_server, meter).used for meter in ("units", "parts")] == [600, 250]


def test_a_call_with_an_id_brings_back_what_is_leased_and_counts_once(pair, redis_server):
    first, second = pair(**LASTING)
    lease(first, redis_server, "units", take=40, unspent=10)
    with first.resp() as one, second.resp() as other:
        answer = other.call("TAKE", TENANT, "units", 60, "ID", "order")
        assert answer == [1, "ok", "units", 100, 100, 0, ""]
        assert one.call("TAKE", TENANT, "units", 60, "ID", "order") == answer
        assert other.call("TAKE", TENANT, "units", 60, "ID", "order") == answer
        for gate in (one, other):
            assert gate.call("TAKE", TENANT, "units", 1)[1] == "limit_exceeded"
            assert gate.call("TAKE", TENANT, "units", 1, "ID", "another")[1] == "limit_exceeded"
    for sidecar in (first, second):
        assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (100, 0, 100)


def test_a_call_with_an_id_brings_back_what_its_own_sidecar_has_leased(pair, redis_server):
    first, _ = pair(**LASTING)
    lease(first, redis_server, "units", take=40, unspent=10)
    with first.resp() as gate:
        assert gate.call("TAKE", TENANT, "units", 60, "ID", "order") == [1, "ok", "units", 100, 100, 0, ""]
        assert gate.call("TAKE", TENANT, "units")[1] == "limit_exceeded"
    assert totals(redis_server, "units").used == 100


@pytest.mark.parametrize("limit", [50, 70, 300])
def test_another_limit_is_kept_to_though_units_are_leased_under_the_old_one(pair, redis_server, limit):
    first, second = pair(**LASTING)
    lease(first, redis_server, "units", take=40, unspent=10)
    with second.resp() as gate:
        assert gate.call("TAKE", TENANT, "units", 5)[0] == 1
    first.put(TENANT, "all", limits={"units": limit})
    with first.resp() as one, second.resp() as other:
        for gate in (one, other):
            wait_until(lambda gate=gate: gate.call("CHECK", TENANT, "units", 0)[4] == limit, "the limit is known")
        assert take_until_refused([one, other], "units") == limit - 45
    for sidecar in (first, second):
        assert sidecar.stop() == 0
    assert (totals(redis_server, "units").used, totals(redis_server, "units").held) == (limit, 0)


def test_a_restarted_redis_learns_before_it_grants_and_then_grants(pair, redis_server):
    first, second = pair()
    with first.resp() as gate:
        assert gate.call("TAKE", TENANT, "asked", 5)[3] == 5
    redis_server.stop()
    started = time.monotonic()
    redis_server.start()
    with first.resp() as one, second.resp() as other:
        reasons = []
        for gate in (one, other):
            wait_until(lambda gate=gate: reasons.append(gate.call("TAKE", TENANT, "asked")) or reasons[-1][0], "ok")
        waited = time.monotonic() - started
        assert reasons[0][:2] == [0, "degraded"]
        assert {answer[1] for answer in reasons} == {"ok", "degraded"}
        assert TTL_SECONDS + GRACE_SECONDS <= waited < TTL_SECONDS + GRACE_SECONDS + SLACK_SECONDS
        assert 5 + sum(answer[0] for answer in reasons) + take_until_refused([one, other], "asked") == 20
