"""RECORD and LEVEL: what has happened is counted, whatever the limits say."""

import time

import pytest

from waiting import wait_for_room

LARGEST = 10**15 - 1
SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 86_400


def used(gate, tenant, meter):
    row = gate.call("USAGE", tenant, meter)[0]
    return row[row.index("used") + 1]


def test_counts_have_a_row_of_four_a_meter(gate, tenant):
    assert gate.call("RECORD", tenant, "messages", 5, "words", 2) == [["messages", 5, 5, 0], ["words", 2, 2, 0]]
    assert gate.call("RECORD", tenant, "messages", 0) == [["messages", 0, 5, 0]]


def test_counts_are_arrays_in_resp3_too(gate, tenant):
    gate.call("HELLO", 3)
    assert gate.call("RECORD", tenant, "messages", 5) == [["messages", 5, 5, 0]]


def test_no_limit_refuses_a_record_and_the_overage_is_said(gate, tenant):
    assert gate.call("RECORD", tenant, "words", 4) == [["words", 4, 4, 0]]
    assert gate.call("RECORD", tenant, "words", 4) == [["words", 4, 8, 3]]
    assert gate.call("RECORD", tenant, "tokens", 10**9) == [["tokens", 10**9, 10**9, 0]]
    assert gate.call("TAKE", tenant, "words")[1:5] == ["limit_exceeded", "words", 8, 5]


def test_a_record_of_a_meter_that_is_not_in_the_plan_is_counted(gate, tenant):
    assert gate.call("RECORD", tenant, "hidden", 3) == [["hidden", 3, 3, 3]]


def test_a_record_of_a_rate_takes_cells_and_fills_the_bucket_at_most(gate, tenant):
    assert gate.call("RECORD", tenant, "bursts", 2)[0][:2] == ["bursts", 2]
    assert gate.call("TAKE", tenant, "bursts", 2)[1] == "rate_limited"
    gate.call("RECORD", tenant, "bursts", 10**6)
    refused = gate.call("TAKE", tenant, "bursts")
    assert refused[1] == "rate_limited" and refused[5] <= 1000


def test_a_record_of_a_level_moves_it(gate, tenant):
    gate.call("LEVEL", tenant, "seats", 2)
    assert gate.call("RECORD", tenant, "seats", 2) == [["seats", 2, 4, 0]]


def test_the_last_unit_of_fifteen_digits_counts_and_the_next_is_refused(gate, tenant):
    assert gate.call("RECORD", tenant, "tokens", LARGEST - 1) == [["tokens", LARGEST - 1, LARGEST - 1, 0]]
    assert gate.call("RECORD", tenant, "tokens", 1) == [["tokens", 1, LARGEST, 0]]
    for call in ("RECORD", "TAKE", "CHECK"):
        assert gate.call(call, tenant, "tokens", 1) == f"BADARG tokens: the total would pass {LARGEST}"
    assert gate.call("RECORD", tenant, "messages", 1, "tokens", 1).startswith("BADARG tokens: ")
    assert used(gate, tenant, "tokens") == LARGEST
    assert used(gate, tenant, "messages") == 0


def test_totals_stay_exact_unit_by_unit_near_the_largest(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, plan="huge")
    assert gate.call("TAKE", tenant, "messages", 999_999_999_999_990)[:4] == [1, "ok", "messages", 999_999_999_999_990]
    for last in range(1, 10):
        assert gate.call("TAKE", tenant, "messages")[3:5] == [999_999_999_999_990 + last, LARGEST]
    refused = gate.call("TAKE", tenant, "messages")
    assert refused[:5] == [0, "limit_exceeded", "messages", LARGEST, LARGEST]


def test_a_level_is_stored_and_says_whether_it_is_over_the_limit(gate, tenant):
    assert gate.call("LEVEL", tenant, "seats", 4) == [1, "ok", "seats", 4, 5, 0, ""]
    over = gate.call("LEVEL", tenant, "seats", 9)
    assert over[:5] == [0, "limit_exceeded", "seats", 9, 5] and over[5:] == [-1, ""]
    assert used(gate, tenant, "seats") == 9
    assert gate.call("LEVEL", tenant, "seats", 0)[:4] == [1, "ok", "seats", 0]
    assert gate.call("LEVEL", tenant, "storage", 2**30)[:5] == [1, "ok", "storage", 2**30, 2**30]
    assert gate.call("LEVEL", tenant, "storage", 2**30 + 1)[:2] == [0, "limit_exceeded"]


def test_a_take_moves_a_level_up_to_its_limit(gate, tenant):
    gate.call("LEVEL", tenant, "seats", 3)
    assert gate.call("TAKE", tenant, "seats", 2)[:4] == [1, "ok", "seats", 5]
    assert gate.call("TAKE", tenant, "seats", 1) == [0, "limit_exceeded", "seats", 5, 5, -1, ""]
    assert gate.call("TAKE", tenant, "seats", 6)[1] == "too_large"


def test_a_level_that_is_not_in_the_plan_is_stored_and_says_so(gate, tenant):
    assert gate.call("LEVEL", tenant, "hidden_level", 7)[:4] == [0, "not_in_plan", "hidden_level", 7]
    assert used(gate, tenant, "hidden_level") == 7


def test_a_record_at_an_earlier_hour_lands_in_that_hour_and_its_period(gate, shared_redis, tenant):
    wait_for_room(SECONDS_PER_HOUR, 10)
    now = int(time.time())
    earlier = now - 3 * SECONDS_PER_DAY
    assert gate.call("RECORD", tenant, "per_day", 7, "AT", earlier * 1000 + 5) == [["per_day", 7, 7, 0]]
    assert gate.call("RECORD", tenant, "per_day", 1, "AT", earlier * 1000) == [["per_day", 1, 8, 0]]
    assert gate.call("RECORD", tenant, "per_day", 2) == [["per_day", 2, 2, 0]]
    assert used(gate, tenant, "per_day") == 2
    client = shared_redis.client()
    keys = [key for key in client.scan_iter(match=f"*:h:per_day:*:{tenant}", count=10_000)]
    hours = {}
    for key in keys:
        day = int(key.split(":")[4])
        for field, value in client.hgetall(key).items():
            hours[day * 24 + int(field[:2])] = int(value)
    assert hours == {earlier // SECONDS_PER_HOUR: 8, now // SECONDS_PER_HOUR: 2}


@pytest.mark.parametrize("meter", ["per_minute", "per_hour", "per_month", "per_period"])
def test_a_record_at_an_earlier_period_leaves_the_present_one_alone(gate, tenant, meter):
    earlier = int(time.time() - 34.9 * SECONDS_PER_DAY) * 1000
    assert gate.call("RECORD", tenant, meter, 9, "AT", earlier) == [[meter, 9, 9, 0]]
    assert used(gate, tenant, meter) == 0


def test_a_record_just_ahead_of_the_clock_counts_now_and_further_ahead_is_refused(gate, tenant):
    wait_for_room(SECONDS_PER_HOUR, 10)
    assert gate.call("RECORD", tenant, "per_hour", 1, "AT", int((time.time() + 200) * 1000)) == [["per_hour", 1, 1, 0]]
    assert used(gate, tenant, "per_hour") == 1
    reply = gate.call("RECORD", tenant, "per_hour", 1, "AT", int((time.time() + 400) * 1000))
    assert reply == "BADARG AT: lies in the future"


def test_a_record_of_35_days_ago_counts_and_an_older_one_is_refused(gate, tenant):
    edge = time.time() - 35 * SECONDS_PER_DAY
    assert gate.call("RECORD", tenant, "tokens", 1, "AT", int((edge + 60) * 1000)) == [["tokens", 1, 1, 0]]
    reply = gate.call("RECORD", tenant, "tokens", 1, "AT", int((edge - 60) * 1000))
    assert reply == "BADARG AT: lies more than 35 days back, which Stripe does not take"


@pytest.mark.parametrize("meter", ["calls", "seats"])
def test_only_counters_have_a_past(gate, tenant, meter):
    reply = gate.call("RECORD", tenant, meter, 1, "AT", int(time.time() * 1000))
    assert reply == f"BADARG AT: {meter} is no counter: only those have a past"


def test_at_and_id_stand_in_either_order(gate, tenant):
    at = int((time.time() - SECONDS_PER_DAY) * 1000)
    first = gate.call("RECORD", tenant, "tokens", 3, "AT", at, "ID", "either")
    assert first == [["tokens", 3, 3, 0]]
    assert gate.call("RECORD", tenant, "tokens", 3, "ID", "swapped", "AT", at) == [["tokens", 3, 6, 0]]
