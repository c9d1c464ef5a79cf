"""The comparison with Stripe, with the real binary and sandbox: what it explains, what it puts right, how it exits."""

import time
import uuid

import pytest

from owed_hours import HOUR, flush, owed, redis_hours
from terminal import on_terminal
from waiting import wait_until

EVENTS = "/v1/billing/meter_events"
CHECKED = "tollgate_stripe_checked_hours_total"
MISMATCHED = "tollgate_stripe_mismatched_hours_total"


def foreign_event(sandbox, hours_ago, value, customer="cus_acme", meter="tokens"):
    """An event that the gate knows nothing of, which takes the place of what it sent for that hour."""
    hour = int(time.time()) // HOUR - hours_ago
    answer = sandbox.post(
        EVENTS,
        {
            "event_name": meter,
            "timestamp": hour * HOUR,
            "identifier": uuid.uuid4().hex,
            "payload[stripe_customer_id]": customer,
            "payload[value]": str(value),
        },
    )
    assert answer.status == 200, answer.body


def record(daemon, hours_ago, units, tenant="acme", meter="tokens"):
    with daemon.resp() as gate:
        gate.call("RECORD", tenant, meter, units, "AT", int((time.time() - hours_ago * HOUR) * 1000))


def reconcile(daemon, *arguments):
    return daemon.run("reconcile", "--json", *arguments)


def forget_checks(redis_server):
    """As if every hour had been compared by itself already, so that nothing is taken for lag."""
    client = redis_server.client()
    for key in client.scan_iter(match="*:checks"):
        client.delete(key)


def make_due(redis_server):
    """As if the time had come to compare every hour."""
    client = redis_server.client()
    for key in client.scan_iter(match="*:checks"):
        for member in client.zrange(key, 0, -1):
            client.zadd(key, {member: 0}, xx=True)


@pytest.fixture
def checking(start_daemon, redis_server, billing):
    """A daemon that looks every second for hours to compare, which none is for an hour after it was acknowledged."""
    daemon = start_daemon(redis_url=redis_server.url, stripe_check_interval="1s", stripe_summary_lag="1h", **billing)
    daemon.put("acme", customer="cus_acme")
    return daemon


def test_what_stripe_has_as_it_was_counted_is_no_difference(busy, sandbox, redis_server):
    flush(busy)
    ran = reconcile(busy)
    assert ran.code == 0, ran.err
    assert ran.json["counts"] == {} and ran.json["hours"] == ran.json["compared"] == 12
    # The meters, and one read for each of two tenants' two meters.
    assert ran.json["reads"] == 5
    text = busy.run("reconcile")
    assert text.code == 0 and "none" in text.out
    assert sandbox.usage() == redis_hours(redis_server)


def test_usage_of_right_now_is_owed_and_no_fault(billed):
    record(billed, 0, 5)
    ran = reconcile(billed)
    assert ran.code == 0
    assert [(row["explanation"], row["total"], row["stripe"]) for row in ran.json["differences"]] == [("owed", 5, 0)]


def test_a_tenant_without_a_customer_is_a_difference_that_exits_with_4(billed):
    billed.put("poor")
    record(billed, 2, 5, tenant="poor")
    ran = reconcile(billed, "--tenant", "poor")
    assert ran.code == 4 and ran.json["counts"] == {"no_customer": 1}


def test_an_hour_that_somebody_overwrote_is_found_and_put_right_with_fix(busy, sandbox, redis_server):
    flush(busy)
    foreign_event(sandbox, 2, 3)
    lagging = reconcile(busy)
    assert lagging.code == 0 and lagging.json["counts"] == {"summary_lag": 1}
    forget_checks(redis_server)
    ran = reconcile(busy)
    assert ran.code == 4
    [row] = ran.json["differences"]
    assert (row["total"], row["acknowledged"], row["stripe"], row["difference"]) == (10, 10, 3, 7)
    assert row["explanation"] == "unknown" and not row["fixed"] and owed(busy) == []
    fixed = reconcile(busy, "--fix")
    assert fixed.code == 4 and fixed.json["fixed"] == 1
    assert len(owed(busy)) == 1
    flush(busy)
    assert sandbox.usage() == redis_hours(redis_server)
    assert reconcile(busy).code == 0
    entries = [entry for entry in busy.http("GET", "/v1/audit")[1]["entries"] if entry["tenant"] == "acme"]
    assert entries[-1]["action"] == "billing.reconcile" and entries[-1]["actor"].startswith("uid:")


def test_summaries_that_follow_later_are_lag_and_no_fault(busy, sandbox):
    sandbox.settings(summary_delay_seconds=HOUR)
    flush(busy)
    ran = reconcile(busy)
    assert ran.code == 0 and ran.json["counts"] == {"summary_lag": 12}
    assert {row["stripe"] for row in ran.json["differences"]} == {0}
    sandbox.settings(summary_delay_seconds=0)
    assert reconcile(busy).json["counts"] == {}


def test_each_hour_is_compared_by_itself_and_put_right_if_stripe_has_it_otherwise(checking, sandbox, redis_server):
    record(checking, 3, 40)
    record(checking, 2, 30)
    flush(checking)
    foreign_event(sandbox, 3, 1)
    make_due(redis_server)
    wait_until(lambda: (checking.metric(CHECKED), checking.metric(MISMATCHED)) == (1, 1), "both were compared")
    assert [row["total"] for row in owed(checking)] == [40]
    assert flush(checking)["owed"] == 0
    assert sandbox.usage() == redis_hours(redis_server)
    make_due(redis_server)
    wait_until(lambda: (checking.metric(CHECKED), checking.metric(MISMATCHED)) == (2, 1), "it was compared again")
    assert checking.metric("tollgate_stripe_checks_waiting") == 0
    [entry] = [row for row in checking.http("GET", "/v1/audit")[1]["entries"] if row["action"] == "billing.reconcile"]
    assert entry["actor"] == "timer:checks" and entry["before"]["stripe"] == 1


def test_reads_are_bounded_and_a_run_goes_on_where_one_ended(busy):
    flush(busy)
    first = reconcile(busy, "--reads", "3")
    assert first.code == 4 and first.json["reads"] == 3 and first.json["tenants"] == 1
    assert "reads" in first.json["stopped"]
    second = reconcile(busy, "--after", first.json["next"])
    assert second.code == 0 and second.json["tenants"] == 1
    text = busy.run("reconcile", "--reads", "3")
    assert f"--after {first.json['next']}" in text.out


def test_progress_is_shown_on_a_terminal_and_is_gone_at_the_end(busy):
    flush(busy)
    code, drawn = on_terminal(busy, "reconcile")
    assert code == 0
    assert "comparing with Stripe" in drawn and " reads, 0 differences" in drawn
    assert "reads, 0 differences" not in drawn.rsplit("\x1b[K", 1)[1]


def test_when_stripe_cannot_be_read_it_says_so_and_nothing_is_changed(busy, sandbox):
    flush(busy)
    for _ in range(3):
        sandbox.fault("error_500", path="/v1/billing/meters")
    before = sandbox.usage()
    ran = reconcile(busy, "--fix")
    assert ran.code == 4, "something could not be compared"
    assert sandbox.usage() == before and owed(busy) == []


def test_without_a_key_there_is_nothing_to_compare_with(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    ran = daemon.run("reconcile")
    assert ran.code == 1 and "STRIPE_SECRET_KEY" in ran.err


def test_what_is_typed_wrong_is_said(billed):
    for arguments, word in (
        (["--from", "yesterday"], "from"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "before"),
        (["--from", "2001-01-01"], "days"),
        (["--reads", "0"], "--reads"),
        (["--after", "x"], "after"),
        (["--last", "--fix"], "--last"),
    ):
        ran = billed.run("reconcile", *arguments)
        assert ran.code == 2 and word in ran.err, (arguments, ran.err)
