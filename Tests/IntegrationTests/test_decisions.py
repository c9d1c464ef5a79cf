"""CHECK, TAKE and FEATURE: what is allowed, what is said, and what is charged."""

import time

from conftest import numbers
from waiting import wait_for_room

SECONDS_PER_DAY = 86_400


def used(gate, tenant, meter):
    rows = gate.call("USAGE", tenant, meter)
    return dict(zip(rows[0][::2], rows[0][1::2]))["used"]


def test_a_decision_is_an_array_of_seven_in_resp2(gate, tenant):
    assert gate.call("TAKE", tenant, "messages", 3) == [1, "ok", "messages", 3, 1000, 0, ""]


def test_a_decision_is_a_map_of_the_seven_names_in_resp3(gate, tenant):
    gate.call("HELLO", 3)
    decision = gate.call("TAKE", tenant, "messages", 3)
    assert decision == {
        "allowed": 1,
        "reason": "ok",
        "meter": "messages",
        "used": 3,
        "limit": 1000,
        "retry_after_ms": 0,
        "reservation": "",
    }
    assert list(decision) == ["allowed", "reason", "meter", "used", "limit", "retry_after_ms", "reservation"]


def test_a_check_consumes_nothing_and_answers_as_the_take_would(gate, tenant):
    assert gate.call("CHECK", tenant, "messages", 7) == [1, "ok", "messages", 7, 1000, 0, ""]
    assert gate.call("CHECK", tenant, "messages", 7) == [1, "ok", "messages", 7, 1000, 0, ""]
    assert used(gate, tenant, "messages") == 0


def test_a_check_of_zero_asks_whether_anything_may_be_done(gate, tenant):
    assert gate.call("CHECK", tenant, "words", 0) == [1, "ok", "words", 0, 5, 0, ""]


def test_without_n_one_is_meant(gate, tenant):
    assert gate.call("CHECK", tenant, "messages")[3] == 1
    assert gate.call("TAKE", tenant, "messages")[3] == 1
    assert gate.call("TAKE", tenant, "messages", "ID", f"key-{tenant}")[3] == 2


def test_commands_and_options_are_case_insensitive(gate, tenant):
    assert gate.call("take", tenant, "messages", 1)[3] == 1
    assert gate.call("TaKe", tenant, "messages", "id", f"case-{tenant}")[3] == 2


def test_a_limit_is_filled_to_its_last_unit_and_no_further(gate, tenant):
    wait_for_room(SECONDS_PER_DAY, 10)
    answers = gate.pipeline(*[f"TAKE {tenant} words"] * 7)
    assert [answer[0] for answer in answers] == [1, 1, 1, 1, 1, 0, 0]
    refused = answers[5]
    assert refused[:5] == [0, "limit_exceeded", "words", 5, 5]
    assert 0 < refused[5] <= SECONDS_PER_DAY * 1000
    assert refused[6] == ""


def test_a_refusal_says_when_the_day_ends(gate, tenant):
    wait_for_room(SECONDS_PER_DAY, 10)
    gate.call("TAKE", tenant, "words", 5)
    refused = gate.call("TAKE", tenant, "words")
    left = (SECONDS_PER_DAY - time.time() % SECONDS_PER_DAY) * 1000
    assert left <= refused[5] <= left + 2000


def test_more_than_the_limit_is_too_large_and_never_fits(gate, tenant):
    assert gate.call("TAKE", tenant, "words", 6) == [0, "too_large", "words", 0, 5, -1, ""]
    gate.call("TAKE", tenant, "words", 2)
    assert gate.call("TAKE", tenant, "words", 6) == [0, "too_large", "words", 2, 5, -1, ""]
    assert gate.call("TAKE", tenant, "words", 4)[1] == "limit_exceeded"


def test_several_meters_are_taken_together(gate, tenant):
    decision = gate.call("TAKE", tenant, "messages", 2, "words", 1, "tokens", 500)
    assert decision[:2] == [1, "ok"]
    assert [used(gate, tenant, meter) for meter in ("messages", "words", "tokens")] == [2, 1, 500]


def test_an_allowed_call_speaks_of_the_meter_with_the_smallest_share_left(gate, tenant):
    assert gate.call("TAKE", tenant, "messages", 10, "words", 2)[2:5] == ["words", 2, 5]
    assert gate.call("TAKE", tenant, "tokens", 10, "messages", 2)[2:5] == ["messages", 12, 1000]
    assert gate.call("TAKE", tenant, "tokens", 10)[2:5] == ["tokens", 20, -1]


def test_a_refusal_charges_nothing_on_any_meter(gate, tenant):
    wait_for_room(SECONDS_PER_DAY, 10)
    gate.call("TAKE", tenant, "words", 5)
    for call in (
        f"TAKE {tenant} messages 2 words 1",
        f"TAKE {tenant} words 1 messages 2",
        f"TAKE {tenant} messages 2 hidden 1",
        f"TAKE {tenant} messages 2 words 6",
        f"TAKE {tenant} seats 1 messages 2 calls 1 words 1",
        f"TAKE {tenant} messages 2 calls 100000",
        f"TAKE {tenant} soft 1 watched 20 capped 16",
    ):
        assert gate.call_line(call)[0] == 0, call
    for meter in ("messages", "hidden", "seats", "calls", "soft", "watched", "capped"):
        assert used(gate, tenant, meter) == 0, meter
    assert used(gate, tenant, "words") == 5


def test_of_several_reasons_the_first_of_the_order_is_said(gate, shared_daemon, tenant):
    gate.call("TAKE", tenant, "words", 5)
    gate.call("TAKE", tenant, "bursts", 3)
    rate_limited, limit_exceeded = "bursts 1", "words 1"
    too_large, not_in_plan = "messages 1001", "hidden 1"
    everything = (rate_limited, limit_exceeded, too_large, not_in_plan)
    assert gate.call_line(f"TAKE {tenant} {rate_limited}")[1:3] == ["rate_limited", "bursts"]
    assert gate.call_line(f"TAKE {tenant} {' '.join(everything[:2])}")[1:3] == ["limit_exceeded", "words"]
    assert gate.call_line(f"TAKE {tenant} {' '.join(everything[:3])}")[1:3] == ["too_large", "messages"]
    assert gate.call_line(f"TAKE {tenant} {' '.join(everything)}")[1:3] == ["not_in_plan", "hidden"]
    shared_daemon.put(tenant, status="canceled", subscription="sub_1")
    shared_daemon.put(tenant, restricted="unpaid")
    assert gate.call_line(f"TAKE {tenant} {' '.join(everything)}")[1] == "restricted"


def test_of_equal_reasons_the_first_named_meter_is_said(gate, tenant):
    assert gate.call("TAKE", tenant, "words", 6, "messages", 1001)[2] == "words"
    assert gate.call("TAKE", tenant, "messages", 1001, "words", 6)[2] == "messages"


def test_a_call_that_waits_for_two_meters_waits_for_the_later_one(gate, tenant):
    wait_for_room(SECONDS_PER_DAY, 120)
    gate.call("TAKE", tenant, "words", 5)
    gate.call("TAKE", tenant, "bursts", 3)
    both = gate.call("TAKE", tenant, "bursts", 1, "words", 1)
    alone = gate.call("TAKE", tenant, "words", 1)
    assert alone[5] <= both[5] <= alone[5] + 5000


def test_a_meter_that_the_plan_does_not_name_is_not_in_the_plan(gate, tenant):
    assert gate.call("TAKE", tenant, "hidden") == [0, "not_in_plan", "hidden", 0, 0, -1, ""]
    assert gate.call("CHECK", tenant, "hidden")[:2] == [0, "not_in_plan"]


def test_overage_is_allowed_past_the_limit_and_said(gate, tenant):
    assert gate.call("TAKE", tenant, "soft", 10)[:5] == [1, "ok", "soft", 10, 10]
    assert gate.call("TAKE", tenant, "soft", 7) == [1, "overage", "soft", 17, 10, 0, ""]
    assert gate.call("CHECK", tenant, "soft", 100)[:4] == [1, "overage", "soft", 117]


def test_overage_ends_at_its_cap(gate, tenant):
    assert gate.call("TAKE", tenant, "capped", 12)[:5] == [1, "overage", "capped", 12, 10]
    refused = gate.call("TAKE", tenant, "capped", 4)
    assert refused[:5] == [0, "limit_exceeded", "capped", 12, 10]
    assert gate.call("TAKE", tenant, "capped", 3)[:4] == [1, "overage", "capped", 15]
    assert gate.call("TAKE", tenant, "capped", 16)[1] == "too_large"


def test_a_shadow_limit_counts_and_reports_and_never_refuses(gate, tenant):
    assert gate.call("TAKE", tenant, "watched", 10)[1] == "ok"
    assert gate.call("TAKE", tenant, "watched", 5) == [1, "shadow", "watched", 15, 10, 0, ""]
    assert gate.call("TAKE", tenant, "watched", 100)[:4] == [1, "shadow", "watched", 115]
    assert used(gate, tenant, "watched") == 115


def test_a_shadow_rate_reports_and_never_refuses(gate, tenant):
    answers = gate.pipeline(*[f"TAKE {tenant} watched_calls"] * 4)
    assert [answer[1] for answer in answers] == ["ok", "ok", "shadow", "shadow"]
    assert all(answer[0] == 1 and answer[5] == 0 for answer in answers)


def test_a_feature_of_the_plan_is_allowed_and_another_is_not_in_it(gate, tenant):
    assert gate.call("FEATURE", tenant, "sso") == [1, "ok", "sso", 0, 1, 0, ""]
    assert gate.call("FEATURE", tenant, "branding") == [0, "not_in_plan", "branding", 0, 0, -1, ""]


def test_a_tenant_that_nobody_put_has_the_default_plan(gate, stranger):
    answers = gate.pipeline(*[f"TAKE {stranger} messages"] * 4)
    assert [answer[0] for answer in answers] == [1, 1, 1, 0]
    assert answers[3][1:5] == ["limit_exceeded", "messages", 3, 3]
    assert gate.call("TAKE", stranger, "words")[1] == "not_in_plan"
    assert gate.call("FEATURE", stranger, "sso")[1] == "not_in_plan"


def test_a_subscription_that_has_ended_leads_to_the_default_plan(gate, shared_daemon):
    name = f"ended-{next(numbers)}"
    shared_daemon.put(name, status="canceled", subscription="sub_1")
    assert gate.call("CHECK", name, "messages")[4] == 3
    shared_daemon.put(name, status="active")
    assert gate.call("CHECK", name, "messages")[4] == 1000


def test_a_restricted_tenant_is_refused_everywhere_and_still_counted(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, restricted="asked by the operator")
    assert gate.call("TAKE", tenant, "messages") == [0, "restricted", "messages", 0, 0, -1, ""]
    assert gate.call("CHECK", tenant, "messages")[1] == "restricted"
    assert gate.call("FEATURE", tenant, "sso")[1] == "restricted"
    assert gate.call("RECORD", tenant, "messages", 4) == [["messages", 4, 4, 0]]
    shared_daemon.put(tenant, restricted=None)
    assert gate.call("TAKE", tenant, "messages")[:4] == [1, "ok", "messages", 5]


def test_usage_has_a_row_of_pairs_a_meter(gate, tenant):
    gate.call("TAKE", tenant, "messages", 250, "seats", 2)
    rows = [dict(zip(row[::2], row[1::2])) for row in gate.call("USAGE", tenant, "messages", "seats", "tokens")]
    assert [row["meter"] for row in rows] == ["messages", "seats", "tokens"]
    assert [row["kind"] for row in rows] == ["counter", "level", "counter"]
    assert [row["used"] for row in rows] == [250, 2, 0]
    assert [row["limit"] for row in rows] == [1000, 5, -1]
    assert [row["percent"] for row in rows] == [25, 40, None]
    assert rows[0]["period_start"] < rows[0]["period_end"]
    assert rows[1]["period_start"] is None


def test_usage_without_meters_shows_those_of_the_plan_in_resp3_as_maps(gate, tenant):
    gate.call("HELLO", 3)
    rows = gate.call("USAGE", tenant)
    names = {"meter", "used", "limit", "percent", "period_start", "period_end", "as_of"}
    assert all(names <= set(row) for row in rows)
    assert all(abs(row["as_of"] / 1000 - time.time()) < 60 for row in rows)
    names = [row["meter"] for row in rows]
    assert names[:2] == ["messages", "words"]
    assert "seats" in names and "calls" in names
