"""Who changed what, by command line."""

import json
import os
import signal
import subprocess

import pytest

from conftest import numbers
from waiting import wait_until


@pytest.fixture
def name():
    return f"audited-{next(numbers)}"


def entries(ran):
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_a_change_is_told_with_who_what_and_why(shared_daemon, name):
    shared_daemon.run("tenant", "put", name, "--plan", "starter", "--reason", "a new customer")
    shared_daemon.run("tenant", "put", name, "--plan", "bigger")
    shared_daemon.run("tenant", "rm", name, "--reason", "left")
    told = entries(shared_daemon.run("audit", "--tenant", name, "--json"))
    assert [(entry["action"], entry["reason"]) for entry in told] == [
        ("tenant.put", "a new customer"),
        ("tenant.put", None),
        ("tenant.remove", "left"),
    ]
    assert {entry["actor"] for entry in told} == {f"uid:{os.getuid()}"}
    assert (told[1]["before"], told[1]["after"]) == ({"plan": "starter"}, {"plan": "bigger"})
    assert told[2]["before"]["plan"] == "bigger"
    text = shared_daemon.run("audit", "--tenant", name).out
    assert "plan: starter -> bigger" in text and "a new customer" in text and f"uid:{os.getuid()}" in text


def test_filters_leave_out_what_was_not_asked_for(shared_daemon, name):
    shared_daemon.run("tenant", "put", name, "--plan", "starter")
    assert len(entries(shared_daemon.run("audit", "--tenant", name, "--action", "tenant.p", "--json"))) == 1
    assert entries(shared_daemon.run("audit", "--tenant", name, "--action", "usage", "--json")) == []
    assert entries(shared_daemon.run("audit", "--tenant", name, "--until", "2020-01-01", "--json")) == []
    assert shared_daemon.run("audit", "--tenant", name, "--until", "2020-01-01").out == "nothing was changed\n"


@pytest.mark.parametrize("reason", ["", "x" * 501, "two\nlines", "bell\a", "  "])
def test_a_reason_that_cannot_be_kept_is_refused(shared_daemon, name, reason):
    ran = shared_daemon.run("tenant", "put", name, "--plan", "starter", "--reason", reason)
    assert ran.code == 2 and "reason" in ran.err
    assert shared_daemon.run("tenant", "show", name).code == 2


def test_follow_goes_on_with_what_comes(shared_daemon, name):
    follower = subprocess.Popen(
        [os.environ["TOLLGATE_BIN"], "audit", "--follow", "--json", "--tenant", name, "--control",
         shared_daemon.control],
        stdout=subprocess.PIPE,
        text=True,
        # A shell ignores it in what it runs behind the others, and that is passed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        for plan in ("starter", "bigger", "free"):
            shared_daemon.run("tenant", "put", name, "--plan", plan)
            assert json.loads(follower.stdout.readline())["after"]["plan"] == plan
        follower.send_signal(signal.SIGINT)
        assert wait_until(lambda: follower.poll() is not None, "it ends")
    finally:
        follower.kill()
        follower.wait()
        follower.stdout.close()
