"""SIGHUP reads the files again: all or nothing."""

import os
import re
import signal
import threading

import pytest

from daemon import PLANS
from waiting import wait_until


@pytest.fixture
def reloadable(make_daemon, redis_server, directory):
    """A daemon whose catalogue the test may rewrite, and how to rewrite it."""
    path = os.path.join(directory, "plans.yaml")

    def write(change=lambda text: text):
        with open(PLANS, encoding="utf-8") as source, open(path, "w", encoding="utf-8") as target:
            target.write(change(source.read()))

    write()
    daemon = make_daemon(redis_url=redis_server.url, plans=path).start()
    daemon.put("acme")
    return daemon, write


def test_sighup_takes_the_changed_catalogue_and_keeps_the_usage(reloadable):
    daemon, write = reloadable
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 900)[4] == 1000
        write(lambda text: text.replace("messages: 1000", "messages: 901").replace("[sso]", "[branding]"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: gate.call("CHECK", "acme", "messages", 0)[4] == 901, "the limit has changed")
        assert gate.call("TAKE", "acme", "messages")[:5] == [1, "ok", "messages", 901, 901]
        assert gate.call("TAKE", "acme", "messages")[1] == "limit_exceeded"
        assert gate.call("FEATURE", "acme", "branding")[0] == 1
    assert daemon.metric("tollgate_reloads_total") == 1
    assert daemon.metric("tollgate_settings_stale") == 0


def test_sighup_with_a_bad_file_keeps_the_old_one_and_raises_a_metric(reloadable):
    daemon, write = reloadable
    write(lambda text: text.replace("kind: level", "kind: lever", 1).replace("messages: 1000", "messages: 1"))
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.metric("tollgate_settings_stale") == 1, "the metric is raised")
    assert daemon.metric("tollgate_reload_failures_total") == 1
    assert re.search(r"plans\.yaml:\d+:\d+: ", daemon.log) and "lever" in daemon.log
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 2)[:5] == [1, "ok", "messages", 2, 1000]
    write()
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.metric("tollgate_settings_stale") == 0, "the metric is lowered")


def test_sighup_may_add_and_remove_meters_while_calls_run(reloadable):
    daemon, write = reloadable
    daemon.put("acme", plan="bigger")
    stop = threading.Event()
    wrong = []

    def load():
        with daemon.resp() as gate:
            while not stop.is_set():
                for answer in gate.pipeline(*["TAKE acme words", "TAKE acme tokens 2 words 1"] * 20):
                    if answer[0] != 1 or answer[2] not in ("words", "tokens"):
                        wrong.append(answer)

    thread = threading.Thread(target=load)
    thread.start()
    first_meter = "  messages:   { kind: counter, per: month }\n"
    for number in range(1, 7):
        added = first_meter + "  extra: { kind: counter, per: day }\n"
        write((lambda text: text.replace(first_meter, added)) if number % 2 else (lambda text: text))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.metric("tollgate_reloads_total") == number, "the reload")
    stop.set()
    thread.join(timeout=10)
    assert wrong == []
