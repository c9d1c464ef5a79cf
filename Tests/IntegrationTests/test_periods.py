"""Counters per minute, hour, day, month and period, as the gate and the command line show them."""

import calendar
import datetime
import time

import pytest

from waiting import wait_for_room, wait_until

SECONDS_PER_DAY = 86_400
UTC = datetime.UTC


def period(gate, tenant, meter):
    row = gate.call("USAGE", tenant, meter)[0]
    return row[row.index("period_start") + 1], row[row.index("period_end") + 1]


def month_edges(now):
    start = datetime.datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = calendar.monthrange(start.year, start.month)[1]
    return int(start.timestamp()), int(start.timestamp()) + days * SECONDS_PER_DAY


@pytest.mark.parametrize("meter, seconds", [("per_minute", 60), ("per_hour", 3_600), ("per_day", SECONDS_PER_DAY)])
def test_a_fixed_period_begins_at_its_whole_utc_edge(gate, tenant, meter, seconds):
    wait_for_room(seconds, 2)
    now = int(time.time())
    assert period(gate, tenant, meter) == (now - now % seconds, now - now % seconds + seconds)


@pytest.mark.parametrize("meter", ["per_month", "per_period"])
def test_without_a_subscription_the_calendar_month_counts(gate, tenant, meter):
    wait_for_room(3_600, 2)
    assert period(gate, tenant, meter) == month_edges(time.time())


@pytest.mark.parametrize("meter", ["per_minute", "per_hour", "per_day", "per_month", "per_period"])
def test_a_counter_fills_within_its_period_and_says_when_the_next_begins(gate, tenant, meter):
    wait_for_room(60, 2)
    assert gate.call("TAKE", tenant, meter, 100)[:4] == [1, "ok", meter, 100]
    refused = gate.call("TAKE", tenant, meter)
    now = time.time()
    assert refused[:4] == [0, "limit_exceeded", meter, 100]
    left = (period(gate, tenant, meter)[1] - now) * 1000
    assert left - 50 <= refused[5] <= left + 1500


def test_a_new_minute_is_a_new_count(gate, tenant):
    """The minute before, filled by RECORD AT, leaves this one free; a wait for an edge would take a minute."""
    wait_for_room(60, 3)
    start = int(time.time()) // 60 * 60
    assert gate.call("RECORD", tenant, "per_minute", 100, "AT", start * 1000 - 1) == [["per_minute", 100, 100, 0]]
    assert gate.call("TAKE", tenant, "per_minute", 100)[:4] == [1, "ok", "per_minute", 100]
    assert gate.call("TAKE", tenant, "per_minute")[1] == "limit_exceeded"


def test_month_and_period_follow_the_subscription_and_begin_at_the_whole_hour_before(gate, shared_daemon, tenant):
    wait_for_room(3_600, 3)
    now = int(time.time())
    hour = now // 3_600 * 3_600
    start, end = hour - 5 * SECONDS_PER_DAY + 1_020, hour + 20 * SECONDS_PER_DAY + 1_020
    shared_daemon.put(tenant, subscription="sub_1", status="active", period_start=rfc(start), period_end=rfc(end))
    assert period(gate, tenant, "per_period") == (start - 1_020, end - 1_020)
    month_start, month_end = period(gate, tenant, "per_month")
    assert month_start == start - 1_020
    # Anchored on the billing day: a month on, whatever the subscription's own length is.
    assert 28 * SECONDS_PER_DAY <= month_end - month_start <= 31 * SECONDS_PER_DAY


def two_periods_of_this_hour(seconds_left):
    """The fields of a subscription period that has begun long ago, and of one that begins with the present hour."""
    wait_for_room(3_600, seconds_left)
    hour = int(time.time()) // 3_600 * 3_600
    return (
        {"period_start": rfc(hour - 30 * SECONDS_PER_DAY), "period_end": rfc(hour + SECONDS_PER_DAY)},
        {"period_start": rfc(hour), "period_end": rfc(hour + 31 * SECONDS_PER_DAY)},
    )


def test_a_new_subscription_period_is_a_new_count_and_the_old_usage_stays_in_the_old(gate, shared_daemon, tenant):
    old, new = two_periods_of_this_hour(seconds_left=3)
    shared_daemon.put(tenant, subscription="sub_1", status="active", **old)
    assert gate.call("TAKE", tenant, "per_period", 60)[3] == 60
    shared_daemon.put(tenant, **new)
    assert gate.call("TAKE", tenant, "per_period", 60)[:4] == [1, "ok", "per_period", 60]
    shared_daemon.put(tenant, **old)
    assert gate.call("TAKE", tenant, "per_period", 60)[:4] == [0, "limit_exceeded", "per_period", 60]


def test_an_hour_that_two_periods_share_has_the_usage_of_both(gate, shared_daemon, shared_redis, tenant):
    old, new = two_periods_of_this_hour(seconds_left=15)
    shared_daemon.put(tenant, subscription="sub_1", status="active", **old)
    assert gate.call("TAKE", tenant, "per_period", 60)[3] == 60
    shared_daemon.put(tenant, **new)
    assert gate.call("TAKE", tenant, "per_period", 40)[3] == 40
    client = shared_redis.client()

    def keys(kind):
        return list(client.scan_iter(f"*:{kind}:per_period:*:{tenant}", count=10_000))

    def hour_totals():
        return [int(total) for key in keys("h") for total in client.hvals(key)]

    wait_until(lambda: hour_totals() == [100], "the hour has the usage of both")
    assert sorted(int(client.hget(key, "used")) for key in keys("u")) == [40, 60]


def test_hours_of_an_earlier_period_count_in_it(gate, shared_daemon, tenant):
    hour = int(time.time()) // 3_600 * 3_600
    start, end = hour - 2 * SECONDS_PER_DAY, hour + 26 * SECONDS_PER_DAY
    shared_daemon.put(tenant, subscription="sub_1", status="active", period_start=rfc(start), period_end=rfc(end))
    before, within = (start - 60) * 1000, (start + 60) * 1000
    assert gate.call("RECORD", tenant, "tokens", 5, "AT", before) == [["tokens", 5, 5, 0]]
    assert gate.call("RECORD", tenant, "tokens", 7, "AT", within) == [["tokens", 7, 7, 0]]
    assert gate.call("RECORD", tenant, "tokens", 1) == [["tokens", 1, 8, 0]]


def rfc(seconds):
    return datetime.datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
