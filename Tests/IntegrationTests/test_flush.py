"""The flush: Stripe's hours equal Redis's hours, nothing is sent twice, and what cannot be sent waits visibly."""

import threading
import time

import pytest

from waiting import wait_for_room, wait_until

EVENTS = "POST /v1/billing/meter_events"
HOUR = 3_600


@pytest.fixture
def daemon(start_daemon, redis_server, billing):
    """A daemon that bills at the sandbox, with two tenants that are customers."""
    daemon = start_daemon(redis_url=redis_server.url, **billing)
    for tenant in ("acme", "globex"):
        daemon.put(tenant, customer=f"cus_{tenant}")
    return daemon


@pytest.fixture
def busy(daemon):
    """The daemon after usage of three hours by both tenants on both meters; an hour's edge is not near."""
    wait_for_room(HOUR, 30)
    record_three_hours(daemon)
    return daemon


def record_three_hours(daemon, units=(10, 20, 5)):
    now = time.time()
    with daemon.resp() as gate:
        for tenant in ("acme", "globex"):
            for meter in ("tokens", "pages"):
                for hours_ago, n in zip((2, 1, 0), units):
                    gate.call("RECORD", tenant, meter, n, "AT", int((now - hours_ago * HOUR) * 1000))


def redis_hours(redis_server):
    """What Redis holds, as the sandbox names it: {(event name, customer, hour's start): total}."""
    client = redis_server.client()
    hours = {}
    for key in client.scan_iter(match="*:h:*", count=10_000):
        _, _, _, meter, day, tenant = key.split(":")
        for field, value in client.hgetall(key).items():
            if ":" in field:
                place = (meter, f"cus_{tenant}", int(day) * 86_400 + int(field[:2]) * HOUR)
                hours[place] = hours.get(place, 0) + int(value)
    return hours


def flush(daemon):
    status, report = daemon.http("POST", "/v1/billing/flush")
    assert status == 200, report
    return report


def owed(daemon, *arguments):
    return daemon.run("outbox", "--json", "--all", *arguments).json["owed"]


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


def test_refused_calls_and_unbilled_meters_are_not_sent(daemon, sandbox):
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "messages", 5)
        gate.call("CHECK", "acme", "tokens", 5)
        gate.call("RECORD", "acme", "tokens", 0)
        gate.call("TAKE", "acme", "tokens", 5, "words", 100)
    assert flush(daemon)["sent"] == 0
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


def test_usage_that_grows_while_its_hour_is_sent_is_owed_again(daemon, sandbox):
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 3)
        sandbox.fault("slow", delay_ms=500)
        thread = threading.Thread(target=flush, args=(daemon,))
        thread.start()
        wait_until(lambda: not sandbox.state()["faults"], "the request is under way")
        gate.call("TAKE", "acme", "tokens", 4)
        thread.join()
    assert [row["owed"] for row in owed(daemon)] == [4]
    assert flush(daemon)["owed"] == 0
    assert list(sandbox.usage().values()) == [7]


@pytest.mark.parametrize(
    "meter, why", [("plain_sums", "has no event_time_window"), ("retired", "is inactive: reactivate it")]
)
def test_a_meter_that_is_not_what_its_mode_needs_gets_nothing_and_doctor_says_why(daemon, sandbox, meter, why):
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", meter, 3)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(daemon)
    assert report["acknowledged"] == 1 and report["owed"] == 1
    assert sandbox.state()["requests"][EVENTS] == 1
    assert [row["meter"] for row in owed(daemon)] == [meter]
    assert why in owed(daemon)[0]["detail"]
    doctor = daemon.run("doctor")
    assert doctor.code == 4
    line = next(line for line in doctor.out.splitlines() if f"meter {meter}" in line)
    assert line.startswith("fault") and why in line
    checks = {check["name"]: check for check in daemon.run("doctor", "--json").json["checks"]}
    assert checks["meter tokens"]["status"] == "ok" and checks[f"meter {meter}"]["status"] == "fault"


def test_a_meter_that_is_reactivated_gets_what_was_owed(daemon, sandbox):
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "retired", 3)
    flush(daemon)
    meter = next(meter for meter in sandbox.state()["meters"] if meter["event_name"] == "retired")
    assert sandbox.post(f"/v1/billing/meters/{meter['id']}/reactivate", {}).status == 200
    assert flush(daemon)["owed"] == 0
    assert list(sandbox.usage().values()) == [3]


def test_a_tenant_without_a_customer_waits_visibly_and_is_sent_once_it_has_one(daemon, sandbox):
    daemon.put("new")
    with daemon.resp() as gate:
        gate.call("TAKE", "new", "tokens", 9)
        gate.call("TAKE", "stranger", "tokens", 1)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(daemon)
    assert report["acknowledged"] == 1 and report["owed"] == 2
    assert {group["state"]: group["count"] for group in report["waiting"]} == {"no_customer": 2}
    rows = owed(daemon)
    assert {(row["tenant"], row["owed"], row["state"]) for row in rows} == {
        ("new", 9, "no_customer"), ("stranger", 1, "no_customer"),
    }  # fmt: skip
    text = daemon.run("outbox", "--tenant", "new").out
    assert "new" in text and "waiting for a customer" in text
    assert daemon.run("tenant", "put", "new", "--customer", "cus_globex").code == 0
    assert flush(daemon)["owed"] == 1
    assert {customer: value for (_, customer, _), value in sandbox.usage().items()} == {"cus_acme": 5, "cus_globex": 9}
    assert flush(daemon)["sent"] == 0


def test_a_customer_that_stripe_does_not_know_holds_up_nobody_else(daemon, sandbox):
    daemon.put("typo", customer="cus_nobody")
    with daemon.resp() as gate:
        gate.call("TAKE", "typo", "tokens", 9)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(daemon)
    assert report["acknowledged"] == 1 and report["failed"] == 1
    assert "cus_nobody" in report["failures"][0]["detail"]
    assert [row["state"] for row in owed(daemon)] == ["refused"]
    daemon.put("typo", customer="cus_globex")
    assert flush(daemon)["owed"] == 0


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


def test_the_secret_key_is_in_no_log_and_no_answer(busy):
    flush(busy)
    pages = [str(busy.http("GET", path)[1]) for path in ("/metrics", "/readyz", "/v1/doctor", "/v1/tenants")]
    for text in [busy.log, *pages]:
        assert "sk_test_integration" not in text


def test_used_is_acknowledged_plus_owed_for_each_hour(busy, redis_server):
    flush(busy)
    with busy.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 7)
    [row] = owed(busy)
    assert (row["total"], row["acknowledged"], row["owed"]) == (12, 5, 7)
    assert row["state"] == "owed"
