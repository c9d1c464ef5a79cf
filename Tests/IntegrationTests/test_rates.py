"""Rates: a burst, then one cell per interval, with honest retry times."""

import time

from waiting import wait_until


def test_the_default_burst_is_the_limit(gate, tenant):
    answers = gate.pipeline(*[f"TAKE {tenant} calls"] * 61)
    assert [answer[0] for answer in answers] == [1] * 60 + [0]
    assert answers[0][2:5] == ["calls", 1, 60]
    assert answers[59][3] == 60
    assert answers[60][1] == "rate_limited"
    assert 0 < answers[60][5] <= 1000


def test_after_the_burst_one_cell_comes_per_interval(gate, tenant):
    """600 a minute with a burst of 2: a cell each 100 ms."""
    started = time.monotonic()
    assert [gate.call("TAKE", tenant, "ticks")[0] for _ in range(2)] == [1, 1]
    allowed = 2
    while allowed < 7:
        allowed += gate.call("TAKE", tenant, "ticks")[0]
    elapsed = time.monotonic() - started
    assert elapsed >= 0.5 - 0.005
    assert elapsed < 2


def test_retry_after_is_when_the_same_call_first_succeeds(gate, tenant):
    gate.pipeline(*[f"TAKE {tenant} bursts"] * 3)
    before = time.monotonic()
    refused = gate.call("TAKE", tenant, "bursts")
    after = time.monotonic()
    assert refused[1] == "rate_limited"
    wait = refused[5] / 1000
    assert 0 < wait <= 1
    wait_until(lambda: time.monotonic() >= after + wait, "the retry time has come")
    assert gate.call("TAKE", tenant, "bursts")[0] == 1
    # And not much earlier either: the next one is an interval of one second from the one just taken.
    again = gate.call("TAKE", tenant, "bursts")
    assert again[0] == 0
    assert again[5] / 1000 <= 1 and before + wait + 1 - 0.01 <= time.monotonic() + again[5] / 1000


def test_a_refused_take_takes_no_cell(gate, tenant):
    gate.pipeline(*[f"TAKE {tenant} bursts"] * 3)
    first = gate.call("TAKE", tenant, "bursts")[5]
    for _ in range(20):
        assert gate.call("TAKE", tenant, "bursts")[5] <= first


def test_several_cells_are_taken_at_once_or_not_at_all(gate, tenant):
    assert gate.call("TAKE", tenant, "bursts", 2)[:4] == [1, "ok", "bursts", 2]
    refused = gate.call("TAKE", tenant, "bursts", 2)
    assert refused[:4] == [0, "rate_limited", "bursts", 2]
    assert 0 < refused[5] <= 1000
    assert gate.call("TAKE", tenant, "bursts", 1)[0] == 1


def test_more_cells_than_the_burst_never_fit(gate, tenant):
    assert gate.call("TAKE", tenant, "bursts", 4) == [0, "too_large", "bursts", 0, 60, -1, ""]
    assert gate.call("TAKE", tenant, "bursts", 10**15 - 1)[1] == "too_large"


def test_used_is_the_burst_less_the_cells_free_now(gate, tenant):
    assert gate.call("CHECK", tenant, "bursts", 0)[3] == 0
    gate.call("TAKE", tenant, "bursts", 3)
    assert gate.call("CHECK", tenant, "bursts", 0)[3] == 3
    wait_until(lambda: gate.call("CHECK", tenant, "bursts", 0)[3] < 3, "a cell is free again")


def test_an_unlimited_rate_is_never_refused(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, plan="bigger")
    answers = gate.pipeline(*[f"TAKE {tenant} calls 1000"] * 5)
    assert all(answer[:2] == [1, "ok"] and answer[4] == -1 for answer in answers)


def test_a_rate_of_zero_allows_nothing(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, limits={"calls": 0})
    assert gate.call("TAKE", tenant, "calls")[:2] == [0, "too_large"]


def test_two_sidecars_share_one_bucket(shared_daemon, start_daemon, shared_redis, tenant):
    other = start_daemon(redis_url=shared_redis.url)
    with shared_daemon.resp() as first, other.resp() as second:
        answers = [connection.call("TAKE", tenant, "calls", 20)[1] for connection in (first, second, first, second)]
    assert answers == ["ok", "ok", "ok", "rate_limited"]
