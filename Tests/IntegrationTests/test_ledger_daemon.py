"""The ledger under a whole daemon: killed, stopped, full, and telling a Redis that has forgotten."""

import contextlib
import os
import shutil
import time

import pytest

from lease_tools import (
    LASTING, TENANT, UNCONFIRMED, lease, start_sidecars, take_until_refused, totals, used, wait_until_told,
)  # fmt: skip
from waiting import wait_for_room, wait_until

HOUR = 3600


@pytest.fixture
def start(make_daemon, redis_server):
    """Starts one daemon with short leases, or as the settings say."""
    return lambda **settings: start_sidecars(make_daemon, redis_server, 1, **settings)[0]


def test_a_kill_forgets_nothing_that_was_answered_though_redis_never_heard_of_it(start, redis_server):
    daemon = start(**LASTING)
    lease(daemon, redis_server, "units", take=40, unspent=10)
    redis_server.freeze()
    with daemon.resp() as gate:
        # Nothing of these ten is told to Redis: they are in the lease.
        assert [answer[1] for answer in gate.pipeline(*[f"TAKE {TENANT} units"] * 10)] == ["ok"] * 10
    daemon.kill()
    redis_server.thaw()
    assert totals(redis_server, "units").used < 50
    daemon.start()
    with daemon.resp() as gate:
        # At once, and not only when it has told Redis everything: the one unit past the limit would fit without them.
        assert gate.call("TAKE", TENANT, "units", 51)[:2] == [0, "limit_exceeded"]
        assert gate.call("TAKE", TENANT, "units", 50)[:4] == [1, "ok", "units", 100]
    assert daemon.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (100, 0, 100)


def test_kill_after_kill_admits_exactly_the_limit(start, redis_server):
    daemon = start()
    taken = 0
    for _ in range(3):
        with daemon.resp() as gate:
            taken += sum(answer[0] for answer in gate.pipeline(*[f"TAKE {TENANT} units"] * 20))
        daemon.kill()
        daemon.start()
    with daemon.resp() as gate:
        assert taken == 60
        assert take_until_refused([gate], "units") == 40
    assert daemon.stop() == 0
    assert (totals(redis_server, "units").used, totals(redis_server, "units").held) == (100, 0)


def test_a_clean_stop_hands_back_at_once(start, redis_server):
    daemon = start(**LASTING)
    lease(daemon, redis_server, "units", take=40, unspent=10)
    started = time.monotonic()
    assert daemon.stop() == 0
    # And not only when the horizon has passed.
    assert time.monotonic() - started < 5
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (40, 0, 40)


@pytest.mark.parametrize("leave, come_back", [("freeze", "thaw"), ("stop", "start")])
def test_what_is_recorded_while_redis_is_away_is_there_once_it_is_back(start, redis_server, leave, come_back):
    daemon = start()
    with daemon.resp() as gate:
        assert gate.call("TAKE", TENANT, "units", 5)[3] == 5
        wait_until_told(redis_server, "units", 5)
        getattr(redis_server, leave)()
        for number in range(1, 11):
            counted = 5 + 10 * number
            assert gate.call("RECORD", TENANT, "units", 10) == [["units", 10, counted, max(0, counted - 100)]]
        getattr(redis_server, come_back)()
        wait_until_told(redis_server, "units", 105)
        wait_until(lambda: used(gate, "units") == 105, "decisions know of it")
        # A Redis that was started anew learns for a while.
        wait_until(lambda: gate.call("TAKE", TENANT, "units")[1] == "limit_exceeded", "nothing is left")


def test_durability_redis_answers_only_what_redis_has(start, redis_server):
    daemon = start(durability="redis", redis_deadline="200ms")
    with daemon.resp() as gate:
        for number in range(1, 6):
            assert gate.call("TAKE", TENANT, "units")[3] == number
            assert totals(redis_server, "units").used == number
        lease(daemon, redis_server, "units", take=20, unspent=1)
        assert totals(redis_server, "units").used == 25
        redis_server.freeze()
        started = time.monotonic()
        assert gate.call("TAKE", TENANT, "units") == UNCONFIRMED
        assert gate.call("RECORD", TENANT, "units", 3) == UNCONFIRMED
        assert time.monotonic() - started >= 0.4
        redis_server.thaw()
        wait_until_told(redis_server, "units", 29)
        assert gate.call("TAKE", TENANT, "units")[3] == 30
    assert daemon.stop() == 0
    assert totals(redis_server, "units").used == 30


def test_durability_power_answers_and_keeps(start, redis_server):
    daemon = start(durability="power")
    with daemon.resp() as gate:
        answers = gate.pipeline(*[f"TAKE {TENANT} units"] * 30)
        assert [answer[3] for answer in answers] == list(range(1, 31))
        assert gate.call("TAKE", TENANT, "units", 5, "ID", "order")[3] == 35
        assert gate.call("RECORD", TENANT, "units", 5)[0][:2] == ["units", 5]
    daemon.kill()
    daemon.start()
    with daemon.resp() as gate:
        assert take_until_refused([gate], "units") == 60


def test_a_full_ledger_leaves_the_rest_to_redis_and_everybody_has_exactly_the_limit(make_daemon, redis_server):
    sidecars = start_sidecars(make_daemon, redis_server, 2, ledger_slots=1024, redis_deadline="5s")
    meters = ("units", "parts", "per_day", "refused", "capped", "soft", "watched", "free")
    tenants = [f"tenant-{number}" for number in range(80)]
    for tenant in tenants:
        sidecars[0].put(tenant, plan="all")
    with sidecars[0].resp() as one, sidecars[1].resp() as other:
        answers = one.pipeline(*[f"TAKE {tenant} {meter}" for tenant in tenants for meter in meters])
        assert {answer[1] for answer in answers} == {"ok"}
        assert sidecars[0].metric("tollgate_gate_ledger_full_total") > 0
        for tenant in (tenants[0], tenants[-1]):
            assert take_until_refused([one, other], "units", tenant) == 99
            assert take_until_refused([one, other], "capped", tenant) == 14
            assert one.call("RECORD", tenant, "parts", 200) == [["parts", 200, 201, 101]]
    for sidecar in sidecars:
        assert sidecar.stop() == 0
    for tenant in (tenants[0], tenants[-1]):
        stored = [totals(redis_server, meter, tenant) for meter in ("units", "capped", "parts", "watched")]
        assert [total.used for total in stored] == [100, 15, 201, 1]
        assert [sum(total.hours.values()) for total in stored] == [100, 15, 201, 1]


def flush(redis_server):
    redis_server.client().flushall()


def replace(redis_server):
    """Another server on the same socket, which has never heard of anything."""
    redis_server.kill()
    shutil.rmtree(os.path.join(redis_server.directory, "appendonlydir"))
    redis_server.start()


@pytest.mark.parametrize("forget", [flush, replace])
def test_a_redis_that_has_forgotten_everything_is_told_hour_by_hour(make_daemon, redis_server, forget):
    sidecars = start_sidecars(make_daemon, redis_server, 2, redis_partitions=16)
    wait_for_room(24 * HOUR, 60)
    now = int(time.time())
    with contextlib.ExitStack() as stack:
        gates = [stack.enter_context(sidecar.resp()) for sidecar in sidecars]
        for number, gate in enumerate(gates):
            for hours in range(3):
                at = (now - hours * HOUR) * 1000
                assert gate.call("RECORD", TENANT, "free", 10 + hours, "AT", at)[0][1] == 10 + hours
            assert gate.call("TAKE", TENANT, "free", 7)[0] == 1
            assert gate.call("TAKE", TENANT, "free", 5, "ID", f"order-{number}")[0] == 1
            assert gate.call("RECORD", TENANT, "free", 3)[0][1] == 3
        wait_until_told(redis_server, "free", 2 * (10 + 11 + 12 + 7 + 5 + 3))
        before = totals(redis_server, "free")
        assert len(before.hours) == 3 and before.used == sum(before.hours.values())
        forget(redis_server)
        wait_until(lambda: totals(redis_server, "free").hours == before.hours, "every hour is told again")
        assert totals(redis_server, "free").used == before.used
        # The tenant's record is gone too, and has to be put again.
        wait_until(lambda: sidecars[0].is_ready(), "tollgate is ready")
        sidecars[0].put(TENANT, plan="all")
        for gate in gates:
            wait_until(lambda gate=gate: gate.call("TAKE", TENANT, "free")[:2] == [1, "ok"], "decisions are normal")
        wait_until_told(redis_server, "free", before.used + 2)


def test_a_key_that_somebody_wrote_over_keeps_nobody_else_from_syncing(start, redis_server):
    daemon = start()
    tenants = [f"tenant-{number}" for number in range(10)]
    client = redis_server.client()
    with daemon.resp() as gate:
        for tenant in tenants:
            daemon.put(tenant, plan="all")
        assert {answer[0] for answer in gate.pipeline(*[f"TAKE {tenant} free" for tenant in tenants])} == {1}
        wait_until_told(redis_server, "free", 1, tenants[0])
        [key] = client.scan_iter(match=f"*:u:free:*:{tenants[0]}", count=10_000)
        client.delete(key)
        client.set(key, "not a hash")
        for number in range(2, 12):
            answers = gate.pipeline(*[f"TAKE {tenant} free" for tenant in tenants])
            assert [answer[3] for answer in answers[1:]] == [number] * 9
            for tenant in tenants[1:]:
                wait_until_told(redis_server, "free", number, tenant)
        assert client.get(key) == "not a hash"
