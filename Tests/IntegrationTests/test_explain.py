"""Usage in full, and why an answer is what it is: by the gate, the control API and the command line."""

import pytest

from conftest import numbers
from lease_tools import LASTING, TENANT, start_sidecars, wait_until_told
from resp_socket import ErrorReply
from waiting import wait_until


@pytest.fixture
def tenant(shared_daemon):
    """A tenant of the test's own."""
    name = f"explained-{next(numbers)}"
    shared_daemon.put(name)
    return name


def row(gate, tenant, meter):
    values = gate.call("USAGE", tenant, meter)[0]
    return dict(zip(values[::2], values[1::2]))


def explain(daemon, tenant, meter=None):
    status, answer = daemon.http("GET", f"/v1/tenants/{tenant}/explain" + (f"?meter={meter}" if meter else ""))
    assert status == 200, answer
    return answer


# Usage.


def test_usage_has_what_is_reserved_and_what_follows_from_it(gate, tenant):
    gate.call("RECORD", tenant, "soft", 14)
    gate.call("RESERVE", tenant, "soft", 3)
    usage = row(gate, tenant, "soft")
    assert (usage["used"], usage["reserved"], usage["overage"], usage["granted"]) == (14, 3, 4, 0)
    assert usage["mode"] == "overage"
    assert usage["resets_at"] == usage["period_end"]
    assert usage["projected"] >= 14


def test_usage_of_what_is_in_flight_is_what_is_reserved_and_never_starts_anew(gate, tenant):
    reservation = gate.call("RESERVE", tenant, "in_flight", 2)[6]
    usage = row(gate, tenant, "in_flight")
    assert (usage["used"], usage["reserved"], usage["percent"]) == (2, 2, 66)
    assert usage["resets_at"] is None and usage["projected"] is None and usage["period_end"] is None
    gate.call("RELEASE", reservation)
    assert row(gate, tenant, "in_flight")["reserved"] == 0


def test_a_rate_resets_when_its_burst_is_whole(gate, tenant):
    assert row(gate, tenant, "calls")["resets_at"] is None
    gate.call("TAKE", tenant, "calls", 30)
    usage = row(gate, tenant, "calls")
    assert 25 <= usage["resets_at"] - usage["as_of"] / 1000 <= 31
    assert usage["projected"] is None and usage["overage"] == 0


def test_huge_usage_projects_no_further_than_a_total_goes(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, plan="huge")
    gate.call("RECORD", tenant, "soft", 999_999_999_999_999)
    usage = row(gate, tenant, "soft")
    assert usage["used"] == usage["projected"] == usage["overage"] == 999_999_999_999_999
    assert usage["percent"] == 100


@pytest.fixture
def pair(make_daemon, redis_server):
    return start_sidecars(make_daemon, redis_server, 2, **LASTING)


def test_what_another_sidecar_has_reserved_is_in_the_usage_of_this_one(pair):
    with pair[0].resp() as one, pair[1].resp() as other:
        assert one.call("RESERVE", TENANT, "units", 5)[0] == 1
        assert one.call("RESERVE", TENANT, "in_flight", 4)[0] == 1
        assert other.call("RESERVE", TENANT, "units", 2)[0] == 1
        pair[0].http("GET", f"/v1/tenants/{TENANT}/usage")
        wait_until(lambda: row(other, TENANT, "units")["reserved"] == 7, "what both have reserved is told")
        wait_until(lambda: row(other, TENANT, "in_flight")["used"] == 4, "what is in flight is told")
        rows = {meter["meter"]: meter for meter in pair[1].http("GET", f"/v1/tenants/{TENANT}/usage")[1]["meters"]}
        assert rows["units"]["reserved"] == 7 and rows["units"]["used"] == 0
        assert rows["in_flight"]["used"] == rows["in_flight"]["reserved"] == 4


def test_the_summary_is_settled_and_has_gigabytes(shared_daemon, gate, tenant):
    gate.call("TAKE", tenant, "messages", 12)
    gate.call("LEVEL", tenant, "storage", 3 << 29)
    status, usage = shared_daemon.http("GET", f"/v1/tenants/{tenant}/usage")
    assert status == 200
    rows = {meter["meter"]: meter for meter in usage["meters"]}
    assert rows["messages"]["used"] == 12 and rows["messages"]["percent"] == 1.2
    assert rows["storage"]["gigabytes"] == {"used": 1.5, "limit": 1, "percent": 150}
    assert usage["plan"] == "starter" and usage["period"]["resets_at"] == usage["period"]["end"]


def test_the_table_of_usage_leaves_out_what_says_nothing(shared_daemon, gate, tenant):
    text = shared_daemon.run("usage", tenant, "messages").out
    assert "RESERVED" not in text and "OVERAGE" not in text and "GRANTED" not in text
    gate.call("RESERVE", tenant, "messages", 12)
    text = shared_daemon.run("usage", tenant, "messages").out
    assert "RESERVED" in text and " 12 " in text
    [usage] = shared_daemon.run("usage", tenant, "messages", "--json").json["meters"]
    assert usage["reserved"] == 12 and usage["resets_at"].endswith("Z") and usage["overage"] == 0


# Explain.


def test_two_sidecars_leases_are_told_holder_by_holder(pair, redis_server):
    with pair[0].resp() as one, pair[1].resp() as other:
        assert one.call("TAKE", TENANT, "units", 3)[0] == 1
        assert other.call("TAKE", TENANT, "units", 4)[0] == 1
    for sidecar in pair:
        explain(sidecar, TENANT)
    wait_until_told(redis_server, "units", 7)
    [meter] = explain(pair[1], TENANT, "units")["meters"]
    holders = {holder["holder"].split(".")[0]: holder for holder in meter["holders"]}
    assert sorted(holders) == ["sidecar-0", "sidecar-1"]
    assert [holders[name]["spent"] for name in sorted(holders)] == [3, 4]
    assert [holders[name]["here"] for name in sorted(holders)] == [False, True]
    assert all(holder["lasts"] and holder["granted"] >= holder["spent"] for holder in holders.values())
    assert meter["store"]["used"] == 7
    text = pair[1].run("explain", TENANT, "units").out
    assert "sidecar-0" in text and "(here)" in text and "LEASE ENDS" in text


def test_the_last_refusal_is_remembered_by_the_gate_that_said_it(shared_daemon, gate, tenant):
    assert explain(shared_daemon, tenant)["gate"]["last_refusal"] is None
    gate.call("TAKE", tenant, "words", 5)
    assert gate.call("TAKE", tenant, "words")[1] == "limit_exceeded"
    refusal = explain(shared_daemon, tenant, "words")["gate"]["last_refusal"]
    assert refusal["reason"] == "limit_exceeded" and refusal["meter"] == "words" and refusal["command"] == "take"
    assert refusal["used"] == refusal["limit"] == 5 and refusal["why"] == "5 of 5 were used, and 1 did not fit"
    text = shared_daemon.run("explain", tenant, "words").out
    assert "TAKE words 1: limit_exceeded" in text
    # The same by the gate's own command.
    answer = gate.call("EXPLAIN", tenant, "words")
    fields = dict(zip(answer[::2], answer[1::2]))
    refusal = dict(zip(fields["last_refusal"][::2], fields["last_refusal"][1::2]))
    assert refusal["reason"] == "limit_exceeded"


def test_a_flood_of_refusals_leaves_the_last(shared_daemon, gate, tenant):
    for reason, command in (("rate_limited", "bursts 3"), ("not_in_plan", "hidden"), ("too_large", "words 6")):
        for _ in range(5):
            answer = gate.call_line(f"TAKE {tenant} {command}")
        assert answer[1] == reason
        assert explain(shared_daemon, tenant)["gate"]["last_refusal"]["reason"] == reason


def test_a_restricted_tenant_is_explained(shared_daemon, gate, tenant):
    shared_daemon.put(tenant, restricted="chargeback of June")
    assert gate.call("TAKE", tenant, "messages")[1] == "restricted"
    shown = explain(shared_daemon, tenant)
    assert shown["access"] == {"answer": "restricted", "why": "the tenant is restricted: chargeback of June"}
    assert shown["gate"]["last_refusal"]["decided_by"] == "record"
    text = shared_daemon.run("explain", tenant).out
    assert "all are refused as restricted" in text and "chargeback of June" in text


def test_a_lapsed_subscription_is_explained(shared_daemon, tenant):
    shared_daemon.put(tenant, status="unpaid")
    plan = explain(shared_daemon, tenant)["plan"]
    assert plan["slug"] == "free" and plan["from"] == "status_rule" and "unpaid" in plan["why"]


def test_a_meter_that_is_not_in_the_plan_is_explained(shared_daemon, tenant):
    shown = explain(shared_daemon, tenant, "hidden")
    assert shown["meters"][0]["in_plan"] is False
    assert "not_in_plan" in shared_daemon.run("explain", tenant, "hidden").out
    assert "hidden" in explain(shared_daemon, tenant)["not_in_plan"]


def test_an_unknown_tenant_is_explained_and_an_unknown_meter_is_refused(shared_daemon, gate, stranger):
    shown = explain(shared_daemon, stranger)
    assert shown["record"] is None and shown["plan"]["from"] == "default_plan"
    ran = shared_daemon.run("explain", stranger)
    assert ran.code == 0 and "nobody has put the tenant" in ran.out
    ran = shared_daemon.run("explain", stranger, "nothing")
    assert ran.code == 2 and 'no meter named "nothing"' in ran.err
    assert shared_daemon.run("explain", "a/b").code == 2
    assert shared_daemon.http("GET", f"/v1/tenants/{stranger}/explain?metre=words")[0] == 400
    answer = gate.call("EXPLAIN", stranger, "nothing")
    assert isinstance(answer, ErrorReply) and str(answer).startswith("NOMETER")


def test_levels_rates_hours_and_own_limits_are_explained(shared_daemon, gate, tenant):
    shared_daemon.put(tenant, limits={"messages": 50})
    gate.call("TAKE", tenant, "messages", 7, "calls", 2)
    gate.call("LEVEL", tenant, "seats", 3)
    gate.call("RECORD", tenant, "pages", 4)
    meters = {meter["meter"]: meter for meter in explain(shared_daemon, tenant)["meters"]}
    assert meters["messages"]["override"]["value"] == 50 and meters["messages"]["plan_limit"] == 1000
    assert sum(hour["total"] for hour in meters["messages"]["today"]) == 7
    assert meters["seats"]["used"] == 3 and meters["seats"]["set_by"]
    assert meters["calls"]["used"] in (1, 2)
    assert meters["pages"]["owed"]["units"] == 4 and meters["pages"]["owed"]["hours"] == 1
    text = shared_daemon.run("explain", tenant).out
    for words in ("50, hard: the tenant's own", "(1000)", "today", "1 hour differs from what", "whole again at"):
        assert words in text, text
