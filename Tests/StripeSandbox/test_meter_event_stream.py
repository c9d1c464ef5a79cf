import pytest
import stripe

from sandbox import KEY

PATH = "/v2/billing/meter_event_stream"


def event(number=0, value="1", customer="cus_acme", name="tokens", **more):
    payload = {"stripe_customer_id": customer, "value": value}
    return {"event_name": name, "identifier": f"event-{number}", "payload": payload, **more}


@pytest.fixture
def token(seeded):
    return seeded.sdk()[0].v2.billing.meter_event_session.create().authentication_token


def stream(sandbox, token, body, **headers):
    return sandbox.post_json(PATH, body, Authorization=f"Bearer {token}", **headers)


def test_the_sdk_streams_a_hundred_events(seeded, token):
    sdk, _ = seeded.sdk(key=token)
    sdk.v2.billing.meter_event_stream.create({"events": [event(number) for number in range(100)]})
    assert [(row["value"], row["events"]) for row in seeded.state()["usage"]] == [(100, 100)]


def test_a_stream_is_answered_with_an_empty_object(seeded, token):
    answer = stream(seeded, token, {"events": [event()]})
    assert (answer.status, answer.body) == (200, {})


def test_a_session_lasts_fifteen_minutes(seeded, token):
    seeded.advance(880)
    assert stream(seeded, token, {"events": [event(1)]}).status == 200
    seeded.advance(20)
    late = stream(seeded, token, {"events": [event(2)]})
    assert (late.status, late.error["type"]) == (401, "temporary_session_expired")
    assert late.error["code"] == "billing_meter_event_session_expired"
    with pytest.raises(stripe.TemporarySessionExpiredError):
        seeded.sdk(key=token)[0].v2.billing.meter_event_stream.create({"events": [event(3)]})
    assert [row["value"] for row in seeded.state()["usage"]] == [1]


def test_a_key_opens_no_stream_and_a_token_nothing_else(seeded, token):
    assert stream(seeded, KEY, {"events": [event()]}).status == 401
    assert stream(seeded, "token_test_none", {"events": [event()]}).error["type"] == "invalid_request_error"
    assert seeded.get("/v1/customers", Authorization=f"Bearer {token}").status == 401


def test_all_validation_of_events_comes_later(seeded, token):
    now = "2190-01-01T00:00:00Z"
    events = [
        event(1),
        event(1, "7"),
        event(2, customer="cus_nobody"),
        event(3, "x"),
        event(4, timestamp="2001-01-01T00:00:00Z"),
        event(5, timestamp=now),
        event(6, name="unheard"),
    ]
    assert stream(seeded, token, {"events": events}).status == 200
    assert [row["value"] for row in seeded.state()["usage"]] == [1]
    kinds = [kind for event in seeded.end_validation() for kind in event["data"]["reason"]["error_types"]]
    assert {kind["code"]: kind["sample_errors"][0]["request"]["identifier"] for kind in kinds} == {
        "meter_event_customer_not_found": "event-2",
        "meter_event_invalid_value": "event-3",
        "timestamp_too_far_in_past": "event-4",
        "timestamp_in_future": "event-5",
        "no_meter": "event-6",
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"events": []},
        {"events": [event(number) for number in range(101)]},
        {"events": {"0": event()}},
        {"events": [event(nothing="1")]},
        {"events": [event()], "more": "1"},
        {"events": [{"event_name": "tokens"}]},
        {"events": [{"payload": {}}]},
        {"events": [event(timestamp=1_768_472_452)]},
        {"events": [event(timestamp="soon")]},
        {"events": [event(value=1)]},
        "x",
    ],
)
def test_a_body_of_another_shape_is_refused_whole(seeded, token, body):
    answer = stream(seeded, token, body)
    assert answer.status == 400 and seeded.state()["usage"] == []


def test_a_stream_is_replayed_by_its_key(seeded, token):
    body = {"events": [event(value="3")]}
    stream(seeded, token, body, Idempotency_Key="k")
    again = stream(seeded, token, body, Idempotency_Key="k")
    assert again.headers["idempotent-replayed"] == "true"
    assert stream(seeded, token, {"events": [event(9)]}, Idempotency_Key="k").status == 400
    assert [row["events"] for row in seeded.state()["usage"]] == [1]


def test_faults_strike_the_stream(seeded, token):
    seeded.fault("error_500", path=PATH)
    assert stream(seeded, token, {"events": [event()]}).status == 500
    assert stream(seeded, token, {"events": [event()]}).status == 200
