"""Tenants by command line, and how soon the gate sees a change."""

import json
import threading

import pytest

from conftest import numbers
from daemon import Daemon
from waiting import wait_until


@pytest.fixture
def name():
    return f"cli-{next(numbers)}"


def test_put_makes_a_tenant_and_show_shows_it(shared_daemon, name):
    ran = shared_daemon.run("tenant", "put", name, "--plan", "starter", "--customer", f"cus_{name}")
    assert ran.code == 0, ran.err
    shown = shared_daemon.run("tenant", "show", name, "--json")
    assert shown.code == 0
    assert (shown.json["id"], shown.json["plan"], shown.json["customer"]) == (name, "starter", f"cus_{name}")
    assert shown.json["status"] is None and shown.json["limits"] == {}
    text = shared_daemon.run("tenant", "show", name).out
    assert name in text and "starter" in text and f"cus_{name}" in text and "messages" in text


def test_put_changes_only_what_is_named(shared_daemon, name):
    shared_daemon.run("tenant", "put", name, "--plan", "starter", "--customer", f"cus_{name}", "--limit", "words=9")
    ran = shared_daemon.run("tenant", "put", name, "--plan", "bigger", "--json")
    assert ran.code == 0
    assert (ran.json["plan"], ran.json["customer"], ran.json["limits"]) == ("bigger", f"cus_{name}", {"words": 9})


def test_a_new_tenant_needs_a_plan(shared_daemon, name):
    ran = shared_daemon.run("tenant", "put", name, "--customer", "cus_1")
    assert ran.code == 2
    assert "plan" in ran.err
    assert shared_daemon.run("tenant", "show", name).code == 2


@pytest.mark.parametrize(
    "options, said",
    [
        (["--plan", "gold"], "gold"),
        (["--plan", "starter", "--limit", "nothing=5"], "nothing"),
        (["--plan", "starter", "--limit", "messages=lots"], "lots"),
        (["--plan", "starter", "--limit", "messages=-5"], "-5"),
        (["--plan", "starter", "--limit", "messages=1000000000000000"], "1000000000000000"),
        (["--plan", "starter", "--status", "cancelled"], "cancelled"),
        (["--plan", "starter", "--period-start", "yesterday"], "yesterday"),
        (["--plan", "starter", "--period-start", "2026-11-01"], "period"),
        (["--plan", "starter", "--period-start", "2026-11-02", "--period-end", "2026-11-01"], "period"),
    ],
)
def test_what_cannot_be_put_is_refused_as_wrong_usage_and_named(shared_daemon, name, options, said):
    ran = shared_daemon.run("tenant", "put", name, *options)
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""
    assert shared_daemon.run("tenant", "show", name).code == 2


def test_a_bad_tenant_id_is_wrong_usage(shared_daemon):
    for arguments in (["tenant", "put", "a/b", "--plan", "starter"], ["tenant", "show", ""], ["tenant", "rm", "a b"]):
        assert shared_daemon.run(*arguments).code == 2


def test_limits_of_its_own_are_seen_by_the_gate_at_the_next_call_and_can_be_taken_away(shared_daemon, gate, name):
    limits = ["--limit", "messages=5000", "--limit", "words=unlimited"]
    shared_daemon.run("tenant", "put", name, "--plan", "starter", *limits)
    assert gate.call("CHECK", name, "messages")[4] == 5000
    assert gate.call("TAKE", name, "words", 100)[:5] == [1, "ok", "words", 100, -1]
    shared_daemon.run("tenant", "put", name, "--no-limit", "words")
    assert gate.call("CHECK", name, "words", 1)[:5] == [0, "limit_exceeded", "words", 100, 5]
    shared_daemon.run("tenant", "put", name, "--limit", "messages=0")
    assert gate.call("CHECK", name, "messages")[:2] == [0, "too_large"]


def test_a_plan_change_is_seen_at_the_next_call_here_and_soon_by_every_sidecar_and_keeps_the_usage(
    shared_daemon, start_daemon, shared_redis, name
):
    other = start_daemon(redis_url=shared_redis.url)
    shared_daemon.put(name)
    with shared_daemon.resp() as first, other.resp() as second:
        for _ in range(5):
            for plan, limit in (("bigger", 2000), ("starter", 1000)):
                used = first.call("TAKE", name, "messages")[3]
                wait_until(lambda used=used: second.call("CHECK", name, "messages", 0)[3] == used, "usage is known")
                shared_daemon.put(name, plan=plan)
                wait_until(
                    lambda used=used, limit=limit: second.call("CHECK", name, "messages", 0)[3:5] == [used, limit],
                    "the other sidecar follows",
                )
                assert first.call("CHECK", name, "messages", 0)[3:5] == [used, limit]


def test_plan_changes_under_load_answer_every_call_in_order(shared_daemon, name):
    shared_daemon.put(name, plan="bigger")
    wrong = []
    stop = threading.Event()

    def load():
        with shared_daemon.resp() as gate:
            used = 0
            while not stop.is_set():
                for answer in gate.pipeline(*[f"TAKE {name} tokens"] * 50):
                    used += 1
                    if answer[:4] != [1, "ok", "tokens", used]:
                        wrong.append(answer)

    thread = threading.Thread(target=load)
    thread.start()
    for plan in ["starter", "bigger"] * 20:
        shared_daemon.put(name, plan=plan)
    stop.set()
    thread.join(timeout=20)
    assert wrong == []


def test_a_subscription_with_its_period_is_shown(shared_daemon, name):
    ran = shared_daemon.run(
        "tenant", "put", name, "--plan", "starter", "--subscription", "sub_1", "--status", "active",
        "--period-start", "2026-01-31T10:17:00Z", "--period-end", "2026-02-28T10:17:00Z", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["period_start"] == "2026-01-31T10:17:00Z"
    assert ran.json["period_end"] == "2026-02-28T10:17:00Z"
    assert ran.json["subscription"] == "sub_1"


def test_show_and_rm_of_an_unknown_tenant_cannot_be_done(shared_daemon, name):
    for action in ("show", "rm"):
        ran = shared_daemon.run("tenant", action, name)
        assert ran.code == 2
        assert name in ran.err and ran.out == ""


def test_rm_removes_the_record_and_the_levels_and_the_default_plan_counts_again(shared_daemon, gate, name):
    shared_daemon.put(name)
    gate.call("LEVEL", name, "seats", 4)
    gate.call("TAKE", name, "messages", 2)
    ran = shared_daemon.run("tenant", "rm", name)
    assert ran.code == 0 and "removed" in ran.out
    assert gate.call("CHECK", name, "messages", 0)[2:5] == ["messages", 2, 3]
    assert gate.call("CHECK", name, "seats", 0)[3:5] == [0, 1]
    assert shared_daemon.run("tenant", "show", name).code == 2


def test_rm_is_refused_with_owed_hours_and_force_drops_them(shared_daemon, gate, name):
    shared_daemon.put(name)
    gate.call("RECORD", name, "tokens", 5)
    ran = shared_daemon.run("tenant", "rm", name)
    assert ran.code == 1
    assert "--force" in ran.err and "1 hour" in ran.err
    assert shared_daemon.run("outbox", "--tenant", name, "--json").json["owed"][0]["total"] == 5
    ran = shared_daemon.run("tenant", "rm", name, "--force")
    assert ran.code == 0 and "1 hour with it" in ran.out
    assert shared_daemon.run("outbox", "--tenant", name, "--json").json["owed"] == []


@pytest.fixture(scope="module")
def crowd(short_root, shared_redis):
    """A daemon of its own with 25 tenants, so that lists hold nothing else."""
    import os

    daemon = Daemon(os.path.join(short_root, "crowd"), redis_url=shared_redis.url, redis_key_prefix="crowd:").start()
    for number in range(25):
        daemon.put(f"t-{number:02}", plan="bigger" if number % 5 == 0 else "starter")
    daemon.put("other", status="past_due", subscription="sub_1")
    yield daemon
    assert daemon.stop() == 0


def test_tenants_are_listed_in_the_order_of_their_ids(crowd):
    ran = crowd.run("tenants", "--json")
    assert ran.code == 0
    assert [row["id"] for row in ran.json["tenants"]] == ["other"] + [f"t-{number:02}" for number in range(25)]
    assert ran.json["next"] is None
    text = crowd.run("tenants").out.splitlines()
    assert text[0].split()[:2] == ["TENANT", "PLAN"]
    assert len(text) == 27


def test_tenants_are_paged_and_all_walks_the_pages(crowd):
    found, after = [], None
    while True:
        arguments = ["tenants", "--limit", "7", "--json"] + (["--after", after] if after else [])
        page = crowd.run(*arguments).json
        assert len(page["tenants"]) <= 7
        found += [row["id"] for row in page["tenants"]]
        after = page["next"]
        if after is None:
            break
    assert found == sorted(found) and len(found) == 26 == len(set(found))
    assert len(crowd.run("tenants", "--limit", "7", "--all", "--json").json["tenants"]) == 26
    assert "--after" in crowd.run("tenants", "--limit", "7").out


def test_tenants_are_filtered(crowd):
    def ids(*arguments):
        return [row["id"] for row in crowd.run("tenants", "--all", "--json", *arguments).json["tenants"]]

    assert ids("--plan", "bigger") == ["t-00", "t-05", "t-10", "t-15", "t-20"]
    assert ids("--prefix", "t-1") == [f"t-1{number}" for number in range(10)]
    assert ids("--prefix", "t-1", "--plan", "bigger", "--limit", "1") == ["t-10", "t-15"]
    assert ids("--status", "past_due") == ["other"]
    assert len(ids("--status", "none")) == 25
    assert ids("--prefix", "zzz") == []


def test_two_puts_at_once_lose_nothing(shared_daemon, name):
    """Each writes another field; a lost update would lose one."""
    shared_daemon.put(name)
    limits = [{"limits": {"words": 7}}, {"limits": {"messages": 8}}]
    fields = [{"customer": f"cus_{name}"}, {"subscription": "sub_1"}, *limits]
    answers = []
    threads = [
        threading.Thread(
            target=lambda change=change: answers.append(shared_daemon.http("PUT", f"/v1/tenants/{name}", change)[0])
        )
        for change in fields
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 4
    shown = json.loads(shared_daemon.run("tenant", "show", name, "--json").out)
    assert (shown["customer"], shown["subscription"]) == (f"cus_{name}", "sub_1")
    assert shown["limits"] == {"words": 7, "messages": 8}
