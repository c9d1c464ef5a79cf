"""Redis stopped, frozen or restarted: answers in time, nothing charged behind anybody's back, soon normal.

Leases go on without Redis for a while; `asked` is a meter of which each unit is asked for.
"""

import os
import signal
import time

import pytest
import redis

from waiting import wait_until

DEADLINE_SECONDS = 0.1
# Generous, for machines that do other things meanwhile; the deadline itself has to show in it.
LATEST_SECONDS = 10 * DEADLINE_SECONDS
# Asked is one second; a slow machine gets three.
NORMAL_AGAIN_SECONDS = 3
STORE = "STORE Redis did not answer within the deadline"


@pytest.fixture
def daemon(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="100ms")
    daemon.put("acme")
    return daemon


def timed(connection, *words):
    started = time.monotonic()
    reply = connection.call(*words)
    return reply, time.monotonic() - started


def assert_every_call_is_answered_in_time(daemon):
    """Each command, while Redis is out of reach."""
    with daemon.resp() as gate:
        for words in (["TAKE", "acme", "asked"], ["TAKE", "acme", "words", 5], ["TAKE", "unread", "messages"]):
            reply, seconds = timed(gate, *words)
            assert reply[:2] == [0, "degraded"] and reply[2] == words[2]
            assert reply[3] == 0 and reply[6] == "" and reply[5] > 0
            assert seconds < LATEST_SECONDS
        # What has happened is counted, and told to Redis when it is back.
        reply, seconds = timed(gate, "RECORD", "acme", "messages", 1)
        assert reply == [["messages", 1, 4, 0]] and seconds < LATEST_SECONDS
        reply, seconds = timed(gate, "FEATURE", "acme", "sso")
        assert reply[:3] == [0, "degraded", "sso"] and seconds < LATEST_SECONDS
        for words in (
            ["RECORD", "acme", "messages", 1, "ID", "away-1"],
            ["TAKE", "acme", "messages", 1, "ID", "away-2"],
            ["LEVEL", "acme", "seats", 1],
            ["USAGE", "acme"],
        ):
            reply, seconds = timed(gate, *words)
            assert reply == STORE, words
            assert seconds < LATEST_SECONDS
        assert gate.call("PING") == "PONG"


def seconds_until_normal(daemon):
    started = time.monotonic()
    with daemon.resp() as gate:
        wait_until(
            lambda: gate.call("TAKE", "acme", "seats")[1] in ("ok", "limit_exceeded"),
            "decisions are normal",
            NORMAL_AGAIN_SECONDS,
        )
    return time.monotonic() - started


def used(daemon, meter="messages"):
    with daemon.resp() as gate:
        row = gate.call("USAGE", "acme", meter)[0]
        return row[row.index("used") + 1]


def test_a_frozen_redis_is_answered_for_and_charges_nobody_when_it_thaws(daemon, redis_server):
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 3)[3] == 3
    redis_server.freeze()
    assert_every_call_is_answered_in_time(daemon)
    redis_server.thaw()
    assert used(daemon, "seats") == 0
    seconds_until_normal(daemon)
    assert used(daemon) == 4
    assert used(daemon, "asked") == used(daemon, "words") == 0
    stored = [key for key in redis_server.client().scan_iter(count=10_000) if ":i:" in key]
    assert stored == []


def test_a_pipeline_into_a_frozen_redis_is_answered_whole_and_charges_nothing(daemon, redis_server):
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "asked")
        redis_server.freeze()
        started = time.monotonic()
        answers = gate.pipeline(*["TAKE acme asked", "RECORD acme tokens 1 ID k", "PING"] * 200)
        assert time.monotonic() - started < LATEST_SECONDS
        assert all(answer[1] == "degraded" for answer in answers[::3])
        assert set(answers[1::3]) == {STORE}
        assert set(answers[2::3]) == {"PONG"}
        redis_server.thaw()
        seconds_until_normal(daemon)
        assert gate.call("CHECK", "acme", "asked", 0)[3] == 1
        assert used(daemon, "tokens") == 0


def test_a_call_answered_by_a_thawing_redis_in_time_counts_once(daemon, redis_server):
    """A freeze shorter than the deadline is only a slow answer."""
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "asked")
        redis_server.freeze()
        gate.send("TAKE", "acme", "asked")
        redis_server.thaw()
        answer = gate.read()
        taken = 1 + answer[0]
        assert gate.call("CHECK", "acme", "asked", 0)[3] == taken


def test_a_stopped_redis_is_answered_for_and_found_again(daemon, redis_server):
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 3)[3] == 3
    redis_server.stop()
    assert_every_call_is_answered_in_time(daemon)
    status, body = daemon.http("GET", "/readyz")
    assert status == 503 and body["status"] == "not ready" and body["gate"] == "ok"
    assert daemon.http("GET", "/healthz")[0] == 200
    redis_server.start()
    seconds_until_normal(daemon)
    wait_until(lambda: used(daemon) == 4, "all usage is known again")
    wait_until(lambda: daemon.http("GET", "/readyz")[0] == 200, "tollgate is ready again")


def test_a_connection_lost_while_calls_wait_is_answered_for(start_daemon, start_redis):
    # Written out with each command, so that the kill loses nothing and what is used can be told exactly.
    redis_server = start_redis("--appendfsync", "always")
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="100ms")
    daemon.put("acme")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "asked")
        redis_server.freeze()
        gate.write(b"".join(b"TAKE acme asked\r\n" for _ in range(50)))
        started = time.monotonic()
        redis_server.kill()
        answers = [gate.read() for _ in range(50)]
        assert time.monotonic() - started < LATEST_SECONDS
        assert all(answer[:2] == [0, "degraded"] for answer in answers)
        redis_server.start()
        seconds_until_normal(daemon)
        assert gate.call("CHECK", "acme", "asked", 0)[3] == 1


def test_connections_killed_by_redis_are_made_anew(daemon, redis_server):
    client = redis_server.client()
    for _ in range(3):
        client.client_kill_filter(_type="normal", skipme=True)
        seconds_until_normal(daemon)
    assert daemon.metric("tollgate_gate_redis_connected") == 1


def test_flushed_scripts_are_loaded_again_and_calls_keep_their_order(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    daemon.put("acme")
    with daemon.resp() as gate:
        for number in range(5):
            redis_server.client().script_flush()
            answers = gate.pipeline(*["TAKE acme asked"] * 20)
            assert [answer[3] for answer in answers] == list(range(20 * number + 1, 20 * number + 21))


def test_flushed_scripts_are_loaded_once_and_not_once_a_waiting_call(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="10s")
    daemon.put("acme", plan="bigger")
    client = redis_server.client()
    with daemon.resp() as gate, daemon.resp() as other:
        gate.call("TAKE", "acme", "asked")
        client.script_flush()
        client.config_resetstat()
        redis_server.freeze()
        for _ in range(100):
            gate.write(b"TAKE acme asked\r\n")
            # One that is answered after it: each call went in a turn of its own.
            other.call("PING")
        redis_server.thaw()
        assert [gate.read()[3] for _ in range(100)] == list(range(2, 102))
    assert client.info("commandstats")["cmdstat_script|load"]["calls"] <= 50


def test_flushed_scripts_are_loaded_again_for_the_control_plane(daemon, redis_server):
    redis_server.client().script_flush()
    assert daemon.put("globex")["id"] == "globex"


def test_what_was_answered_degraded_is_counted_in_a_metric(daemon, redis_server):
    redis_server.freeze()
    with daemon.resp() as gate:
        gate.pipeline(*["TAKE acme messages"] * 3, "RECORD acme messages 1 ID k")
    redis_server.thaw()
    seconds_until_normal(daemon)
    assert daemon.metric("tollgate_gate_degraded_total") >= 3
    assert daemon.metric("tollgate_gate_store_errors_total") == 1


def test_the_default_deadline_is_kept_too(start_daemon, redis_server):
    """20 ms: the answer must come within it and a little, not within a second."""
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="20ms")
    with daemon.resp() as gate:
        gate.call("CHECK", "acme", "messages")
        redis_server.freeze()
        quickest = min(timed(gate, "TAKE", "acme", "messages")[1] for _ in range(5))
        redis_server.thaw()
    assert 0.010 <= quickest < 0.2


def test_tollgate_waits_for_a_redis_that_is_not_there_yet(make_daemon, redis_server):
    redis_server.stop()
    daemon = make_daemon(redis_url=redis_server.url).launch()
    wait_until(lambda: "waiting for Redis" in daemon.log, "tollgate says that it waits")
    redis_server.start()
    wait_until(daemon.is_ready, "tollgate is ready")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages")[1] == "ok"


def test_a_managed_redis_that_was_killed_is_started_again(start_daemon):
    daemon = start_daemon(redis_url="managed", redis_deadline="100ms")
    daemon.put("acme")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 3, "ID", "k")[3] == 3
        before = daemon.managed_redis_pid()
        client = redis.Redis(unix_socket_path=daemon.state + "/redis/redis.sock")
        wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0, "the file is written")
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: gate.call("CHECK", "acme", "messages")[1] == "ok", "decisions are normal")
        assert daemon.managed_redis_pid() != before
        assert gate.call("CHECK", "acme", "messages", 0)[3] == 3
