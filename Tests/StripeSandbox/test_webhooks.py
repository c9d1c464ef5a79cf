import itertools
import json
import socket
import time

import pytest
import stripe

from billing import ACACIA, BASIL, ENDIVE, FEBRUARY, JANUARY, VERSIONS, seed_month
from receiver import receiving
from sandbox import HOUR, Sandbox


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def endpoint(sandbox, receiver, events=("*",), **more):
    """A new endpoint with its secret."""
    sdk, _ = sandbox.sdk()
    return sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": list(events), **more})


def verified(received, secret):
    """The event, once the SDK has found its signature good; the sandbox clock may be anywhere."""
    stripe.WebhookSignature.verify_header(received.body.decode(), received.signature, secret, tolerance=None)
    return received.event


def timestamp(received):
    return int(received.signature.split(",")[0].removeprefix("t="))


def test_endpoints_are_made_read_changed_and_removed(sandbox, receiver):
    sdk, _ = sandbox.sdk()
    made = endpoint(sandbox, receiver, ["invoice.paid"], api_version=ACACIA)
    assert made.secret.startswith("whsec_") and (made.status, made.api_version) == ("enabled", ACACIA)
    assert "secret" not in sdk.v1.webhook_endpoints.retrieve(made.id)
    changed = sdk.v1.webhook_endpoints.update(made.id, {"disabled": True, "enabled_events": ["customer.*"]})
    assert (changed.status, changed.enabled_events) == ("disabled", ["customer.*"])
    assert [each.id for each in sdk.v1.webhook_endpoints.list().data] == [made.id]
    assert sdk.v1.webhook_endpoints.delete(made.id).deleted
    assert sdk.v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "http://127.0.0.1@example.com/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "x",
    ],
)
def test_only_loopback_is_posted_to(sandbox, url):
    sdk, _ = sandbox.sdk()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
    assert refused.value.param == "url"
    assert sandbox.send("POST", "/_sandbox/webhooks", json.dumps({"url": url})).status == 400


def test_the_official_sdk_accepts_an_event(sandbox, receiver):
    made = endpoint(sandbox, receiver)
    sdk, _ = sandbox.sdk()
    customer = sdk.v1.customers.create({"name": "Acme"}, {"idempotency_key": "k1"})
    (received,) = receiver.wait_for(1)
    event = stripe.Webhook.construct_event(received.body, received.signature, made.secret)
    assert (event.type, event.data.object.id, event.api_version) == ("customer.created", customer.id, ENDIVE)
    assert event.request.idempotency_key == "k1" and event.request.id.startswith("req_")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(received.body, received.signature, "whsec_other")


def test_endpoints_get_what_they_ask_for(sandbox, receiver):
    endpoint(sandbox, receiver, ["customer.deleted", "product.*"])
    sdk, _ = sandbox.sdk()
    customer = sdk.v1.customers.create()
    product = sdk.v1.products.create({"name": "x"})
    sdk.v1.products.update(product.id, {"name": "y"})
    sdk.v1.customers.delete(customer.id)
    receiver.wait_for(3)
    assert receiver.types() == ["product.created", "product.updated", "customer.deleted"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_is_told_in_the_shape_of_the_endpoints_version(sandbox, receiver, version):
    seed_month(sandbox)
    secret = endpoint(sandbox, receiver, api_version=version).secret
    sandbox.control("POST", "clock", {"now": FEBRUARY + HOUR})
    events = [verified(received, secret) for received in receiver.wait_for(5)]
    assert [(event["type"], event["created"]) for event in events] == [
        ("customer.subscription.updated", FEBRUARY),
        ("invoice.created", FEBRUARY),
        ("invoice.finalized", FEBRUARY + HOUR),
        ("invoice.paid", FEBRUARY + HOUR),
        ("invoice.payment_succeeded", FEBRUARY + HOUR),
    ]
    assert {event["api_version"] for event in events} == {version}
    assert {event["request"]["id"] for event in events} == {None}
    subscription, previous = events[0]["data"]["object"], events[0]["data"]["previous_attributes"]
    invoice = events[1]["data"]["object"]
    assert previous["latest_invoice"] is None and subscription["latest_invoice"] == invoice["id"]
    if version == ACACIA:
        assert (subscription["current_period_start"], previous["current_period_start"]) == (FEBRUARY, JANUARY)
        assert "items" not in previous and invoice["subscription"] == "sub_acme"
    else:
        old, new = previous["items"]["data"], subscription["items"]["data"]
        assert [item["current_period_start"] for item in old] == [JANUARY, JANUARY]
        assert [item["current_period_start"] for item in new] == [FEBRUARY, FEBRUARY]
        assert "current_period_start" not in previous
        assert invoice["parent"]["subscription_details"]["subscription"] == "sub_acme"
    assert [event["data"]["object"]["status"] for event in events[1:]] == ["draft", "open", "paid", "paid"]


def test_what_changes_nothing_is_not_told(sandbox):
    seed_month(sandbox)
    sdk, _ = sandbox.sdk()
    sdk.v1.subscriptions.update("sub_acme", {"metadata": {"tenant_id": "acme"}})
    sdk.v1.customers.update("cus_acme", {"email": "acme@example.com"})
    assert sdk.v1.events.list().data == []


def test_the_life_of_a_subscription_is_told(sandbox, receiver):
    seed_month(sandbox)
    endpoint(sandbox, receiver, ["customer.subscription.*"])
    sdk, _ = sandbox.sdk()
    made = sdk.v1.subscriptions.create({"customer": "cus_acme", "items": [{"price": "price_base"}]})
    sdk.v1.subscriptions.update(made.id, {"metadata": {"plan": "pro"}, "cancel_at_period_end": True})
    sdk.v1.subscriptions.cancel(made.id)
    received = receiver.wait_for(3)
    assert [name.rsplit(".", 1)[1] for name in receiver.types()] == ["created", "updated", "deleted"]
    # What a request caused names it; what the clock did names none.
    assert all(each.event["request"]["id"] for each in received)
    previous = received[1].event["data"]["previous_attributes"]
    assert previous["metadata"] == {"plan": None} and previous["cancel_at_period_end"] is False
    assert "items" not in previous and "previous_attributes" not in received[0].event["data"]
    assert received[2].event["data"]["object"]["status"] == "canceled"


def test_a_delivery_that_fails_is_repeated_with_a_new_signature(sandbox, receiver):
    receiver.answers = [500, 302]
    secret = endpoint(sandbox, receiver).secret
    sandbox.sdk()[0].v1.customers.create()
    receiver.wait_for(2)
    sandbox.control("POST", "clock", {"advance_seconds": 60})
    first, second, third = receiver.wait_for(3)
    assert first.body == second.body == third.body
    assert timestamp(first) < timestamp(second) < timestamp(third)
    assert len({received.signature for received in (first, second, third)}) == 3
    for received in (first, second, third):
        verified(received, secret)
    sandbox.wait_until(lambda: not sandbox.control("GET", "webhooks")["pending"], "the delivery is done")
    attempts = sandbox.control("GET", "webhooks")["attempts"]
    assert [(each["attempt"], each["status"]) for each in attempts] == [(1, 500), (2, 302), (3, 200)]


def test_repeating_ends_after_three_days(sandbox, receiver):
    receiver.answers = [500] * 100
    endpoint(sandbox, receiver)
    sandbox.sdk()[0].v1.customers.create()
    for count in itertools.count(1):
        receiver.wait_for(count)
        sandbox.wait_until(lambda: len(sandbox.control("GET", "webhooks")["attempts"]) == count, "it is noted")
        pending = sandbox.control("GET", "webhooks")["pending"]
        if not pending:
            break
        sandbox.control("POST", "clock", {"now": pending[0]["due_at"]})
    assert 5 < count < 30
    assert 2 * 86_400 < timestamp(receiver.received[-1]) - timestamp(receiver.received[0]) <= 3 * 86_400


def test_an_endpoint_that_is_away_gets_its_events_after_a_restart(tmp_path, receiver):
    path = str(tmp_path / "account.json")
    first = Sandbox("--state", path)
    endpoint(first, receiver)
    first.control("POST", "webhooks/deliveries", {"hold": True})
    first.sdk()[0].v1.customers.create()
    assert first.stop() == 0
    assert receiver.received == []
    second = Sandbox("--state", path)
    second.control("POST", "webhooks/deliveries", {"hold": False})
    receiver.wait_for(1)
    assert second.stop() == 0


def test_what_is_due_happens_though_nobody_asks(sandbox, receiver):
    seed_month(sandbox)
    endpoint(sandbox, receiver, ["invoice.created"])
    sandbox.control("POST", "clock", {"now": FEBRUARY - 1})
    assert receiver.wait_for(1)[0].event["created"] == FEBRUARY


def test_it_stops_while_an_endpoint_does_not_answer_and_asks_it_again(tmp_path):
    path = str(tmp_path / "account.json")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        first = Sandbox("--state", path)
        first.control("POST", "webhooks", {"url": f"http://127.0.0.1:{silent.getsockname()[1]}/"})
        first.sdk()[0].v1.customers.create()
        connection, _ = silent.accept()
        assert first.stop() == 0
        connection.close()
        second = Sandbox("--state", path)
        assert len(second.control("GET", "webhooks")["pending"]) == 1
        second.control("POST", "clock", {"advance_seconds": 60})
        again, _ = silent.accept()
        again.close()
        assert second.stop() == 0


def test_a_slow_endpoint_delays_only_itself(sandbox, receiver):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sandbox.control("POST", "webhooks", {"url": f"http://127.0.0.1:{silent.getsockname()[1]}/"})
        endpoint(sandbox, receiver)
        for _ in range(3):
            sandbox.sdk()[0].v1.customers.create()
        receiver.wait_for(3)
        pending = sandbox.control("GET", "webhooks")["pending"]
        assert [delivery["attempts"] for delivery in pending] == [0, 0, 0]


def test_a_disabled_endpoint_gets_nothing_not_even_later(sandbox, receiver):
    sdk, _ = sandbox.sdk()
    made = endpoint(sandbox, receiver)
    sandbox.control("POST", "webhooks/deliveries", {"hold": True})
    sdk.v1.customers.create()
    sdk.v1.webhook_endpoints.update(made.id, {"disabled": True})
    sdk.v1.webhook_endpoints.update(made.id, {"disabled": False})
    sandbox.control("POST", "webhooks/deliveries", {"hold": False})
    sdk.v1.products.create({"name": "x"})
    receiver.wait_for(1)
    assert receiver.types() == ["product.created"]


def test_deliveries_are_reordered_and_doubled_on_command(sandbox, receiver):
    sdk, _ = sandbox.sdk()
    endpoint(sandbox, receiver)
    sandbox.control("POST", "webhooks/deliveries", {"hold": True, "copies": 2})
    product = sdk.v1.products.create({"name": "x"})
    sdk.v1.products.update(product.id, {"name": "y"})
    sandbox.control("POST", "webhooks/deliveries", {"hold": False, "copies": 1, "order": "reversed"})
    ids = [received.event["id"] for received in receiver.wait_for(4)]
    assert receiver.types() == ["product.updated"] * 2 + ["product.created"] * 2
    assert ids[0] == ids[1] and ids[2] == ids[3]
    sandbox.control("POST", "webhooks/deliveries", {"resend": ids[0]})
    assert receiver.wait_for(5)[4].event["id"] == ids[0]


def test_a_rolled_secret_signs_beside_the_old_one_for_a_while(sandbox, receiver):
    sdk, _ = sandbox.sdk()
    made = endpoint(sandbox, receiver)
    new = sandbox.control("POST", "webhooks/secret", {"id": made.id, "overlap_seconds": HOUR})["secret"]
    sdk.v1.customers.create()
    (both,) = receiver.wait_for(1)
    assert both.signature.count("v1=") == 2
    verified(both, made.secret)
    verified(both, new)
    sandbox.control("POST", "clock", {"advance_seconds": HOUR})
    sdk.v1.customers.create()
    alone = receiver.wait_for(2)[1]
    verified(alone, new)
    with pytest.raises(stripe.SignatureVerificationError):
        verified(alone, made.secret)


def test_thin_events_go_to_their_destinations_alone(seeded, receiver):
    secret = seeded.control("POST", "webhooks", {"url": receiver.url, "thin": True})["secret"]
    with receiving() as snapshots:
        seeded.control("POST", "webhooks", {"url": snapshots.url})
        assert seeded.event("1", customer="cus_none").status == 200
        seeded.control("POST", "clock", {"advance_seconds": 60})
        thin = verified(receiver.wait_for(1)[0], secret)
        assert thin["object"] == "v2.core.event" and thin["type"] == "v1.billing.meter.error_report_triggered"
        assert "data" not in thin
        sdk, _ = seeded.sdk()
        assert sdk.v2.core.events.retrieve(thin["id"]).data.reason.error_count == 1
        assert snapshots.received == []


def test_signatures_can_tell_the_machines_time(sandbox, receiver):
    sandbox.control("POST", "clock", {"now": JANUARY})
    secret = endpoint(sandbox, receiver).secret
    sandbox.control("POST", "webhooks/deliveries", {"signing_clock": "machine"})
    start = int(time.time())
    sandbox.sdk()[0].v1.customers.create()
    (received,) = receiver.wait_for(1)
    assert start <= timestamp(received) <= time.time()
    assert verified(received, secret)["created"] >= JANUARY


def test_events_are_fired_on_command(sandbox, receiver):
    seed_month(sandbox)
    sandbox.control("POST", "webhooks", {"url": receiver.url, "secret": "whsec_mine", "api_version": BASIL})
    sandbox.control(
        "POST",
        "trigger",
        {"type": "customer.subscription.updated", "id": "sub_acme", "previous_attributes": {"status": "past_due"}},
    )
    sandbox.control("POST", "trigger", {"type": "invoice.payment_failed", "object": {"id": "in_x"}})
    first, second = (verified(received, "whsec_mine") for received in receiver.wait_for(2))
    assert first["data"]["previous_attributes"] == {"status": "past_due"}
    assert first["data"]["object"]["items"]["data"][0]["current_period_end"] == FEBRUARY
    assert second["data"] == {"object": {"id": "in_x"}}
    for body in ({"type": "x"}, {"type": "a b", "id": "sub_acme"}, {"type": "x", "id": "sub_none"}):
        assert sandbox.send("POST", "/_sandbox/trigger", json.dumps(body)).status in (400, 404)


def test_events_can_be_read_back(sandbox):
    sdk, _ = sandbox.sdk(ACACIA)
    for name in ("a", "b"):
        sdk.v1.products.create({"name": name})
    sdk.v1.customers.create()
    events = sdk.v1.events.list().data
    assert [event.type for event in events] == ["customer.created", "product.created", "product.created"]
    assert sdk.v1.events.retrieve(events[1].id).data.object.name == "b"
    # What is read back is in the account's version, whatever the request's.
    assert {event.api_version for event in events} == {ENDIVE}
    assert len(sdk.v1.events.list({"type": "product.*"}).data) == 2
    assert len(sdk.v1.events.list({"types": ["customer.created", "customer.updated"]}).data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.events.list({"type": "product.*", "types": ["x"]})
