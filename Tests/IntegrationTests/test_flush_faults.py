"""What Stripe does not take, or may have taken, ends equal all the same; what cannot be sent waits visibly."""

import pytest

from owed_hours import EVENTS, flush, owed, redis_hours
from waiting import wait_until


@pytest.mark.parametrize("kind", ["rate_limit", "error_500", "reset", "drop_answer_after_commit"])
def test_a_send_that_fails_leaves_its_hour_owed_and_the_report_says_so(busy, sandbox, redis_server, kind):
    # Three times, because libcurl asks again by itself, with the same idempotency key, when a kept connection breaks.
    sandbox.fault(kind, count=3)
    ran = busy.run("flush", "--json")
    assert ran.code == 4
    assert ran.json["failed"] >= 1 and ran.json["owed"] >= 1
    assert ran.json["failures"][0]["detail"]
    missing = set(redis_hours(redis_server).items()) - set(sandbox.usage().items())
    assert len(missing) <= ran.json["owed"]


@pytest.mark.parametrize("kind", ["rate_limit", "error_500", "error_500_after_commit"])
def test_a_send_that_stripe_answered_with_a_failure_is_sent_at_the_next_flush(busy, sandbox, redis_server, kind):
    sandbox.fault(kind, count=2)
    assert flush(busy)["owed"] > 0
    assert flush(busy)["owed"] == 0
    assert sandbox.usage() == redis_hours(redis_server)
    assert sandbox.state()["requests"][EVENTS] == 14


def test_after_every_kind_of_fault_the_next_flushes_end_equal_without_being_asked(
    start_daemon, redis_server, sandbox, billing
):
    """An hour without an answer is sent again when its mark runs out, which takes most of a minute: so one test."""
    daemon = start_daemon(redis_url=redis_server.url, stripe_flush_interval="1s", **billing)
    kinds = ["error_500", "error_500_after_commit", "drop_answer_after_commit", "reset", "rate_limit"]
    sandbox.seed(customers=[{"id": f"cus_t{number}"} for number in range(len(kinds))])
    for number in range(len(kinds)):
        daemon.put(f"t{number}", customer=f"cus_t{number}")
    for kind in kinds:
        sandbox.fault(kind)
    with daemon.resp() as gate:
        for number in range(len(kinds)):
            gate.call("TAKE", f"t{number}", "tokens", number + 1)
        sandbox.wait_until_faults_have_struck()
        for number in range(len(kinds)):
            gate.call("TAKE", f"t{number}", "tokens", 10)
    wait_until(lambda: daemon.metric("tollgate_owed_hours") == 0, "all is acknowledged", 120)
    assert sandbox.usage() == redis_hours(redis_server)
    assert sum(sandbox.usage().values()) == 15 + 10 * len(kinds)


@pytest.mark.parametrize(
    "meter, why", [("plain_sums", "has no event_time_window"), ("retired", "is inactive: reactivate it")]
)
def test_a_meter_that_is_not_what_its_mode_needs_gets_nothing_and_doctor_says_why(billed, sandbox, meter, why):
    with billed.resp() as gate:
        gate.call("TAKE", "acme", meter, 3)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(billed)
    assert report["acknowledged"] == 1 and report["owed"] == 1
    assert sandbox.state()["requests"][EVENTS] == 1
    assert [row["meter"] for row in owed(billed)] == [meter]
    assert why in owed(billed)[0]["detail"]
    doctor = billed.run("doctor")
    assert doctor.code == 4
    line = next(line for line in doctor.out.splitlines() if f"meter {meter}" in line)
    assert line.startswith("fault") and why in line
    checks = {check["name"]: check for check in billed.run("doctor", "--json").json["checks"]}
    assert checks["meter tokens"]["status"] == "ok" and checks[f"meter {meter}"]["status"] == "fault"


def test_a_meter_that_is_reactivated_gets_what_was_owed(billed, sandbox):
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "retired", 3)
    flush(billed)
    meter = next(meter for meter in sandbox.state()["meters"] if meter["event_name"] == "retired")
    assert sandbox.post(f"/v1/billing/meters/{meter['id']}/reactivate", {}).status == 200
    assert flush(billed)["owed"] == 0
    assert list(sandbox.usage().values()) == [3]


def test_a_tenant_without_a_customer_waits_visibly_and_is_sent_once_it_has_one(billed, sandbox):
    billed.put("new")
    with billed.resp() as gate:
        gate.call("TAKE", "new", "tokens", 9)
        gate.call("TAKE", "stranger", "tokens", 1)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(billed)
    assert report["acknowledged"] == 1 and report["owed"] == 2
    assert {group["state"]: group["count"] for group in report["waiting"]} == {"no_customer": 2}
    rows = owed(billed)
    assert {(row["tenant"], row["owed"], row["state"]) for row in rows} == {
        ("new", 9, "no_customer"), ("stranger", 1, "no_customer"),
    }  # fmt: skip
    text = billed.run("outbox", "--tenant", "new").out
    assert "new" in text and "waiting for a customer" in text
    sandbox.seed(customers=[{"id": "cus_new"}])
    assert billed.run("tenant", "put", "new", "--customer", "cus_new").code == 0
    assert flush(billed)["owed"] == 1
    assert {customer: value for (_, customer, _), value in sandbox.usage().items()} == {"cus_acme": 5, "cus_new": 9}
    assert flush(billed)["sent"] == 0


def test_a_customer_that_stripe_does_not_know_holds_up_nobody_else(billed, sandbox):
    sandbox.settings(validation="sync")
    billed.put("typo", customer="cus_nobody")
    with billed.resp() as gate:
        gate.call("TAKE", "typo", "tokens", 9)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(billed)
    assert report["acknowledged"] == 1 and report["failed"] == 1
    assert report["failures"][0]["tenant"] == "typo" and "not found" in report["failures"][0]["detail"]
    assert owed(billed) == [] and billed.metric("tollgate_dead_hours") == 1
    dead = billed.run("outbox", "--dead", "--json").json["dead"]
    assert [row["tenant"] for row in dead] == ["typo"]
    sandbox.seed(customers=[{"id": "cus_typo"}])
    billed.put("typo", customer="cus_typo")
    assert flush(billed)["acknowledged"] == 0
    assert billed.run("outbox", "retry", "--tenant", "typo", "--reason", "the right customer").code == 0
    assert flush(billed)["acknowledged"] == 1
    assert billed.metric("tollgate_dead_hours") == 0


def test_without_a_key_usage_is_counted_and_the_flush_says_so_once(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, stripe_flush_interval="1s")
    daemon.put("acme", customer="cus_acme")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "tokens", 3)[1] == "ok"
    wait_until(lambda: daemon.metric("tollgate_flush_rounds_total") >= 3, "some rounds are over")
    lines = [line for line in daemon.log_lines() if "STRIPE_SECRET_KEY" in line["message"]]
    assert len(lines) == 1
    assert [row["state"] for row in owed(daemon)] == ["no_key"]
    ran = daemon.run("flush")
    assert "STRIPE_SECRET_KEY" in ran.out + ran.err


@pytest.mark.parametrize("key", ["pk_test_public", "sk_test with a space"])
def test_a_key_that_is_none_is_refused_at_the_start(make_daemon, redis_server, key):
    daemon = make_daemon(redis_url=redis_server.url, environment={"STRIPE_SECRET_KEY": key}).launch()
    assert daemon.end_code() == 2
    assert "STRIPE_SECRET_KEY is not a Stripe secret key" in daemon.log
    assert key not in daemon.log


def test_a_stripe_that_is_not_there_leaves_all_owed_and_decisions_undisturbed(start_daemon, redis_server):
    daemon = start_daemon(
        redis_url=redis_server.url,
        stripe_api_base="http://127.0.0.1:9",
        environment={"STRIPE_SECRET_KEY": "sk_test_integration"},
    )
    daemon.put("acme", customer="cus_acme")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 3)
        ran = daemon.run("flush", "--json")
        assert ran.code == 4 and ran.json["owed"] == 1 and ran.json["stopped"]
        assert gate.call("TAKE", "acme", "tokens", 3)[3] == 6
    assert daemon.run("doctor").code == 4
