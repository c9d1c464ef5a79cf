"""What Stripe's events do to what is owed, from the event to the hour and the invoice."""

import pytest
from billing import FEBRUARY, seed_month

from owed_hours import flush, owed
from redis_server import free_port
from waiting import wait_until
from webhook_sender import PATH, SECRET, Sender, invoice, snapshot

SECONDS = 30


@pytest.fixture
def hooked(start_daemon, redis_server, billing):
    """A daemon that bills at the sandbox and listens for its events, and the port that it listens on."""
    port = free_port()
    billing["environment"]["STRIPE_WEBHOOK_SECRET"] = SECRET
    daemon = start_daemon(redis_url=redis_server.url, webhook_listen=f"127.0.0.1:{port}", **billing)
    daemon.webhooks = Sender(port)
    return daemon


def drafts(redis_server):
    """What is kept of tenants' invoices: {tenant: [invoice, end of its period, when it is finalised]}."""
    client = redis_server.client()
    found = {}
    for key in client.scan_iter(match="*:drafts", count=10_000):
        found |= {name: value.split() for name, value in client.hgetall(key).items() if not name.endswith("=read")}
    return found


def test_the_books_of_a_period_are_open_until_its_draft_is_finalised(hooked, redis_server, sandbox):
    seed_month(sandbox)
    hooked.put("acme", customer="cus_acme", subscription="sub_acme")
    sandbox.control("POST", "clock", {"now": FEBRUARY + 60})
    [draft] = [row for row in sandbox.get("/v1/invoices?status=draft").body["data"]]
    about = invoice(draft["id"])
    assert hooked.webhooks.send(snapshot("evt_1", "invoice.created", about))[0] == 200
    kept = wait_until(lambda: drafts(redis_server).get("acme"), "the draft is known", SECONDS)
    assert kept == [draft["id"], str(FEBRUARY), str(draft["automatically_finalizes_at"])]
    sandbox.control("POST", "clock", {"now": FEBRUARY + 4_000})
    # The later event comes first, and the earlier one once more: only what Stripe says counts.
    assert hooked.webhooks.send(snapshot("evt_2", "invoice.finalized", about))[0] == 200
    assert hooked.webhooks.send(snapshot("evt_3", "invoice.updated", about))[0] == 200
    wait_until(lambda: hooked.metric("tollgate_webhook_pending") == 0, "all are applied", SECONDS)
    name, end, finalised = drafts(redis_server)["acme"]
    assert (name, end) == (draft["id"], str(FEBRUARY)) and int(finalised) < FEBRUARY
    assert hooked.run("tenant", "rm", "acme", "--force", "--reason", "a test").code == 0
    assert drafts(redis_server) == {}


def test_an_hour_that_stripe_took_and_could_not_use_becomes_a_dead_letter(hooked, sandbox):
    url = f"http://127.0.0.1:{hooked.webhooks.port}{PATH}"
    sandbox.control("POST", "webhooks", {"url": url, "secret": SECRET, "thin": True})
    sandbox.control("POST", "webhooks/deliveries", {"signing_clock": "machine"})
    hooked.put("acme", customer="cus_acme")
    hooked.put("globex", customer="cus_nobody")
    with hooked.resp() as gate:
        for tenant in ("acme", "globex"):
            assert gate.call("TAKE", tenant, "tokens", 7)[0] == 1
    flush(hooked)
    wait_until(lambda: hooked.metric("tollgate_flush_acknowledged_total") == 2, "both are received", SECONDS)
    sandbox.control("POST", "clock", {"advance_seconds": 20})
    wait_until(lambda: hooked.metric("tollgate_dead_hours") == 1, "the hour is dead", SECONDS)
    [letter] = hooked.run("outbox", "--dead", "--json").json["dead"]
    assert (letter["tenant"], letter["code"], letter["total"]) == ("globex", "meter_event_customer_not_found", 7)
    assert owed(hooked) == []
    hooked.put("globex", customer="cus_globex")
    ran = hooked.run("outbox", "retry", "--all", "--reason", "the right customer")
    assert ran.code == 0, ran.err
    flush(hooked)
    wait_until(lambda: hooked.metric("tollgate_flush_acknowledged_total") == 3, "it is received", SECONDS)
    usage = {customer: value for (_, customer, _), value in sandbox.usage().items()}
    assert usage == {"cus_acme": 7, "cus_globex": 7}
