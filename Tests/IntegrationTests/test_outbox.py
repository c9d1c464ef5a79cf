"""What Stripe refuses for good: shown with its words, sent again once the cause is gone, or written off."""

import pytest

from owed_hours import HOUR, flush, owed, redis_hours
from terminal import on_terminal
from waiting import wait_for_room


@pytest.fixture
def refused(billed, sandbox):
    """A daemon with usage that Stripe refused, since the customer is not there, and usage that it took."""
    wait_for_room(HOUR, 30)
    sandbox.control("POST", "settings", {"validation": "sync"})
    billed.put("lost", customer="cus_lost")
    with billed.resp() as gate:
        gate.call("TAKE", "lost", "tokens", 7)
        gate.call("TAKE", "lost", "pages", 2)
        gate.call("TAKE", "acme", "tokens", 5)
    report = flush(billed)
    assert report["acknowledged"] == 1
    return billed


def dead(daemon, *arguments):
    return daemon.run("outbox", "--dead", "--json", "--all", *arguments).json["dead"]


def actions(daemon, tenant):
    entries = daemon.http("GET", f"/v1/tenants/{tenant}/audit")[1]["entries"]
    return [(entry["action"], entry["reason"]) for entry in entries if entry["action"].startswith("outbox")]


def test_dead_hours_are_listed_with_stripes_own_words_and_are_not_owed(refused):
    rows = dead(refused)
    assert [(row["meter"], row["total"]) for row in rows] == [("pages", 2), ("tokens", 7)]
    assert {row["tenant"] for row in rows} == {"lost"}
    assert {(row["code"], row["message"]) for row in rows} == {("resource_missing", "Customer not found.")}
    assert all(row["request"].startswith("req_") for row in rows)
    assert owed(refused) == []
    assert refused.metric("tollgate_dead_hours") == 2
    text = refused.run("outbox", "--dead").out
    assert "STRIPE SAYS" in text and "dead hours: 2" in text
    assert dead(refused, "--tenant", "acme") == []


def test_a_dead_hour_holds_up_nobody_and_is_not_sent_again_by_itself(refused, sandbox):
    with refused.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 1)
    report = flush(refused)
    assert (report["sent"], report["acknowledged"]) == (1, 1)


def test_retried_hours_reach_stripe_once_the_cause_is_gone(refused, sandbox, redis_server):
    sandbox.seed(customers=[{"id": "cus_lost"}])
    ran = refused.run("outbox", "retry", "--tenant", "lost", "--reason", "customer restored")
    assert ran.code == 0 and "2 hours" in ran.out
    flush(refused)
    assert sandbox.usage() == redis_hours(redis_server)
    assert dead(refused) == [] and owed(refused) == []
    assert actions(refused, "lost") == [("outbox.retry", "customer restored")] * 2
    again = refused.run("outbox", "retry", "--all", "--reason", "once more")
    assert again.code == 0 and "no such hour is dead" in again.out


def test_an_hour_that_is_refused_again_is_dead_again(refused):
    assert refused.run("outbox", "retry", "--meter", "tokens", "--reason", "perhaps").code == 0
    flush(refused)
    assert len(dead(refused)) == 2


def test_dropped_hours_are_never_billed_and_what_comes_after_them_is(refused, sandbox):
    [pages, tokens] = dead(refused)
    ran = refused.run(
        "outbox", "drop", "--meter", "tokens", "--hour", tokens["hour"], "--yes", "--reason", "settled by hand"
    )
    assert ran.code == 0 and "1 hours, of 7 units" in ran.out
    assert [row["meter"] for row in dead(refused)] == ["pages"] and owed(refused) == []
    assert actions(refused, "lost") == [("outbox.drop", "settled by hand")]
    usage = refused.http("GET", "/v1/tenants/lost/usage")[1]["meters"]
    assert next(row for row in usage if row["meter"] == "tokens")["used"] == 7
    sandbox.seed(customers=[{"id": "cus_lost"}])
    with refused.resp() as gate:
        gate.call("TAKE", "lost", "tokens", 4)
    flush(refused)
    assert {value for (name, who, _), value in sandbox.usage().items() if (name, who) == ("tokens", "cus_lost")} == {4}


def test_dropping_asks_first(refused):
    ran = refused.run("outbox", "drop", "--all", "--reason", "test data")
    assert ran.code == 2 and "--yes" in ran.err
    arguments = ("outbox", "drop", "--all", "--reason", "test data")
    code, drawn = on_terminal(refused, *arguments, typed=b"n\n", after=b"[y/N]")
    assert code == 1 and "2 hours of 1 tenants: of their 9 units" in drawn
    assert len(dead(refused)) == 2
    code, drawn = on_terminal(refused, *arguments, typed=b"y\n", after=b"[y/N]")
    assert code == 0 and dead(refused) == []


@pytest.mark.parametrize(
    "arguments",
    [("--reason", "x"), ("--all",), ("--all", "--tenant", "a", "--reason", "x"),
     ("--hour", "2026-01-31T10:17:00Z", "--reason", "x"), ("--tenant", "no spaces", "--reason", "x")],
)
@pytest.mark.parametrize("action", ["retry", "drop"])
def test_which_hours_are_meant_and_why_has_to_be_said(shared_daemon, action, arguments):
    assert shared_daemon.run("outbox", action, *arguments).code == 2


def test_a_tenant_with_dead_hours_is_kept_unless_forced(refused):
    ran = refused.run("tenant", "rm", "lost")
    assert ran.code == 1 and "2 hours" in ran.err
    forced = refused.run("tenant", "rm", "lost", "--force")
    assert forced.code == 0 and "2 hours" in forced.out
    assert dead(refused) == []
