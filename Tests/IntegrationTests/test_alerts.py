"""Thresholds: each crossing is told once, by whichever sidecar sees it first."""

import json
import os
import threading
import time

import pytest

from daemon import TESTS
from notice_receiver import crossings
from sidecars import SETTINGS, gate_info
from waiting import wait_for_room, wait_until

PLANS = os.path.join(TESTS, "alert_plans.yaml")
SECONDS = 30


@pytest.fixture
def start_sidecars(make_daemon, redis_server):
    """Starts so many sidecars on one Redis, with the tenant acme."""

    def start(count, **settings):
        settings = {"plans": PLANS, "redis_url": redis_server.url, **SETTINGS, "redis_deadline": "2s", **settings}
        sidecars = [make_daemon(holder_id=f"sidecar-{number}", **settings).launch() for number in range(count)]
        for sidecar in sidecars:
            wait_until(sidecar.is_ready, f"{sidecar.directory} is ready", 30)
        sidecars[0].put("acme", plan="all")
        return sidecars

    return start


def take(sidecar, tenant, meter, amount=1):
    with sidecar.resp() as gate:
        return gate.call("TAKE", tenant, meter, amount)


def wait_until_crossed(redis_server, expected):
    expected = sorted(expected)
    wait_until(lambda: crossings(redis_server) == expected, f"{expected} were crossed", SECONDS)


def settle(sidecars):
    """Returns once Redis knows of everything and nobody looks at a threshold any more."""
    for sidecar in sidecars:
        sidecar.http("POST", "/v1/billing/flush")


def test_each_crossing_is_told_once_whichever_sidecar_sees_it(start_sidecars, redis_server):
    sidecars = start_sidecars(4)

    def spend(sidecar):
        with sidecar.resp() as gate:
            while gate.call("TAKE", "acme", "units")[0]:
                pass

    threads = [threading.Thread(target=spend, args=(sidecar,)) for sidecar in sidecars]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until_crossed(redis_server, [("acme", "units", "100%", "up"), ("acme", "units", "80%", "up")])
    settle(sidecars)
    assert len(crossings(redis_server)) == 2
    assert sum(int(gate_info(sidecar)["thresholds_crossed"]) for sidecar in sidecars) == 2
    lines = [line for sidecar in sidecars for line in sidecar.log_lines() if "threshold was crossed" in str(line)]
    assert len(lines) == 2


def test_a_new_period_begins_anew(start_sidecars, redis_server):
    sidecars = start_sidecars(2)
    wait_for_room(60, 5)
    take(sidecars[0], "acme", "minutes", 6)
    once = [("acme", "minutes", "50%", "up")]
    wait_until_crossed(redis_server, once)
    take(sidecars[1], "acme", "minutes", 2)
    settle(sidecars)
    assert crossings(redis_server) == once
    minute = int(time.time()) // 60
    wait_until(lambda: int(time.time()) // 60 > minute, "the next minute", 61)
    wait_until(lambda: take(sidecars[1], "acme", "minutes", 6)[3] == 6, "the count begins anew")
    wait_until_crossed(redis_server, once * 2)


def test_nothing_is_told_without_a_limit_or_where_alerts_are_off(start_sidecars, redis_server):
    sidecars = start_sidecars(1)
    with sidecars[0].resp() as gate:
        for meter in ("endless", "absent", "quiet"):
            gate.call("RECORD", "acme", meter, 50)
        gate.call("TAKE", "acme", "endless", 5)
        gate.call("TAKE", "acme", "asked", 10)
    wait_until_crossed(redis_server, [("acme", "asked", "100%", "up"), ("acme", "asked", "80%", "up")])
    settle(sidecars)
    assert len(crossings(redis_server)) == 2


def test_a_level_is_told_each_time_it_crosses_either_way(start_sidecars, redis_server):
    sidecars = start_sidecars(2)
    expected = []

    def level(sidecar, number, *crossed):
        with sidecar.resp() as gate:
            gate.call("LEVEL", "acme", "seats", number)
        expected.extend(("acme", "seats", *crossing) for crossing in crossed)
        wait_until_crossed(redis_server, expected)

    level(sidecars[0], 8, ("80%", "up"))
    level(sidecars[1], 9)
    level(sidecars[1], 2, ("80%", "down"), ("3", "down"))
    level(sidecars[0], 7)
    take(sidecars[0], "acme", "seats", 1)
    level(sidecars[0], 8, ("80%", "up"))
    level(sidecars[0], 7, ("80%", "down"))


def test_a_size_is_a_threshold_of_a_meter_that_counts_bytes(start_sidecars, redis_server):
    sidecars = start_sidecars(1)
    with sidecars[0].resp() as gate:
        gate.call("LEVEL", "acme", "disk", (512 << 20) - 1)
        gate.call("LEVEL", "acme", "disk", 512 << 20)
    wait_until_crossed(redis_server, [("acme", "disk", "536870912", "up")])


def test_another_limit_moves_a_percentage_and_leaves_what_was_told(start_sidecars, redis_server):
    sidecars = start_sidecars(1)
    take(sidecars[0], "acme", "units", 85)
    first = [("acme", "units", "80%", "up")]
    wait_until_crossed(redis_server, first)
    # 80% of 90 was passed before, and of 200 it is far away.
    for limit in (90, 200):
        sidecars[0].put("acme", plan="all", limits={"units": limit})
        take(sidecars[0], "acme", "units", 1)
        settle(sidecars)
        assert crossings(redis_server) == first
    take(sidecars[0], "acme", "units", 80)
    wait_until_crossed(redis_server, first * 2)
    sidecars[0].put("acme", plan="all", limits={"units": 100})
    take(sidecars[0], "acme", "units", 1)
    wait_until_crossed(redis_server, first * 2 + [("acme", "units", "100%", "up")])


def test_what_was_used_while_redis_was_away_is_told_when_it_is_back(start_sidecars, redis_server):
    sidecars = start_sidecars(1)
    take(sidecars[0], "acme", "units", 50)
    redis_server.freeze()
    with sidecars[0].resp() as gate:
        assert gate.call("RECORD", "acme", "units", 45) == [["units", 45, 95, 0]]
    redis_server.thaw()
    wait_until_crossed(redis_server, [("acme", "units", "80%", "up")])


def test_the_audit_entry_and_top_say_what_was_crossed(start_sidecars, redis_server):
    sidecars = start_sidecars(1)
    take(sidecars[0], "acme", "units", 80)
    wait_until_crossed(redis_server, [("acme", "units", "80%", "up")])
    client = redis_server.client()
    entries = [entry for key in client.scan_iter(match="*:audit", count=10_000) for _, entry in client.xrange(key)]
    (entry,) = [entry for entry in entries if entry["action"] == "threshold.crossed"]
    assert list(entry) == ["tenant", "action", "actor", "reason", "before", "after", "from"]
    assert entry["actor"].startswith("gate:sidecar-0") and entry["from"] == "sidecar-0"
    after = json.loads(entry["after"])
    assert (after["used"], after["limit"]) == (80, 100)
    assert after["period_start"].endswith("-01T00:00:00Z")
    top = sidecars[0].run("top", "--json").json
    assert [lease["threshold"] for lease in top["leases"]] == ["80%"]
    assert "80%" in sidecars[0].run("top").out
