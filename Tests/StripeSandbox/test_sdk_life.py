"""A whole life of usage billing through the newest SDK, in its own API version."""

import stripe

from billing import ENDIVE, FEBRUARY, JANUARY, period
from receiver import receiving
from sandbox import HOUR


def life(sandbox, sdk):
    """From a customer to a paid invoice; what each step gives is checked on the way."""
    sandbox.control("POST", "clock", {"now": JANUARY})
    v1 = sdk.v1
    customer = v1.customers.create({"name": "Acme", "metadata": {"tenant_id": "acme"}})
    meter = v1.billing.meters.create(
        {
            "display_name": "Messages",
            "event_name": "messages",
            "default_aggregation": {"formula": "sum"},
            "event_time_window": "hour",
        }
    )
    product = v1.products.create({"name": "Chat"})
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    price = v1.prices.create({"currency": "usd", "product": product.id, "unit_amount": 2, "recurring": recurring})
    subscription = v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "metadata": {"tenant_id": "acme"}}
    )
    start, end = period(subscription)
    assert end == start + FEBRUARY - JANUARY

    def use(value, timestamp):
        payload = {"stripe_customer_id": customer.id, "value": str(value)}
        event = {"event_name": "messages", "payload": payload, "timestamp": timestamp}
        assert v1.billing.meter_events.create(event).timestamp == timestamp

    hour = start - start % HOUR + HOUR
    sandbox.control("POST", "clock", {"now": hour + 3 * HOUR})
    for value, timestamp in ((10, hour), (25, hour), (75, hour + HOUR)):
        use(value, timestamp)
    question = {"customer": customer.id, "start_time": hour, "end_time": hour + 2 * HOUR}
    summaries = v1.billing.meters.event_summaries.list(meter.id, {**question, "value_grouping_window": "hour"}).data
    assert [summary.aggregated_value for summary in summaries] == [75, 25]

    sandbox.control("POST", "clock", {"now": end + 60})
    draft = v1.invoices.list({"subscription": subscription.id}).data[0]
    assert (draft.status, draft.total, draft.automatically_finalizes_at) == ("draft", 200, end + HOUR)
    use(1, end - HOUR)
    assert v1.invoices.retrieve(draft.id).total == 202
    sandbox.control("POST", "clock", {"now": end + HOUR})
    use(1_000, end - 2 * HOUR)
    paid = v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.total, paid.lines.data[0].quantity) == ("paid", 202, 101)
    assert paid.parent.subscription_details.subscription == subscription.id
    return subscription


def test_metered_usage_is_billed_and_told(sandbox):
    assert stripe.api_version == ENDIVE
    sdk, _ = sandbox.sdk()
    with receiving() as receiver:
        endpoint = sdk.v1.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["*"], "api_version": ENDIVE}
        )
        subscription = life(sandbox, sdk)
        receiver.wait_for(13)
    # The sandbox clock is ahead, which no SDK minds; an event of the past it would refuse.
    events = [
        stripe.Webhook.construct_event(received.body, received.signature, endpoint.secret)
        for received in receiver.received
    ]
    assert [event.type for event in events if event.type.startswith("invoice.")] == [
        *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"),
        *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"),
    ]
    (renewal,) = (event for event in events if event.type == "customer.subscription.updated")
    assert renewal.data.object.id == subscription.id
    (old,), (new,) = renewal.data.previous_attributes["items"].data, renewal.data.object["items"].data
    assert old.current_period_end == new.current_period_start
    assert {event.api_version for event in events} == {ENDIVE}
