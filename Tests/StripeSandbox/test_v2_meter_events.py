import pytest
import stripe

from sandbox import HOUR

PATH = "/v2/billing/meter_events"
DAY = 86_400


def event(value="1", customer="cus_acme", name="messages", **more):
    return {"event_name": name, "payload": {"stripe_customer_id": customer, "value": value}, **more}


def test_the_sdk_sends_an_event(seeded, hour):
    sdk, _ = seeded.sdk()
    time = "2026-01-15T10:20:52.051Z"
    seeded.control("POST", "clock", {"now": 1_768_472_500})
    made = sdk.v2.billing.meter_events.create(event("41", identifier="a", timestamp=time))
    assert (made.object, made.identifier, made.payload["value"]) == ("v2.billing.meter_event", "a", "41")
    assert made.timestamp == "2026-01-15T10:20:52.000Z"
    start = 1_768_472_452 - 1_768_472_452 % HOUR
    assert seeded.usage() == {("messages", "cus_acme", start): 41}


def test_a_time_may_have_an_offset_and_defaults_to_now(seeded):
    now = seeded.state()["now"]
    seeded.control("POST", "clock", {"now": 1_768_472_500})
    made = seeded.post_json(PATH, event(timestamp="2026-01-15T11:20:52+01:00"))
    assert made.body["timestamp"] == "2026-01-15T10:20:52.000Z"
    made = seeded.post_json(PATH, event())
    assert made.body["timestamp"] == made.body["created"] and now > 0


@pytest.mark.parametrize(
    "change, code",
    [
        ({"event_name": "unheard"}, "no_meter"),
        ({"payload": {"stripe_customer_id": "cus_acme", "value": "x"}}, "payload_invalid_value"),
        ({"payload": {"value": "1"}}, "payload_no_customer_defined"),
        ({"payload": {"stripe_customer_id": "cus_acme"}}, "payload_no_value_defined"),
        ({"timestamp": "2020-01-01T00:00:00Z"}, "timestamp_too_far_in_past"),
        ({"timestamp": "2190-01-01T00:00:00Z"}, "timestamp_in_future"),
        ({"timestamp": "soon"}, None),
        ({"timestamp": "2026-02-30T00:00:00Z"}, None),
        ({"timestamp": 1_768_472_452}, None),
        ({"payload": {"stripe_customer_id": "cus_acme", "value": 1}}, None),
        ({"nothing": "1"}, "parameter_unknown"),
    ],
)
def test_a_wrong_event_is_refused_at_once_with_its_code(seeded, change, code):
    answer = seeded.post_json(PATH, {**event(), **change})
    assert (answer.status, answer.error.get("code")) == (400, code)
    assert set(answer.error) <= {"type", "code", "message"} and seeded.state()["usage"] == []


def test_an_archived_meter_and_a_used_identifier_have_codes_of_their_own(seeded):
    assert seeded.post_json(PATH, event(identifier="a")).status == 200
    assert seeded.post_json(PATH, event(identifier="a")).error["code"] == "duplicate_meter_event"
    seeded.advance(DAY)
    assert seeded.post_json(PATH, event(identifier="a")).status == 200
    sdk, _ = seeded.sdk()
    sdk.v1.billing.meters.deactivate(next(meter["id"] for meter in seeded.state()["meters"]))
    assert seeded.post_json(PATH, event()).error["code"] == "archived_meter"


def test_an_unknown_customer_comes_later_unless_all_is_checked_at_once(seeded):
    assert seeded.post_json(PATH, event(customer="cus_nobody")).status == 200
    assert len(seeded.end_validation()) == 1
    seeded.settings(validation="sync")
    assert seeded.post_json(PATH, event(customer="cus_nobody")).error["code"] == "meter_event_customer_not_found"


def test_only_json_objects_are_taken(seeded):
    for body in ("", "[]", "{", "{}x", '{"a":01}', '{"event_name":"a","event_name":"b"}', b'{"a":"\xff"}'):
        assert seeded.post_json(PATH, body).status == 400
    assert seeded.post(PATH, {"event_name": "messages"}).status == 400
    escaped = '{"event_name": "m\\u0065ssages", "payload": {"stripe_customer_id":"cus_acme","value":"1"}}'
    assert seeded.post_json(PATH, escaped).status == 200


def test_a_key_lives_for_thirty_days_and_failures_are_tried_again(seeded):
    key = {"Idempotency_Key": "k"}
    assert seeded.post_json(PATH, event(name="later"), **key).status == 400
    seeded.seed(meters=[{"event_name": "later"}])
    first = seeded.post_json(PATH, event(name="later"), **key)
    assert first.status == 200 and "idempotent-replayed" not in first.headers
    seeded.advance(30 * DAY - 60)
    again = seeded.post_json(PATH, event(name="later"), **key)
    assert again.body == first.body and again.headers["idempotent-replayed"] == "true"
    assert seeded.post_json(PATH, event("2", name="later"), **key).error["type"] == "idempotency_error"
    seeded.advance(60)
    assert "idempotent-replayed" not in seeded.post_json(PATH, event(name="later"), **key).headers


def test_a_500_after_commit_is_answered_with_the_success_at_the_next_try(seeded):
    key = {"Idempotency_Key": "k"}
    seeded.fault("error_500_after_commit", path=PATH)
    assert seeded.post_json(PATH, event("5"), **key).status == 500
    assert seeded.post_json(PATH, event("5"), **key).status == 200
    assert [row["events"] for row in seeded.state()["usage"]] == [1]


def test_keys_of_v1_and_v2_are_apart(seeded):
    key = {"Idempotency_Key": "k"}
    assert seeded.event("1", headers=key).status == 200
    assert seeded.post_json(PATH, event(), **key).status == 200


def test_the_sdk_raises_on_a_duplicate(seeded):
    sdk, _ = seeded.sdk()
    sdk.v2.billing.meter_events.create(event(identifier="a"))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v2.billing.meter_events.create(event(identifier="a"))
    assert refused.value.code == "duplicate_meter_event"
