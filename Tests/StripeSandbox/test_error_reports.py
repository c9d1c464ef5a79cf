from receiver import receiving


def refused_later(sandbox, **event):
    answer = sandbox.event("1", **event)
    assert answer.status == 200, answer.body


def report(event):
    """What an event tells, as {code: (count, identifiers of the sample)}."""
    return {
        kind["code"]: (kind["error_count"], [sample["request"]["identifier"] for sample in kind["sample_errors"]])
        for kind in event["data"]["reason"]["error_types"]
    }


def test_what_cannot_be_counted_is_taken_and_reported_after_its_window(seeded):
    refused_later(seeded, customer="cus_nobody", identifier="a")
    assert seeded.state()["usage"] == [] and seeded.state()["core_events"] == []
    (event,) = seeded.end_validation()
    meter = next(meter["id"] for meter in seeded.state()["meters"] if meter["event_name"] == "messages")
    assert event["type"] == "v1.billing.meter.error_report_triggered"
    assert event["related_object"] == {
        "id": meter,
        "type": "billing.meter",
        "url": f"/v1/billing/meters/{meter}",
    }
    assert report(event) == {"meter_event_customer_not_found": (1, ["a"])}
    assert event["data"]["developer_message_summary"] == "There is 1 invalid event"
    assert event["data"]["validation_end"] > event["data"]["validation_start"]


def test_an_event_without_a_meter_is_reported_apart(seeded):
    refused_later(seeded, name="unheard", identifier="a")
    (event,) = seeded.end_validation()
    assert event["type"] == "v1.billing.meter.no_meter_found" and "related_object" not in event
    assert report(event) == {"no_meter": (1, ["a"])}


def test_each_kind_of_problem_has_its_code(seeded):
    sdk, _ = seeded.sdk()
    tokens = next(meter["id"] for meter in seeded.state()["meters"] if meter["event_name"] == "tokens")
    sdk.v1.billing.meters.deactivate(tokens)
    path, good = "/v1/billing/meter_events", {"event_name": "messages", "payload[stripe_customer_id]": "cus_acme"}
    for form in (
        {"event_name": "tokens", "payload[value]": "1"},
        {"event_name": "messages", "payload[value]": "1"},
        {**good, "payload[value]": "1e3"},
        {**good, "payload[other]": "1"},
        {**good, "payload[value]": "1000000000000000"},
    ):
        assert seeded.post(path, form).status == 200
    codes = {code: count for event in seeded.end_validation() for code, (count, _) in report(event).items()}
    assert codes == {
        "archived_meter": 1,
        "meter_event_no_customer_defined": 1,
        "meter_event_invalid_value": 2,
        "meter_event_value_too_many_digits": 1,
    }


def test_a_report_counts_all_and_names_a_sample(seeded):
    now = seeded.state()["now"]
    seeded.control("POST", "clock", {"now": now - now % 10 + 10})
    for number in range(8):
        refused_later(seeded, customer="cus_nobody", identifier=str(number))
    (event,) = seeded.end_validation()
    count, sample = report(event)["meter_event_customer_not_found"]
    assert count == 8 and len(sample) == 5


def test_reports_are_one_a_meter_and_window(seeded):
    for name in ("messages", "tokens"):
        refused_later(seeded, name=name, customer="cus_nobody")
    assert len(seeded.end_validation()) == 2
    refused_later(seeded, customer="cus_nobody")
    assert len(seeded.end_validation()) == 3


def test_a_report_comes_by_itself(seeded):
    now = seeded.state()["now"]
    seeded.control("POST", "clock", {"now": now - now % 10 + 9})
    refused_later(seeded, customer="cus_nobody")
    seeded.wait_until(lambda: seeded.state()["core_events"], "the window ends")


def test_an_identifier_is_used_up_by_an_event_refused_later(seeded):
    refused_later(seeded, customer="cus_nobody", identifier="a")
    again = seeded.event("1", identifier="a")
    assert again.status == 400 and again.error["message"].startswith("An event already exists with identifier")


def test_shape_and_timestamp_are_refused_at_once(seeded):
    now = seeded.state()["now"]
    assert seeded.event("1", timestamp=now + 400).status == 400
    assert seeded.event("1", nothing="1").status == 400
    assert seeded.end_validation() == []


def test_an_event_is_fetched_by_its_id(seeded):
    refused_later(seeded, customer="cus_nobody", identifier="a")
    (event,) = seeded.end_validation()
    sdk, _ = seeded.sdk()
    fetched = sdk.v2.core.events.retrieve(event["id"])
    assert fetched.type == event["type"]
    assert fetched.data.reason.error_types[0].sample_errors[0].request.identifier == "a"
    assert seeded.get("/v2/core/events/evt_test_none").status == 404


def test_a_report_is_posted_thin_to_the_destinations_that_want_it(seeded):
    with receiving() as receiver:
        seeded.control("POST", "webhooks", {"url": receiver.url, "thin": True, "events": ["v1.billing.meter.*"]})
        refused_later(seeded, customer="cus_nobody", identifier="a")
        (event,) = seeded.end_validation()
        (received,) = receiver.wait_for(1)
    thin = {name: value for name, value in event.items() if name != "data"}
    assert received.event == thin
