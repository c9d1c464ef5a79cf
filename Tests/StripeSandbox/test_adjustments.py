import pytest
import stripe

DAY = 86_400


def cancel(sandbox, identifier, name="messages"):
    return sandbox.sdk()[0].v1.billing.meter_event_adjustments.create(
        {"event_name": name, "type": "cancel", "cancel": {"identifier": identifier}}
    )


def values(sandbox):
    return [row["value"] for row in sandbox.state()["usage"]]


def test_a_cancelled_event_no_longer_adds(seeded, hour):
    for identifier, value in (("a", "10"), ("b", "0.5"), ("c", "7")):
        assert seeded.event(value, name="tokens", identifier=identifier, timestamp=hour).status == 200
    made = cancel(seeded, "b", "tokens")
    assert (made.object, made.status, made.cancel.identifier) == ("billing.meter_event_adjustment", "pending", "b")
    assert values(seeded) == [17]
    cancel(seeded, "a", "tokens")
    cancel(seeded, "c", "tokens")
    assert values(seeded) == []


def test_a_window_falls_back_to_the_event_before(seeded, hour):
    for identifier, value in (("a", "10"), ("b", "25"), ("c", "24")):
        assert seeded.event(value, identifier=identifier, timestamp=hour).status == 200
    cancel(seeded, "c")
    assert values(seeded) == [25]
    cancel(seeded, "a")
    assert values(seeded) == [25]
    cancel(seeded, "b")
    assert values(seeded) == []


def test_what_is_left_counts_on_count_and_last_meters(seeded, hour):
    seeded.seed(meters=[{"event_name": "calls", "formula": "count"}, {"event_name": "seats", "formula": "last"}])
    for identifier, timestamp in (("a", hour), ("b", hour + 30)):
        for name in ("calls", "seats"):
            answer = seeded.event(str(timestamp % 60), name=name, identifier=name + identifier, timestamp=timestamp)
            assert answer.status == 200
    cancel(seeded, "callsb", "calls")
    cancel(seeded, "seatsb", "seats")
    assert sorted(values(seeded)) == [0, 1]


def test_only_an_event_of_the_last_day_can_be_cancelled_and_once(seeded):
    seeded.event("1", identifier="a")
    seeded.event("2", name="tokens", identifier="b")
    for identifier, name in (("none", "messages"), ("b", "messages")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            cancel(seeded, identifier, name)
        assert refused.value.param == "cancel[identifier]"
    cancel(seeded, "a")
    with pytest.raises(stripe.InvalidRequestError):
        cancel(seeded, "a")
    seeded.advance(DAY)
    with pytest.raises(stripe.InvalidRequestError):
        cancel(seeded, "b", "tokens")


def test_a_cancelled_identifier_stays_used(seeded):
    seeded.event("1", identifier="a")
    cancel(seeded, "a")
    assert seeded.event("1", identifier="a").status == 400


def test_the_v2_call_cancels_as_well(seeded):
    seeded.event("1", identifier="a")
    made = seeded.sdk()[0].v2.billing.meter_event_adjustments.create(
        {"event_name": "messages", "type": "cancel", "cancel": {"identifier": "a"}}
    )
    assert made.object == "v2.billing.meter_event_adjustment" and values(seeded) == []


def test_an_adjustment_names_its_event(seeded):
    path = "/v1/billing/meter_event_adjustments"
    assert seeded.post(path, {"event_name": "messages", "type": "cancel"}).error["param"] == "cancel[identifier]"
    assert seeded.post(path, {"event_name": "messages", "type": "range"}).error["param"] == "type"
