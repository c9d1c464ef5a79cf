"""REFUND gives usage back: from the newest hours that have any, never below zero, whichever sidecar is asked."""

import json
import os
import threading
import time

import pytest

from lease_tools import TENANT, freeze, start_sidecars, take_until_refused, thaw, totals, used, wait_until_told
from owed_hours import HOUR, flush, owed, redis_hours
from sidecars import SnapshotRedis
from usage_totals import ledger_rows
from waiting import wait_for_room, wait_until

STORE = "STORE Redis did not answer within the deadline"


@pytest.fixture
def sidecars(make_daemon, redis_server):
    return start_sidecars(make_daemon, redis_server, 2)


def hours_ago(count):
    return int((time.time() - count * HOUR) * 1000)


def audit(redis_server, tenant=TENANT):
    """What the audit stream says of a tenant's refunds."""
    client = redis_server.client()
    entries = [fields for key in client.scan_iter(match="*:audit") for _, fields in client.xrange(key)]
    return [fields for fields in entries if fields["tenant"] == tenant and fields["action"] == "usage.refund"]


# What it answers


def test_a_refund_lowers_usage_and_makes_room(gate, tenant):
    gate.call("TAKE", tenant, "words", 5)
    assert gate.call("TAKE", tenant, "words")[:2] == [0, "limit_exceeded"]
    assert gate.call("REFUND", tenant, "words", 2) == [["words", 2, 3, 0]]
    assert gate.call("TAKE", tenant, "words", 2)[:4] == [1, "ok", "words", 5]
    assert gate.call("TAKE", tenant, "words")[1] == "limit_exceeded"


def test_more_than_was_used_gives_back_what_was_used_and_says_so(gate, tenant):
    gate.call("TAKE", tenant, "messages", 3)
    assert gate.call("REFUND", tenant, "messages", 10) == [["messages", 3, 0, 0]]
    assert gate.call("REFUND", tenant, "messages", 1) == [["messages", 0, 0, 0]]
    assert used(gate, "messages", tenant) == 0


def test_several_meters_are_given_back_together_each_as_far_as_it_goes(gate, tenant):
    gate.call("RECORD", tenant, "messages", 4, "soft", 15)
    answer = gate.call("REFUND", tenant, "messages", 6, "soft", 2, "tokens", 1)
    assert answer == [["messages", 4, 0, 0], ["soft", 2, 13, 3], ["tokens", 0, 0, 0]]


def test_a_refund_stands_in_its_place_in_a_pipeline(gate, tenant):
    gate.call("TAKE", tenant, "messages", 1)
    answers = gate.pipeline(
        f"TAKE {tenant} soft 2", f"RECORD {tenant} messages 9 ID one", f"REFUND {tenant} messages 7", "PING",
        f"CHECK {tenant} watched 0")  # fmt: skip
    assert [answer if isinstance(answer, str) else answer[0] for answer in answers] == [
        1, ["messages", 9, 10, 0], ["messages", 7, 3, 0], "PONG", 1,
    ]  # fmt: skip
    assert used(gate, "messages", tenant) == 3


def test_a_level_is_moved_up_by_take_and_down_by_refund(gate, tenant):
    assert gate.call("TAKE", tenant, "seats", 4)[:4] == [1, "ok", "seats", 4]
    assert gate.call("REFUND", tenant, "seats", 3) == [["seats", 3, 1, 0]]
    assert gate.call("REFUND", tenant, "seats", 3) == [["seats", 1, 0, 0]]
    gate.call("LEVEL", tenant, "seats", 7)
    assert gate.call("REFUND", tenant, "seats", 1) == [["seats", 1, 6, 1]]


def test_a_restricted_tenant_gets_its_units_back(gate, shared_daemon, tenant):
    gate.call("TAKE", tenant, "messages", 3)
    shared_daemon.put(tenant, restricted="unpaid")
    assert gate.call("REFUND", tenant, "messages", 2) == [["messages", 2, 1, 0]]


def test_what_a_tenant_without_a_record_used_is_given_back(gate, stranger):
    gate.call("RECORD", stranger, "messages", 3)
    assert gate.call("REFUND", stranger, "messages", 2) == [["messages", 2, 1, 0]]


@pytest.mark.parametrize(
    "line, error",
    [
        ("REFUND {}", "ERR wrong number of arguments for 'refund' command"),
        ("REFUND {} messages", "BADARG n of messages: missing: an integer from 1 to 999999999999999"),
        ("REFUND {} messages 0", "BADARG n of messages: must be an integer from 1 to 999999999999999"),
        ("REFUND {} messages -1", "BADARG n of messages: must be an integer from 1 to 999999999999999"),
        ("REFUND {} messages 1e3", "BADARG n of messages: must be an integer from 1 to 999999999999999"),
        ("REFUND {} messages 1000000000000000", "BADARG n of messages: must be an integer from 1 to 999999999999999"),
        ("REFUND {} messages 1 messages 1", "BADARG messages: named twice in one call"),
        ("REFUND {} messages 1 AT 1", "BADARG AT: not an option of REFUND"),
        ("REFUND {} messages 1 ID", "BADARG ID: its value is missing"),
        ("REFUND {} calls 1", "BADARG calls: is a rate: what it let through flows back by itself"),
        ("REFUND {} messages 1 calls 1", "BADARG calls: is a rate: what it let through flows back by itself"),
        ("REFUND {} nothing 1", "NOMETER no meter named nothing in the plan catalogue"),
    ],
)
def test_bad_arguments_are_named_and_give_nothing_back(gate, tenant, line, error):
    gate.call("TAKE", tenant, "messages", 3)
    assert gate.call_line(line.format(tenant)) == error
    assert used(gate, "messages", tenant) == 3


def test_a_tenant_that_nobody_knows_is_notenant(start_daemon, redis_server, directory):
    plans = os.path.join(directory, "strict.yaml")
    with open(plans, "w", encoding="utf-8") as file:
        file.write("meters: { messages: { kind: counter, per: month } }\nplans: { one: { name: One, limits: {} } }\n")
    daemon = start_daemon(redis_url=redis_server.url, plans=plans)
    with daemon.resp() as gate:
        answer = gate.call("REFUND", "nobody", "messages", 1)
    assert answer == "NOTENANT no such tenant, and the catalogue has no default plan"


# The same ID again


def test_a_repeat_with_the_same_id_gives_the_first_answer_and_counts_once(gate, tenant):
    gate.call("TAKE", tenant, "messages", 9)
    first = gate.call("REFUND", tenant, "messages", 4, "ID", "k1")
    assert first == [["messages", 4, 5, 0]]
    gate.call("TAKE", tenant, "messages", 1)
    assert gate.call("REFUND", tenant, "messages", 4, "ID", "k1") == first
    assert used(gate, "messages", tenant) == 6


@pytest.mark.parametrize(
    "other", ["REFUND {} messages 5 ID k1", "TAKE {} messages 4 ID k1", "RECORD {} messages 4 ID k1"]
)
def test_other_arguments_with_the_same_id_are_badarg_and_change_nothing(gate, tenant, other):
    gate.call("TAKE", tenant, "messages", 9)
    gate.call("REFUND", tenant, "messages", 4, "ID", "k1")
    assert gate.call_line(other.format(tenant)) == "BADARG ID: this key was used with other arguments"
    assert used(gate, "messages", tenant) == 5


def test_an_id_that_a_take_has_used_is_no_refunds(gate, tenant):
    gate.call("TAKE", tenant, "messages", 9, "ID", "k1")
    assert gate.call("REFUND", tenant, "messages", 9, "ID", "k1") == "BADARG ID: this key was used with other arguments"


def test_two_sidecars_asked_at_once_with_one_id_give_back_once(sidecars):
    with sidecars[0].resp() as gate:
        gate.call("RECORD", TENANT, "free", 100)
    answers = at_once(sidecars, lambda gate: gate.call("REFUND", TENANT, "free", 30, "ID", "both"))
    assert answers == [[["free", 30, 70, 0]]] * 2
    with sidecars[1].resp() as gate:
        assert gate.call("REFUND", TENANT, "free", 100) == [["free", 70, 0, 0]]


# Several sidecars


def at_once(sidecars, ask):
    """What each answers, asked at the same moment."""
    barrier = threading.Barrier(len(sidecars))
    answers = [None] * len(sidecars)

    def run(index):
        with sidecars[index].resp() as gate:
            barrier.wait(timeout=10)
            answers[index] = ask(gate)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(sidecars))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_sidecars_that_refund_the_same_units_at_once_give_back_no_more_than_was_used(sidecars, redis_server):
    with sidecars[0].resp() as gate:
        gate.call("RECORD", TENANT, "free", 10)
    answers = at_once(sidecars, lambda gate: gate.call("REFUND", TENANT, "free", 8))
    assert sorted(answer[0][1] for answer in answers) == [2, 8]
    stored = totals(redis_server, "free")
    assert stored.used == 0 and not +stored.hours


def test_what_another_sidecar_has_not_told_yet_is_given_back_too(make_daemon, redis_server):
    # With this horizon nothing is told by itself while the test runs.
    sidecars = start_sidecars(
        make_daemon, redis_server, 2, lease_ttl="60s", lease_grace="10s", lease_horizon="10s", redis_deadline="1s",
        lease_recall_deadline="1s")  # fmt: skip
    with sidecars[0].resp() as gate, sidecars[1].resp() as other:
        for connection in (gate, other):
            connection.call("RECORD", TENANT, "free", 1)
        other.pipeline(*[f"RECORD {TENANT} free 1"] * 20)
        assert gate.call("REFUND", TENANT, "free", 22) == [["free", 22, 0, 0]]


def test_a_refund_is_clipped_when_who_knows_more_does_not_answer(make_daemon, redis_server):
    sidecars = start_sidecars(make_daemon, redis_server, 2)
    with sidecars[0].resp() as gate, sidecars[1].resp() as other:
        gate.call("RECORD", TENANT, "free", 3)
        other.call("RECORD", TENANT, "free", 5)
        wait_until_told(redis_server, "free", 8)
        freeze(sidecars[1])
        assert gate.call("REFUND", TENANT, "free", 10) == [["free", 8, 0, 0]]
        thaw(sidecars[1])


def test_all_sidecars_let_through_again_what_one_has_given_back(sidecars, redis_server):
    gates = [sidecar.resp() for sidecar in sidecars]
    assert take_until_refused(gates, "units") == 100
    assert gates[0].call("REFUND", TENANT, "units", 7)[0][1] == 7
    assert gates[0].call("TAKE", TENANT, "units")[0] == 1, "who gave back lets through at once"
    wait_until(lambda: gates[1].call("TAKE", TENANT, "units")[0] == 1, "the other follows", 1)
    assert take_until_refused(gates, "units") == 5
    wait_until_told(redis_server, "units", 100)
    for gate in gates:
        gate.close()


# Hours, and the bill


def test_usage_of_an_earlier_hour_is_given_back_after_that_of_this_one(start_daemon, redis_server):
    wait_for_room(HOUR, 30)
    daemon = start_daemon(redis_url=redis_server.url)
    daemon.put("acme", plan="huge")
    with daemon.resp() as gate:
        for count, amount in ((2, 10), (1, 20), (0, 5)):
            gate.call("RECORD", "acme", "messages", amount, "AT", hours_ago(count))
        gate.call("RECORD", "acme", "messages", 3)
        # What lies before the month is no usage of this period.
        before = used(gate, "messages", "acme")
        counted = gate.call("REFUND", "acme", "messages", before - 1)
        assert counted == [["messages", before - 1, 1, 0]]
    now = int(time.time()) // HOUR
    hours = totals(redis_server, "messages", "acme").hours
    assert all(total >= 0 for total in hours.values())
    assert hours[now] == 0
    rows = {row["hour"]: row["totals"]["refunded"] for row in ledger_rows(ledger_of(daemon)) if row["kind"] == "usage"}
    assert sum(rows.values()) == before - 1


def ledger_of(daemon):
    """The ledger of a daemon, which is stopped for that."""
    assert daemon.stop() == 0
    [name] = [name for name in os.listdir(daemon.state) if name.endswith(".tgl")]
    return os.path.join(daemon.state, name)


def test_the_hour_at_stripe_follows_a_refund_and_what_is_used_after_it(billed, sandbox, redis_server):
    wait_for_room(HOUR, 30)
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 100)
        assert flush(billed)["owed"] == 0 and list(sandbox.usage().values()) == [100]
        assert gate.call("REFUND", "acme", "tokens", 10) == [["tokens", 10, 90, 0]]
        [row] = owed(billed)
        assert (row["total"], row["acknowledged"], row["owed"]) == (90, 100, -10)
        assert "-10" in billed.run("outbox").out
        assert flush(billed)["owed"] == 0 and list(sandbox.usage().values()) == [90]
        gate.call("TAKE", "acme", "tokens", 10)
        assert flush(billed)["owed"] == 0 and list(sandbox.usage().values()) == [100]
    assert sandbox.usage() == redis_hours(redis_server)


def test_usage_that_is_given_back_whole_is_billed_as_zero(billed, sandbox):
    wait_for_room(HOUR, 30)
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 4)
        assert flush(billed)["acknowledged"] == 1
        gate.call("REFUND", "acme", "tokens", 4)
    assert flush(billed)["owed"] == 0
    assert list(sandbox.usage().values()) == [0]


def test_what_stripe_took_without_an_answer_is_corrected_when_it_is_given_back(billed, sandbox):
    wait_for_room(HOUR, 60)
    with billed.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 1)
        sandbox.fault("error_500_after_commit", count=3)
        assert flush(billed)["failed"] >= 1
        assert list(sandbox.usage().values()) == [1]
        gate.call("REFUND", "acme", "tokens", 1)
    wait_until(lambda: flush(billed)["owed"] == 0, "the hour was sent once more", 60)
    assert list(sandbox.usage().values()) == [0]


def test_the_audit_stream_says_who_gave_back_what(gate, shared_daemon, shared_redis, tenant):
    gate.call("TAKE", tenant, "messages", 9, "words", 2)
    gate.call("REFUND", tenant, "messages", 4, "words", 5, "tokens", 1)
    gate.call("REFUND", tenant, "tokens", 1)
    [entry] = audit(shared_redis, tenant)
    holder = dict(line.split(":", 1) for line in gate.call("INFO").splitlines() if ":" in line)["holder"]
    assert list(entry) == ["tenant", "action", "actor", "reason", "before", "after", "from"]
    assert (entry["actor"], entry["reason"], entry["from"]) == (f"uid:{os.getuid()}", "", holder)
    assert json.loads(entry["before"]) == {"messages": 9, "words": 2}
    assert json.loads(entry["after"]) == {"messages": 5, "words": 0}


# Redis away, and Redis that forgot


def test_with_redis_frozen_or_gone_a_refund_is_a_store_error_and_gives_nothing_back(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_deadline="100ms")
    daemon.put("acme")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "messages", 9)
        gate.call("CHECK", "acme", "seats", 0)
        redis_server.freeze()
        assert gate.call("REFUND", "acme", "messages", 4) == STORE
        assert gate.call("REFUND", "acme", "seats", 4) == STORE
        redis_server.thaw()
        wait_until(lambda: gate.call("CHECK", "acme", "seats", 0)[1] == "ok", "decisions are normal")
        assert used(gate, "messages", "acme") == 9
        redis_server.stop()
        assert gate.call("REFUND", "acme", "messages", 4) == STORE
        redis_server.start()
        given_back = [["messages", 4, 5, 0]]
        wait_until(lambda: gate.call("REFUND", "acme", "messages", 4) == given_back, "it is given back", 20)


def test_after_a_kill_and_a_restart_what_was_given_back_stays_so(make_daemon, redis_server):
    [sidecar] = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        gate.call("RECORD", TENANT, "free", 10)
        assert gate.call("REFUND", TENANT, "free", 4) == [["free", 4, 6, 0]]
    sidecar.kill()
    sidecar.start()
    with sidecar.resp() as gate:
        assert gate.call("REFUND", TENANT, "free", 5) == [["free", 5, 1, 0]]
        assert gate.call("REFUND", TENANT, "free", 5) == [["free", 1, 0, 0]]


def test_a_redis_that_was_emptied_is_told_what_was_given_back(make_daemon, redis_server):
    sidecars = start_sidecars(make_daemon, redis_server, 2)
    with sidecars[0].resp() as gate, sidecars[1].resp() as other:
        gate.call("RECORD", TENANT, "free", 10)
        wait_until_told(redis_server, "free", 10)
        assert other.call("REFUND", TENANT, "free", 4) == [["free", 4, 6, 0]]
        redis_server.client().flushall()
        sidecars[0].put(TENANT, plan="all")
        wait_until(lambda: totals(redis_server, "free").used == 6, "the ledgers have told it", 20)
        wait_until(lambda: other.call("REFUND", TENANT, "free", 1) == [["free", 1, 5, 0]], "learning is over", 20)
        assert sum(totals(redis_server, "free").hours.values()) == 5


def test_a_redis_rolled_back_behind_a_refund_gives_nothing_back_twice(make_daemon, directory):
    redis_server = SnapshotRedis(os.path.join(directory, "r"))
    try:
        sidecars = start_sidecars(make_daemon, redis_server, 2)
        with sidecars[0].resp() as gate, sidecars[1].resp() as other:
            gate.call("RECORD", TENANT, "free", 5)
            other.call("RECORD", TENANT, "free", 1)
            wait_until_told(redis_server, "free", 6)
            redis_server.keep_snapshot()
            assert gate.call("REFUND", TENANT, "free", 4) == [["free", 4, 2, 0]]
            redis_server.kill_and_go_back()

            def given_back():
                answer = gate.call("REFUND", TENANT, "free", 3)
                assert isinstance(answer, list) or answer == STORE
                return answer if isinstance(answer, list) else None

            assert wait_until(given_back, "it is given back", 20) == [["free", 2, 0, 0]]
            hours = totals(redis_server, "free").hours
            assert sum(hours.values()) == 0 and min(hours.values(), default=0) >= 0
    finally:
        redis_server.kill()
