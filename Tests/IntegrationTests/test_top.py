"""`tollgate top`: what is used fastest, and what is nearest its limit."""

import os
import pty
import subprocess
import threading

import pytest

from waiting import wait_until


@pytest.fixture
def daemon(start_daemon, redis_server):
    """A daemon with three tenants that have used something: `near` most of its limit, `vast` most of all."""
    daemon = start_daemon(redis_url=redis_server.url)
    for tenant, plan, amount in (("calm", "starter", 10), ("near", "starter", 900), ("vast", "huge", 5000)):
        daemon.put(tenant, plan=plan)
        with daemon.resp() as gate:
            assert gate.call("TAKE", tenant, "messages", amount)[0] == 1
    return daemon


@pytest.fixture
def busy(daemon):
    """The same while `calm` is asked for all the time, a unit a call."""
    over = threading.Event()

    def ask():
        with daemon.resp() as gate:
            while not over.is_set():
                gate.call("RECORD", "calm", "tokens", 1)

    thread = threading.Thread(target=ask)
    thread.start()
    yield daemon
    over.set()
    thread.join()


def test_the_busiest_is_first_and_the_gate_s_own_rates_are_above_it(busy):
    wait_until(lambda: busy.run("top", "--json").json["leases"][0]["rate"] > 0, "a rate is known")
    top = busy.run("top", "--json").json
    first = top["leases"][0]
    assert (first["tenant"], first["meter"], first["limit"], first["percent"]) == ("calm", "tokens", -1, None)
    assert first["rate"] > 0 and first["used"] > 0 and first["period_end"].endswith("Z")
    assert top["seen"] == 4 and top["cut"] is False
    assert top["per_second"]["decided_by_lease"] > 0
    assert top["gate"]["redis_connected"] == 1 and top["gate"]["leases"] >= 1
    text = busy.run("top", "--limit", "2")
    assert text.code == 0 and text.err == "" and "\x1b" not in text.out
    lines = text.out.splitlines()
    assert lines[0].startswith("decided/s") and lines[5].split()[:3] == ["TENANT", "METER", "USED"]
    assert lines[6].split()[:2] == ["calm", "tokens"] and len(lines) == 8


def test_the_nearest_to_its_limit_is_first_when_asked_so(daemon):
    top = daemon.run("top", "--sort", "share", "--once", "--json").json
    rows = [(row["tenant"], row["used"], row["limit"], row["percent"]) for row in top["leases"]]
    assert rows == [("near", 900, 1000, 90), ("calm", 10, 1000, 1), ("vast", 5000, 999999999999999, 0)]


def test_a_look_takes_nothing_and_needs_no_redis(daemon, redis_server):
    redis_server.freeze()
    # Of each meter: what was used, whoever looks.
    for _ in range(2):
        top = daemon.run("top", "--json").json
        assert {row["tenant"]: row["used"] for row in top["leases"]} == {"calm": 10, "near": 900, "vast": 5000}
    redis_server.thaw()


def test_wrong_usage_ends_with_2_and_a_daemon_that_is_not_there_with_3(shared_daemon):
    assert shared_daemon.run("top", "--sort", "used").code == 2
    assert shared_daemon.run("top", "--limit", "0").code == 2
    assert shared_daemon.run("top", environment={"TOLLGATE_CONTROL": "/nowhere/control.sock"}).code == 3
    status, problem = shared_daemon.http("GET", "/v1/top?sort=used")
    assert status == 400 and problem["code"] == "bad_sort"
    assert shared_daemon.http("GET", "/v1/top?limit=1")[0] == 200


def test_on_a_terminal_it_is_drawn_again_and_again(daemon):
    leader, follower = pty.openpty()
    top = subprocess.Popen(
        [os.environ["TOLLGATE_BIN"], "top"],
        env={**os.environ, "TOLLGATE_CONTROL": daemon.control, "TERM": "xterm", "NO_COLOR": "1"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    drawn = b""
    try:
        while drawn.count(b"TENANT") < 3:
            drawn += os.read(leader, 65536)
    finally:
        top.kill()
        top.wait(timeout=10)
        os.close(leader)
    assert drawn.count(b"\x1b[H") >= 3 and drawn.count(b"\x1b[2J") == 1
    assert b"\x1b[1m" not in drawn and b"near" in drawn
