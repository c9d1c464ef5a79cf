"""What the gate tells of itself: its commands, its connections and its slow calls, to stock clients."""

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
import time

import pytest
import redis

from resp_socket import ErrorReply, RespSocket
from test_connections import redis_cli
from waiting import wait_until

CONTAINERS = {"client", "command", "config", "slowlog"}
GATE = {
    "check", "take", "reserve", "commit", "release", "extend", "record", "refund", "level", "feature", "usage",
    "explain",
}  # fmt: skip
SESSION = CONTAINERS | {"ping", "echo", "hello", "auth", "select", "info", "help", "quit", "reset"}


def fields(line):
    """The fields of one line of CLIENT LIST."""
    return dict(part.split("=", 1) for part in line.split(" "))


# Commands


def test_every_command_is_described(gate):
    infos = gate.call("COMMAND")
    assert {info[0] for info in infos} == GATE | SESSION
    assert gate.call("COMMAND", "COUNT") == len(infos)
    assert gate.call("COMMAND", "INFO") == infos
    for info in infos:
        assert len(info) == 10 and info[3:6] == [0, 0, 0], info
        assert bool(info[9]) == (info[0] in CONTAINERS)
    docs = gate.call("COMMAND", "DOCS")
    assert docs[0::2] == [info[0] for info in infos]


def test_no_described_command_is_unknown_and_too_few_words_are_refused(shared_daemon):
    with shared_daemon.resp() as gate:
        infos = gate.call("COMMAND")
    for name, arity, *_ in infos:
        if abs(arity) == 1 or name in ("refund", "explain"):
            continue
        with shared_daemon.resp() as gate:
            reply = gate.call(name, *["acme", "messages", "1"][: abs(arity) - 2])
            assert isinstance(reply, ErrorReply) and reply.split()[0] in ("ERR", "BADARG"), (name, reply)
            assert "unknown command" not in reply and "syntax" not in reply, (name, reply)


def test_docs_are_maps_in_resp3(gate):
    gate.call("HELLO", 3)
    docs = gate.call("COMMAND", "DOCS", "TAKE", "client|kill", "nothing")
    assert set(docs) == {"take", "client|kill"}
    take = docs["take"]
    assert take["group"] == "gate" and take["summary"].startswith("Check and consume")
    assert [argument["name"] for argument in take["arguments"]] == ["tenant", "meter", "n", "meter_n", "key"]
    assert take["arguments"][3]["flags"] == ["optional", "multiple"]
    assert take["arguments"][4]["token"] == "ID"
    assert set(gate.call("COMMAND", "DOCS")["slowlog"]["subcommands"]) == {
        "slowlog|get", "slowlog|len", "slowlog|reset", "slowlog|help",
    }  # fmt: skip
    assert gate.call("COMMAND", "INFO", "nothing", "PING")[0] is None


def test_names_are_listed_by_category_and_pattern(gate):
    everything = gate.call("COMMAND", "LIST")
    assert {name for name in everything if "|" not in name} == GATE | SESSION
    assert set(gate.call("COMMAND", "LIST", "FILTERBY", "PATTERN", "re*")) == {
        "release", "reset", "record", "refund", "reserve",
    }  # fmt: skip
    assert "client|kill" in gate.call("COMMAND", "LIST", "FILTERBY", "ACLCAT", "dangerous")
    assert gate.call("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nothing") == []
    assert gate.call("COMMAND", "LIST", "FILTERBY", "MODULE", "json") == []


@pytest.mark.parametrize("protocol", [2, 3])
def test_redis_py_reads_the_descriptions(shared_daemon, protocol):
    client = shared_daemon.client(protocol=protocol)
    commands = client.command()
    assert commands["take"]["arity"] == -3 and commands["take"]["first_key_pos"] == 0
    assert "write" in commands["take"]["flags"] and "readonly" in commands["check"]["flags"]
    assert client.command_count() == len(commands)
    assert "take" in client.command_list()
    docs = client.execute_command("COMMAND DOCS")
    names = docs if protocol == 3 else docs[0::2]
    assert GATE | SESSION == set(names)


def test_help_lists_all_commands_and_tells_of_one(gate):
    lines = gate.call("HELP")
    assert "TAKE tenant meter [n] [meter n ...] [ID key] -- Check and consume, all meters or none" in lines
    assert {line.split()[0].lower() for line in lines} == GATE | SESSION
    lines = gate.call("help", "record")
    assert lines[0] == "RECORD tenant meter n [meter n ...] [ID key] [AT unix-ms]"
    assert "    errors: BADARG, NOMETER, NOTENANT, STORE" in lines
    assert gate.call("HELP", "CLIENT", "KILL")[0].startswith("CLIENT KILL ID client-id|")
    for container in ("CLIENT", "COMMAND", "SLOWLOG"):
        lines = gate.call(container, "HELP")
        assert lines[0] == f"{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
        assert "HELP" in lines


def test_redis_cli_prints_docs(shared_daemon):
    lines = redis_cli(shared_daemon, "COMMAND", "DOCS", "take").splitlines()
    assert lines[:3] == ["take", "summary", "Check and consume, all meters or none"]
    assert lines[lines.index("ID") - 1] == "token"
    # It answers HELP itself, from what COMMAND DOCS has told it.
    assert "Give all of a reservation back" in redis_cli(shared_daemon, "HELP", "release")


class Terminal:
    """redis-cli in a terminal of its own."""

    def __init__(self, daemon):
        self.end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "HOME": daemon.directory, "REDISCLI_RCFILE": "/dev/null"}
        self.process = subprocess.Popen(
            [shutil.which("redis-cli"), "-s", daemon.gate],
            stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(other)
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait(timeout=10)
        os.close(self.end)

    def type(self, text):
        os.write(self.end, text.encode())

    def wait_for(self, text):
        def is_shown():
            if select.select([self.end], [], [], 0.05)[0]:
                self.shown += os.read(self.end, 65_536).decode(errors="replace")
            return text in self.shown

        wait_until(is_shown, f"redis-cli shows {text!r}")


def test_redis_cli_completes_and_hints_the_commands_of_the_gate(shared_daemon):
    with Terminal(shared_daemon) as terminal:
        terminal.wait_for("> ")
        terminal.type("take ")
        terminal.wait_for("tenant meter [n] [meter n [meter n ...]] [ID key]")
        terminal.type("\x15rele\t")
        terminal.wait_for("RELEASE")
        terminal.type("\x15help usage\r")
        terminal.wait_for("Used, limit, percent and period of each meter")
        terminal.type("help @gate\r")
        terminal.wait_for("Give usage back, never below zero for the period")


# Connections


@pytest.mark.parametrize("protocol", [2, 3])
def test_redis_py_lists_and_kills_connections(shared_daemon, protocol):
    operator = shared_daemon.client(protocol=protocol, client_name="operator")
    victim = shared_daemon.client(protocol=protocol, client_name=f"victim-{protocol}")
    number = victim.client_id()
    row = next(row for row in operator.client_list() if row["name"] == f"victim-{protocol}")
    assert row["id"] == str(number) and row["resp"] == str(protocol) and row["flags"] == "U"
    assert row["uid"] == str(os.getuid()) and row["pid"] == str(os.getpid())
    assert row["lib-name"].startswith("redis-py") and row["lib-ver"] == redis.__version__
    assert row["addr"] == f"{shared_daemon.gate}:0" and int(row["age"]) >= int(row["idle"]) >= 0
    assert operator.client_info()["name"] == "operator"
    assert [row["name"] for row in operator.client_list(client_id=[number])] == [f"victim-{protocol}"]
    assert operator.client_list(_type="replica") == []
    assert operator.client_kill_filter(_id=number) == 1
    assert operator.client_kill_filter(_id=number) == 0
    # redis-py sees that its connection is gone, and makes another.
    assert victim.client_id() > number
    with pytest.raises(redis.ResponseError, match="no address"):
        operator.client_kill("/nowhere:0")
    with pytest.raises(redis.ResponseError, match="no address"):
        operator.client_kill_filter(addr="/nowhere:0")


def test_who_kills_itself_is_answered_first(shared_daemon, gate):
    number = gate.call("CLIENT", "ID")
    assert gate.call("CLIENT", "KILL", "ID", number, "SKIPME", "yes") == 0
    assert gate.call("CLIENT", "KILL", "ID", number, "SKIPME", "no") == 1
    assert gate.is_closed_by_peer()


def test_the_line_of_a_connection_has_what_it_said_of_itself(gate):
    assert gate.call("CLIENT", "SETINFO", "lib-name", "mine(v1)") == "OK"
    assert gate.call("CLIENT", "SETINFO", "LIB-VER", "2.0") == "OK"
    assert gate.call("HELLO", 3, "SETNAME", "app")["proto"] == 3
    line = fields(gate.call("CLIENT", "INFO"))
    assert (line["lib-name"], line["lib-ver"], line["name"], line["resp"]) == ("mine(v1)", "2.0", "app", "3")
    assert gate.call("HELLO", 3, "SETNAME", "a id=1").startswith("ERR Client names cannot contain")
    assert fields(gate.call("CLIENT", "INFO"))["name"] == "app"
    assert gate.call("RESET") == "RESET"
    line = fields(gate.call("CLIENT", "INFO"))
    assert (line["name"], line["resp"]) == ("", "2")


# Slow calls


def test_calls_that_waited_are_in_the_slow_log_until_it_is_turned_off(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, gate_slowlog="0ms")
    daemon.put("acme")
    client = daemon.client(client_name="app")
    client.slowlog_reset()
    client.execute_command("TAKE", "acme", "messages", 2, "ID", "order/1")
    client.execute_command("USAGE", "acme")
    assert client.slowlog_len() == 2
    newest, oldest = client.slowlog_get()
    assert newest["command"] == b"USAGE acme" and oldest["command"] == b"TAKE acme messages 2 ID order/1"
    assert newest["id"] == oldest["id"] + 1 and newest["duration"] >= 0
    assert abs(newest["start_time"] - time.time()) < 60
    assert newest["client_address"] == f"uid:{os.getuid()},pid:{os.getpid()}".encode()
    assert newest["client_name"] == b"app"
    assert [entry["id"] for entry in client.slowlog_get(1)] == [newest["id"]]
    assert client.slowlog_reset() is True
    assert client.slowlog_len() == 0


def test_what_a_frozen_redis_holds_up_is_in_the_slow_log(start_daemon, start_redis):
    server = start_redis()
    daemon = start_daemon(redis_url=server.url, redis_deadline="100ms")
    daemon.put("acme")
    client = daemon.client()
    client.slowlog_reset()
    server.freeze()
    try:
        with pytest.raises(redis.ResponseError, match="did not answer"):
            client.execute_command("LEVEL", "acme", "seats", 1)
    finally:
        server.thaw()
    slowest = client.slowlog_get()[-1]
    assert slowest["command"] == b"LEVEL acme seats 1" and slowest["duration"] >= 90_000


# RESP3


def test_decisions_and_rows_are_maps_in_resp3(shared_daemon, tenant):
    names = ["allowed", "reason", "meter", "used", "limit", "retry_after_ms", "reservation"]
    with RespSocket(shared_daemon.gate) as gate:
        gate.call("HELLO", 3)
        for line in (
            f"TAKE {tenant} messages", f"TAKE {tenant} messages 2", f"TAKE {tenant} messages 1 ID a",
            f"CHECK {tenant} messages", f"TAKE {tenant} messages 999999", f"TAKE nobody@all messages 999999",
            f"LEVEL {tenant} seats 3", f"RESERVE {tenant} messages 1", f"FEATURE {tenant} sso",
            f"TAKE {tenant} per_minute",
        ):  # fmt: skip
            reply = gate.call_line(line)
            assert isinstance(reply, dict) and list(reply) == names, (line, reply)
        for row in gate.call_line(f"USAGE {tenant}"):
            assert {"meter", "kind", "used", "limit", "percent", "period_start", "period_end"} <= set(row)
        assert gate.call_line(f"RECORD {tenant} messages 1")[0][0] == "messages"
