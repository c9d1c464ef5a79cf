"""The same ID with the same arguments gives the first answer again and counts once, whichever sidecar is asked."""

import threading

import pytest


@pytest.fixture(scope="module")
def sidecar(short_root, shared_redis):
    """A second daemon on the Redis of the shared one."""
    import os

    from daemon import Daemon

    daemon = Daemon(os.path.join(short_root, "sidecar"), redis_url=shared_redis.url, holder_id="other").start()
    yield daemon
    assert daemon.stop() == 0


def used(gate, tenant, meter):
    return gate.call("CHECK", tenant, meter, 0)[3]


def test_a_repeat_on_the_same_connection_gives_the_first_answer(gate, tenant):
    first = gate.call("TAKE", tenant, "messages", 5, "ID", "k1")
    gate.call("TAKE", tenant, "messages", 1)
    assert gate.call("TAKE", tenant, "messages", 5, "ID", "k1") == first == [1, "ok", "messages", 5, 1000, 0, ""]
    assert used(gate, tenant, "messages") == 6


def test_a_repeat_at_another_sidecar_gives_the_first_answer(gate, sidecar, tenant):
    first = gate.call("TAKE", tenant, "messages", 2, "words", 3, "ID", "k1")
    with sidecar.resp() as other:
        assert other.call("TAKE", tenant, "messages", 2, "words", 3, "ID", "k1") == first
    assert used(gate, tenant, "messages") == 2


def test_a_refusal_is_repeated_too(gate, tenant):
    gate.call("TAKE", tenant, "words", 5)
    first = gate.call("TAKE", tenant, "words", 1, "ID", "k1")
    assert first[:2] == [0, "limit_exceeded"]
    assert gate.call("TAKE", tenant, "words", 1, "ID", "k1") == first


def test_a_repeated_record_counts_once_and_gives_the_first_counts(gate, sidecar, tenant):
    first = gate.call("RECORD", tenant, "words", 7, "tokens", 9, "ID", "k1")
    assert first == [["words", 7, 7, 2], ["tokens", 9, 9, 0]]
    gate.call("RECORD", tenant, "words", 1)
    with sidecar.resp() as other:
        assert other.call("RECORD", tenant, "words", 7, "tokens", 9, "ID", "k1") == first


@pytest.mark.parametrize(
    "other",
    [
        "TAKE {} messages 6 ID k1", "TAKE {} messages 5 words 1 ID k1", "TAKE {} words 5 ID k1",
        "RECORD {} messages 5 ID k1",
    ],
)  # fmt: skip
def test_the_same_key_with_other_arguments_is_badarg_and_counts_nothing(gate, sidecar, tenant, other):
    gate.call("TAKE", tenant, "messages", 5, "ID", "k1")
    for connection in (gate, sidecar.resp()):
        assert connection.call_line(other.format(tenant)) == "BADARG ID: this key was used with other arguments"
    assert used(gate, tenant, "messages") == 5


def test_a_key_belongs_to_its_tenant(gate, shared_daemon, tenant):
    shared_daemon.put(tenant + "2")
    assert gate.call("TAKE", tenant, "messages", 5, "ID", "k1")[3] == 5
    assert gate.call("TAKE", tenant + "2", "messages", 6, "ID", "k1")[3] == 6


def test_a_key_may_hold_every_printable_byte(gate, tenant):
    key = bytes(range(0x21, 0x7F))
    assert gate.call("TAKE", tenant, "messages", 5, "ID", key)[3] == 5
    assert gate.call("TAKE", tenant, "messages", 5, "ID", key)[3] == 5


def test_the_first_answer_comes_again_after_the_plan_has_changed(gate, shared_daemon, tenant):
    first = gate.call("TAKE", tenant, "messages", 5, "ID", "k1")
    shared_daemon.put(tenant, plan="bigger")
    assert gate.call("CHECK", tenant, "messages")[4] == 2000
    assert gate.call("TAKE", tenant, "messages", 5, "ID", "k1") == first


def test_the_first_counts_come_again_after_the_limit_has_changed(gate, shared_daemon, tenant):
    first = gate.call("RECORD", tenant, "words", 7, "ID", "k1")
    shared_daemon.put(tenant, limits={"words": 6})
    assert gate.call("CHECK", tenant, "words", 0)[4] == 6
    assert gate.call("RECORD", tenant, "words", 7, "ID", "k1") == first == [["words", 7, 7, 2]]


def test_the_first_answer_comes_again_after_the_tenant_was_restricted(gate, shared_daemon, tenant):
    first = gate.call("TAKE", tenant, "messages", 5, "ID", "k1")
    shared_daemon.put(tenant, restricted="unpaid")
    assert gate.call("CHECK", tenant, "messages")[1] == "restricted"
    assert gate.call("TAKE", tenant, "messages", 5, "ID", "k1") == first


def test_a_refusal_of_the_whole_call_comes_again_after_it_is_lifted(gate, shared_daemon, tenant):
    shared_daemon.put(tenant, restricted="unpaid")
    first = gate.call("TAKE", tenant, "messages", 5, "ID", "k1")
    assert first == [0, "restricted", "messages", 0, 0, -1, ""]
    shared_daemon.put(tenant, restricted=None)
    assert gate.call("CHECK", tenant, "messages")[1] == "ok"
    assert gate.call("TAKE", tenant, "messages", 5, "ID", "k1") == first


def test_two_sidecars_asked_at_once_decide_once(shared_daemon, sidecar, tenant):
    rounds = 50
    barrier = threading.Barrier(2)
    answers = {shared_daemon: [], sidecar: []}

    def ask(daemon):
        with daemon.resp() as connection:
            for number in range(rounds):
                barrier.wait(timeout=10)
                answers[daemon].append(connection.call("TAKE", tenant, "messages", 3, "ID", f"both-{number}"))

    threads = [threading.Thread(target=ask, args=(daemon,)) for daemon in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[shared_daemon] == answers[sidecar]
    assert [answer[3] for answer in answers[sidecar]] == [3 * number for number in range(1, rounds + 1)]
