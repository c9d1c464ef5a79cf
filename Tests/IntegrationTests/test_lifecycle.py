"""Start, stop, reload, and a second instance."""

import os
import re
import signal
import socket
import stat
import threading

import pytest

from redis_server import is_running
from resp_socket import Closed
from waiting import wait_until


def test_sigterm_exits_0_and_removes_the_sockets(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    assert daemon.stop() == 0
    assert not os.path.exists(daemon.gate)
    assert not os.path.exists(daemon.control)
    # The lock stays: removing it would let two daemons hold two locks of one name.
    assert set(os.listdir(daemon.directory)) == {"log", "state", "gate.sock.lock"}


def test_sigterm_ends_silent_connections_and_exits_soon(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    with daemon.resp() as silent, daemon.resp() as half:
        silent.call("PING")
        half.write(b"*2\r\n$4\r\nTA")
        assert daemon.stop() == 0
        assert silent.is_closed_by_peer()


def test_sigterm_answers_what_is_in_flight(start_daemon, redis_server):
    """Redis is frozen while calls wait, so that they are in flight for certain when the signal comes."""
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="10s")
    daemon.put("acme")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "asked")[3] == 1
        redis_server.freeze()
        gate.write(b"TAKE acme asked\r\n" * 20)
        wait_until(lambda: daemon_waits(daemon, 20), "the calls wait for Redis")
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in daemon.log, "tollgate stops")
        redis_server.thaw()
        assert [gate.read()[3] for _ in range(20)] == list(range(2, 22))
        assert gate.is_closed_by_peer()
    assert daemon.end_code() == 0


def daemon_waits(daemon, count):
    with daemon.resp() as other:
        return f"\r\nwaiting:{count}\r\n" in other.call("INFO")


def test_sigterm_under_load_breaks_no_reply(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    daemon.put("acme", plan="bigger")
    answered = []

    def load():
        count = 0
        with daemon.resp() as gate:
            try:
                while True:
                    gate.send("TAKE", "acme", "words")
                    count += gate.read()[0]
            except (Closed, OSError):
                # Closed between two replies, never within one.
                assert gate.buffer == b""
        answered.append(count)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: daemon.metric("tollgate_gate_allowed_total") > 200, "the load runs")
    assert daemon.stop() == 0
    for thread in threads:
        thread.join(timeout=10)
    assert len(answered) == 8
    client = redis_server.client()
    keys = list(client.scan_iter(match="*:u:words:*", count=10_000))
    used = int(client.hget(keys[0], "used"))
    assert sum(answered) <= used <= sum(answered) + 8


def test_sigterm_ends_within_the_shutdown_timeout_even_when_a_client_reads_nothing(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, shutdown_timeout="1s")
    with daemon.resp() as deaf:
        deaf.socket.setblocking(False)
        try:
            while True:
                deaf.socket.send(b"*2\r\n$4\r\nECHO\r\n$60000\r\n" + b"x" * 60_000 + b"\r\n")
        except BlockingIOError:
            pass
        daemon.process.send_signal(signal.SIGTERM)
        daemon.end_code(seconds=5)


def test_a_signal_while_it_waits_for_redis_ends_it(make_daemon, redis_server):
    redis_server.stop()
    daemon = make_daemon(redis_url=redis_server.url).launch()
    wait_until(lambda: "waiting for Redis" in daemon.log, "tollgate waits")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.end_code(seconds=5)


def test_readiness_is_told_to_the_service_manager(make_daemon, redis_server, directory):
    path = os.path.join(directory, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(20)
        daemon = make_daemon(redis_url=redis_server.url, environment={"NOTIFY_SOCKET": path}).launch()
        assert "READY=1" in manager.recv(1_000).decode().splitlines()
        with daemon.resp() as gate:
            assert gate.call("TAKE", "acme", "messages")[1] == "ok"
        assert daemon.http("GET", "/readyz")[0] == 200
        daemon.process.send_signal(signal.SIGTERM)
        assert "STOPPING=1" in manager.recv(1_000).decode().splitlines()
        assert daemon.end_code() == 0


def test_a_second_instance_on_the_same_state_directory_is_refused(start_daemon, make_daemon, redis_server):
    first = start_daemon(redis_url=redis_server.url)
    second = make_daemon(redis_url=redis_server.url, state_dir=first.state).launch()
    assert second.end_code() == 4
    assert f"state_dir {first.state} is in use by another running tollgate" in second.log
    with first.resp() as gate:
        assert gate.call("PING") == "PONG"


def test_a_second_instance_does_not_touch_the_managed_redis_of_the_first(start_daemon, make_daemon):
    first = start_daemon(redis_url="managed")
    process = first.managed_redis_pid()
    second = make_daemon(redis_url="managed", state_dir=first.state).launch()
    assert second.end_code() == 4
    assert first.managed_redis_pid() == process and is_running(process)
    with first.resp() as gate:
        assert gate.call("TAKE", "acme", "messages")[1] == "ok"


@pytest.mark.parametrize("setting", ["gate_socket", "control_socket"])
def test_a_second_instance_on_the_same_socket_is_refused_and_the_first_goes_on(
    start_daemon, make_daemon, redis_server, setting
):
    first = start_daemon(redis_url=redis_server.url)
    path = first.gate if setting == "gate_socket" else first.control
    second = make_daemon(redis_url=redis_server.url, **{setting: path}).launch()
    assert second.end_code() == 4
    assert path in second.log and re.search("in use|already|another", second.log)
    with first.resp() as gate:
        assert gate.call("TAKE", "acme", "messages")[1] == "ok"
    assert first.http("GET", "/readyz")[0] == 200


def test_sockets_left_by_a_kill_are_cleaned_up(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    daemon.kill()
    assert stat.S_ISSOCK(os.stat(daemon.gate).st_mode)
    daemon.start()
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages")[1] == "ok"
    assert daemon.stop() == 0


def test_a_file_in_the_place_of_the_socket_is_not_removed(make_daemon, redis_server):
    daemon = make_daemon(redis_url=redis_server.url)
    os.makedirs(daemon.directory)
    with open(daemon.gate, "w", encoding="utf-8") as file:
        file.write("precious")
    daemon.launch()
    assert daemon.end_code() == 4
    assert daemon.gate in daemon.log
    with open(daemon.gate, encoding="utf-8") as file:
        assert file.read() == "precious"


def test_a_bad_setting_stops_the_start_with_its_place(make_daemon, directory):
    path = os.path.join(directory, "tollgate.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("gate:\n  max_connexions: 3\n  mode: 12\nredis:\n  deadline: soon\n")
    daemon = make_daemon()
    ran = daemon.run("serve", "--config", path, "--plans", daemon.plans)
    assert ran.code == 2
    for place in (":2:3: ", ":5:13: "):
        assert path + place in ran.err
    assert "max_connections" in ran.err
