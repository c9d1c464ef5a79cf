"""Limits, grants and blocks of single tenants, on two sidecars at once."""

import os
import time

import pytest

from conftest import numbers
from daemon import Daemon
from redis_server import RedisServer
from sidecars import SETTINGS
from waiting import wait_for_room, wait_until

SOON = 1.0


@pytest.fixture(scope="module")
def pair(short_root):
    """Two sidecars on one Redis, each with a connection to its gate."""
    directory = os.path.join(short_root, f"limits-{next(numbers)}")
    server = RedisServer(os.path.join(directory, "r"))
    settings = {**SETTINGS, "redis_deadline": "2s"}
    daemons = [
        Daemon(os.path.join(directory, f"s{number}"), redis_url=server.url, holder_id=f"sidecar-{number}", **settings)
        for number in range(2)
    ]
    for daemon in daemons:
        daemon.redis = server
        daemon.start()
    yield daemons
    for daemon in daemons:
        daemon.kill()
    server.kill()


@pytest.fixture
def tenant(pair):
    name = f"limited-{next(numbers)}"
    pair[0].put(name)
    return name


def run(daemon, *arguments):
    ran = daemon.run(*arguments)
    assert ran.code == 0, ran.err
    return ran


def limits(daemons, tenant, meter="messages"):
    """What each gate says the limit is."""
    found = []
    for daemon in daemons:
        with daemon.resp() as gate:
            found.append(gate.call("CHECK", tenant, meter)[4])
    return found


def take(daemon, tenant, amount=1, meter="messages"):
    with daemon.resp() as gate:
        answer = gate.call("TAKE", tenant, meter, amount)
        return answer[0] == 1, answer[1]


def wait_for_limit(daemons, tenant, limit, meter="messages", seconds=SOON):
    wait_until(lambda: limits(daemons, tenant, meter) == [limit] * 2, f"the limit is {limit}", seconds + 5)


def told(daemon, tenant, action):
    status, answer = daemon.http("GET", f"/v1/tenants/{tenant}/audit?action={action}")
    assert status == 200
    return answer["entries"]


def test_a_limit_is_raised_lowered_and_cleared_on_every_sidecar(pair, tenant):
    first, second = pair
    assert limits(pair, tenant) == [1000, 1000]
    run(first, "tenant", "limit", tenant, "messages", "2000", "--reason", "big launch")
    wait_for_limit(pair, tenant, 2000)
    assert take(second, tenant, 1500) == (True, "ok")
    run(second, "tenant", "limit", tenant, "messages", "1501", "--reason", "too much")
    wait_for_limit(pair, tenant, 1501)
    assert take(first, tenant, 2) == (False, "limit_exceeded")
    assert take(first, tenant, 1) == (True, "ok")
    assert take(second, tenant, 1) == (False, "limit_exceeded")
    shown = run(second, "tenant", "show", tenant).out
    assert "too much" in shown and f"uid:{os.getuid()}" in shown
    run(first, "tenant", "limit", tenant, "messages", "--clear", "--reason", "enough")
    wait_for_limit(pair, tenant, 1000)
    assert [(entry["reason"], entry["actor"]) for entry in told(first, tenant, "tenant.limit")] == [
        (reason, f"uid:{os.getuid()}") for reason in ("big launch", "too much", "enough")
    ]
    assert [entry["from"] for entry in told(second, tenant, "tenant.limit")] == ["sidecar-0", "sidecar-1", "sidecar-0"]


def test_limits_of_rates_and_levels_move_too(pair, tenant):
    first, second = pair
    run(first, "tenant", "limit", tenant, "bursts", "7200", "--reason", "x")
    run(first, "tenant", "limit", tenant, "seats", "9", "--reason", "x")
    wait_for_limit(pair, tenant, 7200, "bursts")
    wait_for_limit(pair, tenant, 9, "seats")
    assert take(second, tenant, 9, "seats") == (True, "ok")


@pytest.mark.parametrize("meter, plan, lowered", [("messages", 1000, 5), ("bursts", 60, 3600), ("seats", 5, 9)])
def test_a_limit_ends_by_itself_on_every_sidecar(pair, tenant, meter, plan, lowered):
    for daemon in pair:
        take(daemon, tenant, 1, meter)
    run(pair[0], "tenant", "limit", tenant, meter, str(lowered), "--until", "3s", "--reason", "x")
    wait_for_limit(pair, tenant, lowered, meter)
    # Nobody writes the record, and nobody asks meanwhile.
    version = pair[0].http("GET", f"/v1/tenants/{tenant}")[1]["version"]
    wait_for_limit(pair, tenant, plan, meter, 5)
    shown = pair[1].http("GET", f"/v1/tenants/{tenant}")[1]
    assert shown["version"] == version and shown["overrides"][0]["expired"]
    assert "(over)" in run(pair[1], "tenant", "show", tenant).out


def test_what_was_leased_under_a_limit_is_not_spent_once_it_has_ended(pair, tenant):
    """A gate that holds a lease of a raised limit gives it back at the limit's end, whoever asks."""
    run(pair[0], "tenant", "limit", tenant, "messages", "1000000", "--until", "3s", "--reason", "x")
    wait_for_limit(pair, tenant, 1_000_000)
    end = pair[0].http("GET", f"/v1/tenants/{tenant}")[1]["overrides"][0]["until"]
    end = time.mktime(time.strptime(end, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    taken = 0
    with pair[0].resp() as gate, pair[1].resp() as other:
        # Redis's clock is this host's, and a gate's idea of it is behind by a trip to Redis at most.
        while time.time() < end + 0.2:
            taken += sum(connection.call("TAKE", tenant, "messages", 1)[0] for connection in (gate, other))
        assert taken > 1000, "the raised limit was used"
        answers = [connection.call("TAKE", tenant, "messages", 1)[:2] for connection in (gate, other)]
    assert answers == [[0, "limit_exceeded"]] * 2


def test_a_block_refuses_everywhere_until_it_is_lifted_or_over(pair, tenant):
    first, second = pair
    assert take(second, tenant) == (True, "ok")
    run(first, "tenant", "block", tenant, "--reason", "stolen key")
    wait_until(lambda: take(second, tenant) == (False, "restricted"), "the other sidecar refuses")
    assert take(first, tenant) == (False, "restricted")
    assert "stolen key" in run(second, "tenant", "show", tenant).out
    run(second, "tenant", "unblock", tenant, "--reason", "new key")
    wait_until(lambda: take(first, tenant) == (True, "ok"), "the other sidecar allows")
    run(first, "tenant", "block", tenant, "--until", "2s", "--reason", "runaway script")
    wait_until(lambda: take(second, tenant) == (False, "restricted"), "the other sidecar refuses")
    wait_until(lambda: take(second, tenant) == (True, "ok") and take(first, tenant) == (True, "ok"), "it is over")
    assert [entry["action"] for entry in told(first, tenant, "tenant.")][1:] == [
        "tenant.block",
        "tenant.unblock",
        "tenant.block",
    ]


def test_a_grant_is_given_spent_and_taken_back(pair, tenant):
    first, second = pair
    assert take(first, tenant, 400) == (True, "ok")
    given = run(
        first, "tenant", "grant", tenant, "messages", "100", "--expires", "30d", "--reason", "sorry", "--json"
    ).json
    wait_for_limit(pair, tenant, 1100)
    assert take(second, tenant, 60) == (True, "ok")
    wait_until(
        lambda: second.http("GET", f"/v1/tenants/{tenant}")[1]["grants"][0]["left"] == 40, "Redis knows of the 60"
    )
    run(second, "tenant", "grant", tenant, "--revoke", given["granted"], "--reason", "enough")
    # What was drawn stays drawn: of the plan's thousand, 400 are used.
    wait_for_limit(pair, tenant, 1060, seconds=10)
    assert take(first, tenant, 600) == (True, "ok")
    assert take(second, tenant, 1) == (False, "limit_exceeded")
    assert [entry["reason"] for entry in told(first, tenant, "tenant.grant")] == ["sorry", "enough"]
    settled = told(first, tenant, "grant.settle")
    assert [entry["actor"] for entry in settled] == ["timer:grants"]
    assert settled[0]["after"][f"grant.{given['granted']}"]["drawn"] == 60


def test_a_grant_expires_by_itself_and_keeps_what_was_drawn(pair, tenant):
    run(pair[0], "tenant", "grant", tenant, "messages", "100", "--expires", "3s", "--reason", "a sale")
    wait_for_limit(pair, tenant, 1100)
    assert take(pair[1], tenant, 30) == (True, "ok")
    wait_for_limit(pair, tenant, 1030, seconds=15)
    status, shown = pair[0].http("GET", f"/v1/tenants/{tenant}")
    assert status == 200 and shown["grants"][0]["state"] == "expired" and shown["grants"][0]["left"] == 0


def test_two_sidecars_spend_a_grant_to_the_last_unit_and_not_beyond(pair, tenant):
    run(pair[0], "tenant", "limit", tenant, "messages", "40", "--reason", "small")
    run(pair[1], "tenant", "grant", tenant, "messages", "25", "--expires", "1h", "--reason", "x")
    wait_for_limit(pair, tenant, 65)
    allowed = 0
    with pair[0].resp() as gate, pair[1].resp() as other:
        for _ in range(60):
            allowed += sum(connection.call("TAKE", tenant, "messages", 1)[0] for connection in (gate, other))
    assert allowed == 65


def test_what_is_left_of_a_grant_goes_over_into_the_next_hour(pair, tenant):
    """By hand: a grant of the hour before, as if it had been given then."""
    wait_for_room(3600, 20)
    hour = int(time.time()) // 3600 * 3600
    redis = pair[0].redis.client()
    key = next(redis.scan_iter(f"*:t:{tenant}"))
    tag = key.split("t:")[0]
    redis.hset(f"{tag}u:per_hour:{hour - 3600}:{tenant}", "used", 130)
    fields = redis.hgetall(key)
    grant = f"1 per_hour 50 50 {hour - 900} {hour + 7200} {hour - 3600} {hour} 90 - - uid:0 given then"
    redis.hset(key, mapping={**fields, "grant.g1": grant, "grants_due": hour, "v": "4711"})
    redis.zadd(f"{tag}grants", {tenant: hour})
    redis.set("tg:records", "4711")
    redis.publish("tg:records", tenant)
    # 40 were drawn by the 130 that were used, of which 90 came before it.
    wait_for_limit(pair, tenant, 110, "per_hour", seconds=15)
    assert [entry["actor"] for entry in told(pair[0], tenant, "grant.settle")] == ["timer:grants"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["limit", "nothing", "5"], "unknown meter"),
        (["limit", "messages", "-5"], "0 or more"),
        (["limit", "messages", "1000000000000000"], "1000000000000000"),
        (["limit", "calls", "60000001"], "microsecond"),
        (["limit", "messages", "5", "--until", "2020-01-01"], "over"),
        (["limit", "messages", "5", "--until", "0s"], "until"),
        (["grant", "seats", "5", "--expires", "1h"], "no counter"),
        (["grant", "per_minute", "5", "--expires", "1h"], "no counter"),
        (["grant", "messages", "5", "--expires", "2020-01-01"], "over"),
        (["grant", "messages", "999999999999999", "--expires", "1h"], "largest"),
        (["grant", "--revoke", "g9"], "no grant g9"),
        (["block", "--until", "2020-01-01"], "over"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(pair, tenant, arguments, said):
    before = pair[0].http("GET", f"/v1/tenants/{tenant}")[1]["version"]
    ran = pair[0].run("tenant", arguments[0], tenant, *arguments[1:], "--reason", "x")
    assert ran.code == 2 and said in ran.err, ran.err
    assert pair[0].http("GET", f"/v1/tenants/{tenant}")[1]["version"] == before


def test_a_tenant_that_was_never_put_cannot_be_limited(pair):
    ran = pair[0].run("tenant", "limit", "nobody", "messages", "5", "--reason", "x")
    assert ran.code == 2 and "nobody" in ran.err
