"""The flush: Stripe's hours equal Redis's hours, nothing is sent twice, and what cannot be sent waits visibly."""

import os
import threading
import time

from owed_hours import EVENTS, HOUR, flush, owed, record_three_hours, redis_hours
from sidecars import SETTLE_SECONDS
from waiting import wait_until


def test_after_a_flush_each_hour_at_stripe_equals_redis(busy, sandbox, redis_server):
    assert len(owed(busy)) == 12
    report = flush(busy)
    assert (report["sent"], report["acknowledged"], report["failed"], report["owed"]) == (12, 12, 0, 0)
    assert report["units"] == 2 * 2 * 35
    assert sandbox.usage() == redis_hours(redis_server)
    assert len(sandbox.usage()) == 12
    assert owed(busy) == []


def test_acknowledged_hours_are_not_sent_again(busy, sandbox):
    flush(busy)
    sent = sandbox.state()["requests"][EVENTS]
    assert sent == 12
    for _ in range(3):
        assert flush(busy)["sent"] == 0
    assert sandbox.state()["requests"][EVENTS] == sent


def test_an_hour_that_grew_is_sent_again_whole_and_alone(busy, sandbox, redis_server):
    flush(busy)
    with busy.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 7)
    report = flush(busy)
    assert (report["sent"], report["units"]) == (1, 7)
    assert sandbox.state()["requests"][EVENTS] == 13
    assert sandbox.usage() == redis_hours(redis_server)


def test_two_sidecars_send_the_sum_of_both(busy, start_daemon, redis_server, sandbox, billing):
    other = start_daemon(redis_url=redis_server.url, holder_id="other", **billing)
    record_three_hours(other, units=(1, 2, 3))
    # Whoever marks an hour first sends it; a round of its own may run in the other at the start.
    wait_until(lambda: flush(busy)["owed"] + flush(other)["owed"] == 0, "all is sent")
    assert sandbox.usage() == redis_hours(redis_server)
    assert sum(sandbox.usage().values()) == 2 * 2 * (35 + 6)


def test_refused_calls_and_unbilled_meters_are_not_sent(billed, sandbox):
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "messages", 5)
        gate.call("CHECK", "acme", "tokens", 5)
        gate.call("RECORD", "acme", "tokens", 0)
        gate.call("TAKE", "acme", "tokens", 5, "words", 100)
    assert flush(billed)["sent"] == 0
    assert sandbox.usage() == {}


def test_requests_carry_what_stripe_asks_of_clients(busy, sandbox):
    flush(busy)
    requests = [row for row in sandbox.state()["recent_requests"] if row["path"] == "/v1/billing/meter_events"]
    assert len({row["headers"]["idempotency-key"] for row in requests}) == len(requests)
    assert len({row["parameters"]["identifier"] for row in requests}) == len(requests)
    for row in requests:
        assert row["headers"]["stripe-version"] == "2026-10-28.endive"
        assert "tollgate" in row["headers"]["user-agent"]
        assert row["headers"]["authorization"].startswith("Bearer sk_test")


def test_the_flush_command_says_what_it_did(busy):
    ran = busy.run("flush", "--json")
    assert ran.code == 0 and ran.json["acknowledged"] == 12
    text = busy.run("flush")
    assert text.code == 0 and "hours still owed" in text.out


def test_usage_is_sent_by_itself_every_flush_interval(start_daemon, redis_server, sandbox, billing):
    daemon = start_daemon(redis_url=redis_server.url, stripe_flush_interval="1s", **billing)
    daemon.put("acme", customer="cus_acme")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 3)
    wait_until(lambda: list(sandbox.usage().values()) == [3], "the usage is sent")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 4)
    wait_until(lambda: sum(sandbox.usage().values()) == 7, "the rest is sent")


def test_usage_that_grows_while_its_hour_is_sent_is_owed_again(billed, sandbox):
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 3)
        sandbox.fault("slow", delay_ms=500)
        thread = threading.Thread(target=flush, args=(billed,))
        thread.start()
        wait_until(lambda: not sandbox.state()["faults"], "the request is under way")
        gate.call("TAKE", "acme", "tokens", 4)
        thread.join()
    assert [row["owed"] for row in owed(billed)] == [4]
    assert flush(billed)["owed"] == 0
    assert list(sandbox.usage().values()) == [7]


def test_the_secret_key_is_in_no_log_and_no_answer(busy):
    flush(busy)
    pages = [str(busy.http("GET", path)[1]) for path in ("/metrics", "/readyz", "/v1/doctor", "/v1/tenants")]
    for text in [busy.log, *pages]:
        assert "sk_test_integration" not in text


def test_used_is_acknowledged_plus_owed_for_each_hour(busy, redis_server):
    flush(busy)
    with busy.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 7)
    [row] = wait_until(lambda: owed(busy), "the usage has reached Redis")
    assert (row["total"], row["acknowledged"], row["owed"]) == (12, 5, 7)
    assert row["state"] == "owed"


def test_what_was_counted_before_its_meter_was_billed_is_not_sent_after_a_restart_of_redis(
    make_daemon, redis_server, billing, directory):
    """Its ledger tells it again, and Redis need not have forgotten anything."""
    plans = os.path.join(directory, "plans.yaml")

    def write_plans(billed):
        stripe = ", stripe: { mode: window, event_name: tokens }" if billed else ""
        with open(plans, "w", encoding="utf-8") as file:
            file.write(f"meters: {{ tokens: {{ kind: counter, per: month{stripe} }} }}\n")
            file.write("plans: { all: { name: All, limits: { tokens: -1 } } }\n")

    write_plans(billed=False)
    daemon = make_daemon(redis_url=redis_server.url, plans=plans, **billing).start()
    daemon.put("acme", plan="all", customer="cus_acme")
    now = time.time()
    with daemon.resp() as gate:
        gate.call("RECORD", "acme", "tokens", 5, "AT", int((now - HOUR) * 1000))
    assert daemon.stop() == 0
    write_plans(billed=True)
    daemon.start()
    with daemon.resp() as gate:
        gate.call("RECORD", "acme", "tokens", 3, "AT", int(now * 1000))
    redis_server.stop()
    redis_server.start()
    client = redis_server.client()
    [day] = client.scan_iter(match="*:h:tokens:*:acme", count=10_000)
    life = f"{day.split(':h:')[0]}:life"
    learned = [client.info("server")["run_id"], "0"]
    wait_until(lambda: client.hmget(life, "run", "until") == learned, "all is told again", SETTLE_SECONDS)
    assert [row["total"] for row in owed(daemon)] == [3]
