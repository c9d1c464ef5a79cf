"""Stock clients, both protocol versions, inline commands and pipelines."""

import subprocess
import threading

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from resp_socket import encode


def redis_cli(daemon, *words, text=None):
    """What redis-cli prints, as it is."""
    completed = subprocess.run(
        ["redis-cli", "-s", daemon.gate, *words], input=text, capture_output=True, text=True, timeout=20, check=True
    )
    return completed.stdout


def test_redis_cli_asks_and_shows_the_decision(shared_daemon, tenant):
    assert redis_cli(shared_daemon, "TAKE", tenant, "messages", "2").splitlines() == [
        "1", "ok", "messages", "2", "1000", "0", "",
    ]  # fmt: skip
    assert redis_cli(shared_daemon, "PING") == "PONG\n"


def test_redis_cli_speaks_resp3(shared_daemon, tenant):
    lines = redis_cli(shared_daemon, "-3", "TAKE", tenant, "messages").splitlines()
    assert lines[:4] == ["allowed", "1", "reason", "ok"] or lines[:2] == ["allowed 1", "reason ok"], lines


def test_redis_cli_takes_a_script_of_commands(shared_daemon, tenant):
    text = f"PING\nRECORD {tenant} messages 5\nCHECK {tenant} messages 0\n"
    lines = redis_cli(shared_daemon, text=text).split()
    assert lines == ["PONG", "messages", "5", "5", "0", "1", "ok", "messages", "5", "1000", "0"]


def test_redis_cli_pipes(shared_daemon, tenant):
    data = b"".join(encode("TAKE", tenant, "messages") for _ in range(100))
    completed = subprocess.run(
        ["redis-cli", "-s", shared_daemon.gate, "--pipe"], input=data, capture_output=True, timeout=20, check=True
    )
    assert b"errors: 0, replies: 100" in completed.stdout


@pytest.mark.parametrize("protocol", [2, 3])
def test_redis_py_connects_with_its_whole_handshake(shared_daemon, tenant, protocol):
    client = shared_daemon.client(protocol=protocol, client_name="app-server", health_check_interval=1)
    assert client.ping() is True
    assert client.execute_command("TAKE", tenant, "messages", 3)[1 if protocol == 2 else "reason"] == "ok"
    assert client.echo("hello") == "hello"
    assert client.client_getname() == "app-server"
    assert client.client_id() > 0
    assert "tollgate_version" in client.info()
    assert client.config_get("maxmemory") == {}
    with pytest.raises(redis.ResponseError, match="no meter named nothing"):
        client.execute_command("TAKE", tenant, "nothing")


def test_redis_py_pipelines_without_transactions_and_is_told_when_it_uses_one(shared_daemon, tenant):
    client = shared_daemon.client()
    pipeline = client.pipeline(transaction=False)
    for _ in range(50):
        pipeline.execute_command("TAKE", tenant, "messages")
    assert [answer[3] for answer in pipeline.execute()] == list(range(1, 51))
    transaction = client.pipeline(transaction=True)
    transaction.execute_command("TAKE", tenant, "messages")
    with pytest.raises(redis.ResponseError, match="no transactions here"):
        transaction.execute()


def test_redis_py_connects_from_a_url(shared_daemon, tenant):
    client = redis.from_url(f"unix://{shared_daemon.gate}?db=0", protocol=2, retry=Retry(NoBackoff(), 0))
    assert client.execute_command("CHECK", tenant, "messages")[1] == b"ok"


def test_what_clients_send_while_connecting_is_answered_as_redis_would(gate):
    assert gate.call("PING") == "PONG"
    assert gate.call("PING", "hello") == "hello"
    assert gate.call("ECHO", "hello") == "hello"
    assert gate.call("SELECT", 0) == "OK"
    assert gate.call("SELECT", 1) == "ERR DB index is out of range"
    assert gate.call("CLIENT", "SETNAME", "app") == "OK"
    assert gate.call("CLIENT", "GETNAME") == "app"
    assert gate.call("CLIENT", "SETINFO", "LIB-NAME", "test") == "OK"
    assert isinstance(gate.call("CLIENT", "ID"), int)
    assert gate.call("CONFIG", "GET", "save") == []
    assert gate.call("AUTH", "secret").startswith("ERR AUTH <password> called without any password configured")


def test_info_has_sections_of_names_and_values(gate):
    lines = gate.call("INFO").split("\r\n")
    assert "# Server" in lines
    assert any(line.startswith("tollgate_version:") for line in lines)
    assert "redis_connected:1" in lines
    assert gate.call("INFO", "clients").split("\r\n")[0] == "# Clients"
    assert "# Server" in gate.call("INFO", "everything")
    assert gate.call("INFO", "nothing") == ""


def test_hello_switches_the_protocol_version_and_back(gate):
    reply = gate.call("HELLO", 3, "SETNAME", "app")
    assert reply["server"] == "tollgate" and reply["proto"] == 3 and reply["role"] == "master"
    assert gate.call("CLIENT", "GETNAME") == "app"
    assert gate.call("CONFIG", "GET", "save") == {}
    reply = gate.call("HELLO", 2)
    assert reply[reply.index("proto") + 1] == 2
    assert gate.call("HELLO", 4) == "NOPROTO unsupported protocol version"
    assert gate.call("HELLO", "x") == "NOPROTO unsupported protocol version"
    assert gate.call("RESET") == "RESET"


def test_quit_is_answered_and_closes(gate):
    gate.write(encode("QUIT") + encode("PING"))
    assert gate.read_to_end() == b"+OK\r\n"


def test_what_was_asked_before_quit_is_answered_first(gate, tenant):
    gate.write(encode("TAKE", tenant, "messages") + encode("QUIT"))
    assert gate.read()[:4] == [1, "ok", "messages", 1]
    assert gate.read() == "OK"
    assert gate.is_closed_by_peer()


def test_inline_commands_work_too(gate, tenant):
    gate.write(f"TAKE {tenant} messages 2\r\n")
    assert gate.read()[:4] == [1, "ok", "messages", 2]
    gate.write(f"  take   {tenant}\tmessages \n\r\n\nPING\r\n")
    assert gate.read()[3] == 3
    assert gate.read() == "PONG"
    gate.write(f'TAKE {tenant} messages 1 ID "a\\x2dkey\\"with\\"quotes"\r\n')
    assert gate.read()[3] == 4


def test_replies_of_a_pipeline_come_in_the_order_of_its_requests(gate, shared_daemon, tenant):
    data, expected = [], []
    for number in range(1, 201):
        data += [
            encode("TAKE", tenant, "messages"), encode("PING", str(number)), encode("NOSUCH"),
            b"ECHO inline\r\n", encode("FEATURE", tenant, "sso"), encode("TAKE", tenant, "words", 0),
        ]  # fmt: skip
        expected += [number, str(number), "ERR unknown", "inline", "sso", "BADARG n of words"]
    gate.write(b"".join(data))
    for want in expected:
        reply = gate.read()
        if isinstance(want, int):
            assert reply[2:4] == ["messages", want]
        elif want == "sso":
            assert reply[2] == "sso"
        else:
            assert reply.startswith(want)


def test_a_pipeline_of_ten_thousand_is_answered_whole(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, plan="bigger")
    count = 10_000
    writer = threading.Thread(target=gate.write, args=(encode("TAKE", tenant, "words") * count,))
    writer.start()
    assert [gate.read()[3] for _ in range(count)] == list(range(1, count + 1))
    writer.join()


def test_a_request_may_arrive_byte_by_byte(gate, tenant):
    for byte in encode("TAKE", tenant, "messages", 2) + b"PING\r\n":
        gate.write(bytes([byte]))
    assert gate.read()[:4] == [1, "ok", "messages", 2]
    assert gate.read() == "PONG"


def test_a_client_that_has_finished_writing_is_still_answered(gate, tenant):
    gate.write(encode("TAKE", tenant, "messages") * 20)
    gate.socket.shutdown(1)
    assert [gate.read()[3] for _ in range(20)] == list(range(1, 21))
    assert gate.is_closed_by_peer()
