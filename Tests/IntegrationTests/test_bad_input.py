"""What is no RESP, too much, or too many gets a clear error or a close, and disturbs nobody else."""

import grp
import os
import random
import socket
import stat

import pytest

from resp_socket import Closed, RespSocket, encode
from waiting import wait_until

PROTOCOL_ERRORS = {
    b"*x\r\n": "invalid multibulk length",
    b"*99999999999\r\n": "invalid multibulk length",
    b"*2147483647\r\n": "too many arguments",
    b"*1025\r\n": "too many arguments",
    b"*1\r\n:4\r\n": "expected '$', got ':'",
    b"*1\r\n\x00": "expected '$', got '\\x00'",
    b"*1\r\n$-1\r\n": "invalid bulk length",
    b"*1\r\n$x\r\n": "invalid bulk length",
    b"*1\r\n$99999999\r\n": "too big request",
    b"*1\r\n$4\r\nPINGxx": "invalid bulk length",
    b'TAKE "open\r\n': "unbalanced quotes in request",
    b"x" * 70_000: "too big inline request",
}


@pytest.mark.parametrize("data", PROTOCOL_ERRORS, ids=lambda data: repr(data[:20]))
def test_a_lost_protocol_is_said_and_closed(gate, shared_daemon, data):
    with shared_daemon.resp() as other:
        try:
            gate.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert gate.read() == f"ERR Protocol error: {PROTOCOL_ERRORS[data]}"
        assert gate.is_closed_by_peer()
        assert other.call("PING") == "PONG"


def test_what_came_before_a_lost_protocol_is_answered(gate, tenant):
    gate.write(encode("TAKE", tenant, "messages") + encode("PING") + b"*x\r\n" + encode("TAKE", tenant, "messages"))
    assert gate.read()[:4] == [1, "ok", "messages", 1]
    assert gate.read() == "PONG"
    assert gate.read().startswith("ERR Protocol error")
    assert gate.is_closed_by_peer()


def test_an_oversized_argument_is_refused_before_it_is_sent(gate):
    gate.write(b"*3\r\n$4\r\nTAKE\r\n$65536\r\n")
    assert gate.read() == "ERR Protocol error: too big request"


def test_garbage_closes_at_worst_and_disturbs_nobody(shared_daemon, tenant):
    random_bytes = random.Random(20_261_123)
    with shared_daemon.resp() as other:
        for _ in range(100):
            with shared_daemon.resp() as victim:
                data = bytes(random_bytes.randrange(256) for _ in range(random_bytes.randrange(1, 2_000)))
                try:
                    victim.write(random_bytes.choice([b"", b"*", b"*2\r\n$4\r\nTAKE\r\n$", b"$"]) + data)
                    victim.socket.shutdown(socket.SHUT_WR)
                except (BrokenPipeError, ConnectionResetError, OSError):
                    pass
                victim.read_to_end()
            assert other.call("PING") == "PONG"
        assert other.call("TAKE", tenant, "messages")[:2] == [1, "ok"]


def test_half_a_command_then_silence_holds_up_nobody(gate, shared_daemon, tenant):
    gate.write(encode("TAKE", tenant, "messages")[:-5])
    with shared_daemon.resp() as other:
        assert other.call("TAKE", tenant, "messages")[3] == 1
    gate.write(encode("TAKE", tenant, "messages")[-5:])
    assert gate.read()[3] == 2


def test_half_a_command_then_a_close_counts_nothing(gate, shared_daemon, tenant):
    gate.write(encode("TAKE", tenant, "messages") + encode("TAKE", tenant, "messages")[:-1])
    gate.socket.shutdown(socket.SHUT_WR)
    assert gate.read()[3] == 1
    assert gate.is_closed_by_peer()
    with shared_daemon.resp() as other:
        assert other.call("CHECK", tenant, "messages", 0)[3] == 1


@pytest.fixture(scope="module")
def small_daemon(short_root, shared_redis):
    """A daemon whose bounds are small enough to reach."""
    from daemon import Daemon

    daemon = Daemon(
        os.path.join(short_root, "small"),
        redis_url=shared_redis.url,
        redis_key_prefix="small:",
        gate_max_connections=5,
        gate_idle_timeout="1s",
        gate_max_request="1KiB",
        gate_max_output="16KiB",
        gate_mode="0600",
        gate_group=grp.getgrgid(os.getgid()).gr_name,
    ).start()
    yield daemon
    assert daemon.stop() == 0


def admitted(daemon):
    """A connection, once the daemon has noticed that earlier ones are closed."""

    def connect():
        connection = daemon.resp()
        try:
            if connection.call("PING") == "PONG":
                return connection
        except (Closed, BrokenPipeError):
            pass
        connection.close()
        return None

    return wait_until(connect, "there is room for a connection")


def test_one_connection_too_many_is_told_and_closed(small_daemon):
    connections = [small_daemon.resp() for _ in range(5)]
    for connection in connections:
        assert connection.call("PING") == "PONG"
    with small_daemon.resp() as extra:
        assert extra.read() == "ERR max number of clients reached"
        assert extra.is_closed_by_peer()
    assert connections[0].call("PING") == "PONG"
    connections.pop().close()

    admitted(small_daemon).close()
    for connection in connections:
        connection.close()


def test_a_silent_connection_is_closed_after_the_idle_timeout(small_daemon):
    with admitted(small_daemon) as silent:
        assert silent.is_closed_by_peer()


def test_a_request_past_the_configured_size_is_refused(small_daemon):
    with admitted(small_daemon) as connection:
        connection.send("ECHO", "x" * 1_100)
        assert connection.read() == "ERR Protocol error: too big request"


def test_the_socket_has_the_configured_mode_and_group(small_daemon, shared_daemon):
    found = os.stat(small_daemon.gate)
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert found.st_gid == os.getgid()
    assert stat.S_IMODE(os.stat(shared_daemon.gate).st_mode) == 0o660
    assert stat.S_IMODE(os.stat(shared_daemon.control).st_mode) == 0o600


def test_a_client_that_never_reads_does_not_disturb_another(small_daemon):
    """The deaf one fills its own buffers until the gate reads no more of it; then it is answered whole."""
    small_daemon.put("deaf", plan="bigger")
    request = encode("TAKE", "deaf", "words") + encode("ECHO", "x" * 500)
    with admitted(small_daemon) as deaf:
        deaf.socket.setblocking(False)
        sent = 0
        data = request * 100_000
        try:
            while sent < len(data):
                sent += deaf.socket.send(data[sent : sent + 65_536])
                with admitted(small_daemon) as other:
                    assert other.call("TAKE", "other", "messages", 1)[1] in ("ok", "limit_exceeded")
        except BlockingIOError:
            pass
        assert 0 < sent < len(data)
        admitted(small_daemon).close()
        deaf.socket.setblocking(True)
        deaf.socket.settimeout(10)
        whole = sent // len(request)
        for number in range(1, whole + 1):
            assert deaf.read()[3] == number
            assert deaf.read() == "x" * 500


def test_a_user_who_is_not_allowed_is_told_so(start_daemon, shared_redis):
    daemon = start_daemon(redis_url=shared_redis.url, gate_allow_uids=os.getuid() + 1)
    with daemon.resp() as connection:
        assert connection.read().startswith("NOPERM ")
        assert connection.is_closed_by_peer()


def test_a_user_who_is_allowed_may_ask(start_daemon, shared_redis):
    daemon = start_daemon(redis_url=shared_redis.url, gate_allow_uids=f"{os.getuid()},12345")
    with RespSocket(daemon.gate) as connection:
        assert connection.call("PING") == "PONG"
