"""A whole life of legacy usage billing through stripe-python 11, whose own API version is acacia. Collected only when
that is the SDK installed; every other test here runs with the newest."""

import pytest
import stripe

from billing import FEBRUARY, JANUARY
from receiver import receiving
from sandbox import HOUR, KEY, RecordingClient


@pytest.fixture
def acacia(sandbox):
    client = RecordingClient(timeout=10)
    sdk = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url}, http_client=client, max_network_retries=0)
    return sdk, client


def life(sandbox, sdk):
    """From a customer to a paid invoice; what each step gives is checked on the way."""
    sandbox.control("POST", "clock", {"now": JANUARY})
    customer = sdk.customers.create({"name": "Acme", "email": "acme@example.com", "metadata": {"tenant_id": "acme"}})
    product = sdk.products.create({"name": "Chat"})
    recurring = {"interval": "month", "usage_type": "metered", "aggregate_usage": "sum"}
    price = sdk.prices.create(
        {"currency": "usd", "product": product.id, "unit_amount": 2, "recurring": recurring}
    )
    assert (price.recurring.aggregate_usage, price.recurring.meter) == ("sum", None)
    subscription = sdk.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "metadata": {"tenant_id": "acme"}}
    )
    start, end = subscription.current_period_start, subscription.current_period_end
    assert end == start + FEBRUARY - JANUARY
    item = sdk.subscription_items.list({"subscription": subscription.id}).data[0]

    def use(quantity, timestamp, action):
        form = {"quantity": quantity, "timestamp": timestamp, "action": action}
        return sdk.subscription_items.usage_records.create(item.id, form)

    hour = start - start % HOUR + HOUR
    sandbox.control("POST", "clock", {"now": hour + 3 * HOUR})
    for quantity in (10, 25):
        record = use(quantity, hour, "set")
        assert (record.quantity, record.timestamp, record.subscription_item) == (quantity, hour, item.id)
    use(75, hour + HOUR, "set")
    with pytest.raises(stripe.InvalidRequestError):
        use(1, start - HOUR, "set")
    with pytest.raises(stripe.InvalidRequestError):
        use(1, hour + 9 * HOUR, "set")
    (summary,) = sdk.subscription_items.usage_record_summaries.list(item.id).data
    assert (summary.total_usage, summary.invoice) == (100, None)

    sandbox.control("POST", "clock", {"now": end + 60})
    draft = sdk.invoices.list({"subscription": subscription.id}).data[0]
    assert (draft.status, draft.total, draft.subscription) == ("draft", 200, subscription.id)
    assert draft.automatically_finalizes_at == end + HOUR
    use(1, end - HOUR, "set")
    assert sdk.invoices.retrieve(draft.id).total == 202
    sandbox.control("POST", "clock", {"now": end + HOUR})
    paid = sdk.invoices.retrieve(draft.id)
    assert (paid.status, paid.paid, paid.total) == ("paid", True, 202)
    assert paid.lines.data[0].price.id == price.id and paid.lines.data[0].quantity == 101
    current, closed = sdk.subscription_items.usage_record_summaries.list(item.id).data
    assert (current.total_usage, closed.total_usage, closed.invoice) == (0, 101, draft.id)
    return subscription


def test_legacy_usage_is_billed_and_told(sandbox, acacia):
    sdk, client = acacia
    assert stripe.api_version == "2024-12-18.acacia"
    with receiving() as receiver:
        endpoint = sdk.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["*"], "api_version": stripe.api_version}
        )
        subscription = life(sandbox, sdk)
        receiver.wait_for(13)
    events = []
    for received in receiver.received:
        stripe.WebhookSignature.verify_header(received.body.decode(), received.signature, endpoint.secret)
        events.append(stripe.Event.construct_from(received.event, KEY))
    assert [event.type for event in events if event.type.startswith("invoice.")] == [
        *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"),
        *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"),
    ]
    (renewal,) = (event for event in events if event.type == "customer.subscription.updated")
    assert renewal.data.object.id == subscription.id
    assert renewal.data.previous_attributes["current_period_end"] == renewal.data.object.current_period_start
    assert {event.api_version for event in events} == {stripe.api_version}
    lines = [line for _, path, _, body in client.exchanges if "/invoices/" in path for line in body["lines"]["data"]]
    unknown = {name for line in lines for name in line} - set(stripe.InvoiceLineItem.__annotations__)
    assert lines and unknown == set()
