"""The commands as a script sees them: exit codes, JSON on standard output, errors on standard error."""

import datetime
import json
import os
import subprocess
import time

import pytest

from daemon import Daemon

PLANS_YAML = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plans.yaml")


def test_an_allowed_take_exits_0_and_a_refused_one_1(shared_daemon, tenant):
    ran = shared_daemon.run("take", tenant, "words", "5", "--json")
    assert ran.code == 0
    assert ran.json == {
        "allowed": True, "reason": "ok", "meter": "words", "used": 5, "limit": 5, "retry_after_ms": 0,
        "reservation": "",
    }  # fmt: skip
    ran = shared_daemon.run("take", tenant, "words", "--json")
    assert ran.code == 1
    assert ran.json["allowed"] is False and ran.json["reason"] == "limit_exceeded" and ran.json["retry_after_ms"] > 0
    assert ran.err == ""
    text = shared_daemon.run("take", tenant, "words")
    assert text.code == 1 and "limit_exceeded" in text.out and "\x1b" not in text.out


def test_a_check_exits_as_the_take_would_and_consumes_nothing(shared_daemon, tenant):
    assert shared_daemon.run("check", tenant, "words", "5", "messages").code == 0
    assert shared_daemon.run("check", tenant, "words", "6").code == 1
    assert shared_daemon.run("take", tenant, "words", "5").code == 0


def test_a_key_makes_a_take_and_a_record_repeatable(shared_daemon, tenant):
    first = shared_daemon.run("take", tenant, "messages", "2", "--id", "k1", "--json")
    assert shared_daemon.run("take", tenant, "messages", "2", "--id", "k1", "--json").out == first.out
    other = shared_daemon.run("take", tenant, "messages", "3", "--id", "k1")
    assert other.code == 2 and "this key was used with other arguments" in other.err
    for _ in range(2):
        ran = shared_daemon.run("record", tenant, "tokens", "7", "--id", "k2", "--json")
        assert ran.code == 0
    assert shared_daemon.run("usage", tenant, "tokens", "--json").json["meters"][0]["used"] == 7


def test_a_record_may_lie_in_the_past(shared_daemon, tenant):
    then = datetime.datetime.fromtimestamp(time.time() - 3 * 86_400, datetime.UTC)
    at = then.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shared_daemon.run("record", tenant, "per_day", "7", "--at", at).code == 0
    assert shared_daemon.run("usage", tenant, "per_day", "--json").json["meters"][0]["used"] == 0
    ran = shared_daemon.run("record", tenant, "per_day", "7", "--at", "2020-01-01T00:00:00Z")
    assert ran.code == 2 and "35 days" in ran.err


def test_usage_shows_the_meters_of_the_plan(shared_daemon, tenant):
    shared_daemon.run("record", tenant, "messages", "250")
    ran = shared_daemon.run("usage", tenant, "--json")
    assert ran.code == 0
    rows = {row["meter"]: row for row in ran.json["meters"]}
    assert rows["messages"]["used"] == 250 and rows["messages"]["limit"] == 1000 and rows["messages"]["percent"] == 25
    assert "hidden" not in rows
    text = shared_daemon.run("usage", tenant, "messages").out
    assert "250" in text and "1,000" in text.replace("1000", "1,000")


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["nonsense"], ["take"], ["take", "acme"], ["take", "acme", "5"],
        ["take", "acme", "messages", "--nonsense"],
        ["take", "acme", "messages", "0"], ["take", "acme", "messages", "1000000000000000"],
        ["take", "a/b", "messages"],
        ["take", "acme", "nothing"], ["take", "acme", "messages", "--id", ""], ["record", "acme", "messages"],
        ["record", "acme", "messages", "1", "--at", "soon"], ["usage"], ["usage", "acme", "nothing"],
        ["tenants", "--limit", "0"], ["tenants", "--limit", "x"],
        ["plans", "validate", "--plans", "/nowhere"], ["ledger", "show", "/nowhere"],
        ["serve", "--config", "/nowhere/tollgate.yaml"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_exits_2_and_says_so_on_standard_error(shared_daemon, arguments):
    ran = shared_daemon.run(*arguments)
    if not arguments:
        # The name alone shows the help.
        assert ran.code in (0, 2) and "SUBCOMMANDS" in ran.out + ran.err
        return
    assert ran.code == 2, ran.out + ran.err
    assert ran.out == "" and ran.err.startswith("tollgate: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "acme", "messages"], ["take", "acme", "messages"], ["record", "acme", "messages", "1"],
        ["usage", "acme"], ["tenants"], ["tenant", "show", "acme"], ["tenant", "put", "acme", "--plan", "starter"],
        ["tenant", "rm", "acme"], ["flush"], ["outbox"], ["doctor"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_daemon_each_command_exits_3_and_names_the_socket(directory, arguments):
    nobody = Daemon(directory)
    ran = nobody.run(*arguments)
    assert ran.code == 3
    assert nobody.gate in ran.out + ran.err or nobody.control in ran.out + ran.err


def test_without_redis_the_commands_exit_3(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="100ms")
    redis_server.stop()
    for arguments in (["record", "acme", "messages", "1"], ["usage", "acme"], ["tenants"]):
        ran = daemon.run(*arguments)
        assert ran.code == 3, arguments
        assert "Redis" in ran.err


def test_every_json_answer_is_one_document(shared_daemon, tenant):
    for arguments in (
        ["check", tenant, "messages"], ["usage", tenant], ["tenants"], ["tenant", "show", tenant], ["outbox"],
        ["version"], ["doctor"], ["plans", "show", "--plans", PLANS_YAML],
        ["plans", "validate", "--plans", PLANS_YAML],
    ):  # fmt: skip
        ran = shared_daemon.run(*arguments, "--json")
        assert isinstance(json.loads(ran.out), dict), arguments


def test_sockets_may_be_named_by_option_too(shared_daemon, tenant, directory):
    nobody = Daemon(directory)
    assert nobody.run("take", tenant, "messages", "--socket", shared_daemon.gate).code == 0
    assert nobody.run("tenant", "show", tenant, "--control", shared_daemon.control).code == 0


def test_sockets_are_looked_for_below_var(shared_daemon, tenant, directory):
    os.mkdir(os.path.join(directory, "var"))
    os.symlink(shared_daemon.gate, os.path.join(directory, "var", "gate.sock"))
    os.symlink(shared_daemon.control, os.path.join(directory, "var", "control.sock"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOLLGATE_")}
    for arguments in (["take", tenant, "messages"], ["tenant", "show", tenant]):
        completed = subprocess.run(
            [os.environ["TOLLGATE_BIN"], *arguments], cwd=directory, env=environment, capture_output=True, check=False
        )
        assert completed.returncode == 0, completed.stderr


def test_a_valid_catalogue_exits_0_and_a_bad_one_2_with_its_place(shared_daemon, directory):
    assert shared_daemon.run("plans", "validate", "--plans", PLANS_YAML).code == 0
    path = os.path.join(directory, "plans.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("meters:\n  messages: { kind: counter, per: month }\nplans:\n  free:\n    limits: { mesages: 1 }\n")
    ran = shared_daemon.run("plans", "validate", "--plans", path)
    assert ran.code in (2, 4)
    assert f"{path}:5:15: " in ran.out + ran.err and "messages" in ran.out + ran.err


def test_doctor_says_a_line_a_check_and_exits_0_when_nothing_is_at_fault(start_daemon, redis_server, sandbox, billing):
    for meter in ("plain_sums", "retired"):
        row = next(row for row in sandbox.state()["meters"] if row["event_name"] == meter)
        if row["status"] == "active":
            assert sandbox.post(f"/v1/billing/meters/{row['id']}/deactivate", {}).status == 200
        made = {"event_name": meter, "event_time_window": "hour"}
        sandbox.seed(meters=[made])
    daemon = start_daemon(redis_url=redis_server.url, **billing)
    ran = daemon.run("doctor")
    assert ran.code == 0, ran.out
    names = [check["name"] for check in daemon.run("doctor", "--json").json["checks"]]
    assert len(names) == len(ran.out.splitlines())
    for name in (
        "redis", "redis policy", "redis append-only file", "clock", "gate socket", "control socket", "state directory",
        "ledger", "stripe", "plan catalogue", "meter tokens",
    ):  # fmt: skip
        assert name in names


def test_doctor_finds_an_evicting_policy_that_was_set_later(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    redis_server.client().config_set("maxmemory-policy", "allkeys-lru")
    ran = daemon.run("doctor")
    assert ran.code == 4
    assert any(line.startswith("fault") and "noeviction" in line for line in ran.out.splitlines())


def test_a_completion_script_is_written_for_each_shell(shared_daemon):
    for shell in ("bash", "zsh", "fish"):
        ran = shared_daemon.run("--generate-completion-script", shell)
        assert ran.code == 0 and "tenant" in ran.out
