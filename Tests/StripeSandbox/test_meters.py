import pytest
import stripe

METER = {
    "display_name": "Messages",
    "event_name": "messages",
    "default_aggregation": {"formula": "sum"},
    "event_time_window": "hour",
}


def test_a_meter_is_created_renamed_deactivated_and_reactivated(sandbox):
    sdk, _ = sandbox.sdk()
    meter = sdk.v1.billing.meters.create(METER)
    assert (meter.status, meter.event_time_window, meter.default_aggregation.formula) == ("active", "hour", "sum")
    assert meter.customer_mapping.event_payload_key == "stripe_customer_id"
    assert meter.value_settings.event_payload_key == "value"

    assert sdk.v1.billing.meters.update(meter.id, {"display_name": "Chat"}).display_name == "Chat"
    stopped = sdk.v1.billing.meters.deactivate(meter.id)
    assert stopped.status == "inactive" and stopped.status_transitions.deactivated_at is not None
    assert [found.id for found in sdk.v1.billing.meters.list({"status": "active"}).data] == []
    assert sdk.v1.billing.meters.reactivate(meter.id).status == "active"
    assert sdk.v1.billing.meters.retrieve(meter.id).status_transitions.deactivated_at is None


def test_one_active_meter_has_an_event_name(sandbox):
    sdk, _ = sandbox.sdk()
    first = sdk.v1.billing.meters.create(METER)
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.billing.meters.create(METER)
    sdk.v1.billing.meters.deactivate(first.id)
    second = sdk.v1.billing.meters.create(METER)
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.billing.meters.reactivate(first.id)
    assert [meter.id for meter in sdk.v1.billing.meters.list({"status": "active"}).data] == [second.id]


def test_only_the_display_name_of_a_meter_can_change(sandbox):
    sdk, _ = sandbox.sdk()
    meter = sdk.v1.billing.meters.create(METER)
    answer = sandbox.post(f"/v1/billing/meters/{meter.id}", {"event_name": "other"})
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_unknown", "event_name")


def test_the_last_formula_is_newer_than_acacia(sandbox):
    last = {**METER, "default_aggregation": {"formula": "last"}}
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.sdk("2024-12-18.acacia")[0].v1.billing.meters.create(last)
    assert sandbox.sdk("2025-03-31.basil")[0].v1.billing.meters.create(last).default_aggregation.formula == "last"


@pytest.mark.parametrize(
    "change, param",
    [
        ({"default_aggregation": {"formula": "max"}}, "default_aggregation[formula]"),
        ({"default_aggregation": {}}, "default_aggregation"),
        ({"default_aggregation": {"formula": "sum", "by": "x"}}, "default_aggregation[by]"),
        ({"display_name": "x" * 251}, "display_name"),
        ({"event_name": "x" * 101}, "event_name"),
        ({"event_time_window": "month"}, "event_time_window"),
        ({"customer_mapping": {"type": "by_id"}}, "customer_mapping[event_payload_key]"),
    ],
)
def test_a_wrong_meter_is_refused_by_parameter(sandbox, change, param):
    sdk, _ = sandbox.sdk()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.billing.meters.create({**METER, **change})
    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert sandbox.state()["meters"] == []
