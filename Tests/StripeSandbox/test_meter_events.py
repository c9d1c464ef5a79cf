import pytest
import stripe

from sandbox import HOUR


def test_the_newest_event_of_an_hour_replaces_the_earlier_ones(seeded, hour):
    for value, timestamp in [("10", hour + 60), ("25", hour + 3_599), ("24", hour), ("7", hour + HOUR)]:
        assert seeded.event(value, timestamp=timestamp).status == 200
    assert seeded.usage() == {("messages", "cus_acme", hour): 24, ("messages", "cus_acme", hour + HOUR): 7}
    assert [row["events"] for row in seeded.state()["usage"]] == [3, 1]


def test_a_sum_meter_adds_its_events(seeded, hour):
    for value, timestamp in [("10", hour), ("0.5", hour + 61), ("-2", hour + 62)]:
        assert seeded.event(value, name="tokens", timestamp=timestamp).status == 200
    assert seeded.usage() == {("tokens", "cus_acme", hour): 8.5}


def test_count_and_last_meters_add_up_their_own_way(seeded, hour):
    seeded.seed(meters=[{"event_name": "calls", "formula": "count"}, {"event_name": "seats", "formula": "last"}])
    for value, timestamp in [("5", hour + 120), ("9", hour)]:
        assert seeded.event(value, name="seats", timestamp=timestamp).status == 200
        assert seeded.event("ignored", name="calls", timestamp=timestamp).status == 200
    assert seeded.usage() == {("calls", "cus_acme", hour): 2, ("seats", "cus_acme", hour): 5}


def test_the_sdk_sends_an_event_and_reads_it_back(seeded, hour):
    sdk, _ = seeded.sdk()
    meter = sdk.v1.billing.meters.list().data[-1]
    event = sdk.v1.billing.meter_events.create(
        {
            "event_name": "messages",
            "payload": {"stripe_customer_id": "cus_acme", "value": "999999999999999"},
            "identifier": "acme-1",
            "timestamp": hour,
        }
    )
    assert (event.identifier, event.timestamp, event.payload["value"]) == ("acme-1", hour, "999999999999999")
    summaries = sdk.v1.billing.meters.event_summaries.list(
        meter.id, {"customer": "cus_acme", "start_time": hour, "end_time": hour + HOUR, "value_grouping_window": "hour"}
    )
    assert [(row.aggregated_value, row.start_time, row.end_time, row.meter) for row in summaries.data] == [
        (999_999_999_999_999, hour, hour + HOUR, meter.id)
    ]


def test_a_used_identifier_is_refused_for_a_day(seeded, hour):
    sdk, _ = seeded.sdk()
    event = {
        "event_name": "messages",
        "payload": {"stripe_customer_id": "cus_acme", "value": "1"},
        "identifier": "once",
    }
    sdk.v1.billing.meter_events.create(event)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.billing.meter_events.create(event)
    assert refused.value.http_status == 400 and refused.value.code is None
    assert refused.value.error.message.startswith("An event already exists with identifier")
    assert refused.value.headers["stripe-should-retry"] == "false"

    seeded.control("POST", "clock", {"advance_seconds": 86_400})
    assert sdk.v1.billing.meter_events.create(event).identifier == "once"


def test_a_refused_event_leaves_its_identifier_free(seeded):
    seeded.settings(validation="sync")
    assert seeded.event("x", identifier="again").status == 400
    assert seeded.event("1", identifier="again").status == 200


@pytest.mark.parametrize(
    "change, param",
    [
        ({"event_name": "unheard"}, "event_name"),
        ({"payload[stripe_customer_id]": "cus_nobody"}, "payload[stripe_customer_id]"),
        ({"payload[value]": "1e3"}, "payload[value]"),
        ({"payload[value]": "+1"}, "payload[value]"),
        ({"payload[value]": "."}, "payload[value]"),
        ({"payload[value]": ""}, "payload[value]"),
        ({"payload[value]": "1000000000000000"}, "payload[value]"),
        ({"payload[value][deep]": "1"}, "payload[value]"),
        ({"timestamp": "soon"}, "timestamp"),
        ({"identifier": "x" * 101}, "identifier"),
        ({"value": "1"}, "value"),
    ],
)
def test_a_wrong_event_is_refused_at_once(seeded, change, param):
    seeded.settings(validation="sync")
    form = {"event_name": "messages", "payload[value]": "1", "payload[stripe_customer_id]": "cus_acme", **change}
    if "payload[value][deep]" in change:
        del form["payload[value]"]
    answer = seeded.post("/v1/billing/meter_events", form)
    assert (answer.status, answer.error["type"], answer.error["param"]) == (400, "invalid_request_error", param)
    assert seeded.state()["usage"] == []


def test_an_event_needs_its_customer_and_its_value(seeded):
    seeded.settings(validation="sync")
    path, event = "/v1/billing/meter_events", {"event_name": "messages"}
    no_value = seeded.post(path, {**event, "payload[stripe_customer_id]": "cus_acme"})
    no_customer = seeded.post(path, {**event, "payload[value]": "1"})
    no_payload = seeded.post(path, event)
    assert [answer.status for answer in (no_value, no_customer, no_payload)] == [400, 400, 400]
    assert (no_payload.error["code"], no_payload.error["param"]) == ("parameter_missing", "payload")


def test_timestamps_reach_35_days_back_and_5_minutes_ahead(seeded):
    now = seeded.state()["now"]
    assert seeded.event("1", timestamp=now - 35 * 86_400 + 60).status == 200
    assert seeded.event("1", timestamp=now - 35 * 86_400 - 60).status == 400
    assert seeded.event("1", timestamp=now + 240).status == 200
    assert seeded.event("1", timestamp=now + 360).status == 400


def test_an_inactive_meter_and_a_deleted_customer_take_nothing(seeded):
    seeded.settings(validation="sync")
    sdk, _ = seeded.sdk()
    sdk.v1.customers.delete("cus_globex")
    assert seeded.event("1", customer="cus_globex").status == 400
    meter = next(meter for meter in sdk.v1.billing.meters.list().data if meter.event_name == "messages")
    sdk.v1.billing.meters.deactivate(meter.id)
    assert seeded.event("1").status == 400
    sdk.v1.billing.meters.reactivate(meter.id)
    assert seeded.event("1").status == 200
