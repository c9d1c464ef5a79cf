"""What a decision from a lease costs the heap: nothing, counted by a library that is preloaded into the daemon."""

import os
from collections import Counter

import pytest

from allocation_counter import AllocationCounter, stacks
from conftest import numbers
from daemon import Daemon
from resp_socket import encode

CALLS = 200
# In one attempt, so that what the loop does after an answer counts too.
WRITES = 2
# A sync falls into an attempt now and then and allocates, so the cheapest of many counts.
ATTEMPTS = 100
SHOWN = 400

ALLOWED = ["TAKE {} messages", "TAKE {} messages 2 words 3", "CHECK {} messages", "CHECK {} words 7 messages 0"]
COUNTED = ["RECORD {} messages 2", "RECORD {} messages 0 words 3"]
REFUSED = {
    "TAKE {} words": "limit_exceeded",
    "TAKE {} messages 1 words 1": "limit_exceeded",
    "TAKE {} words 6": "too_large",
    "TAKE {} hidden": "not_in_plan",
}


@pytest.fixture(scope="module")
def counter(short_root):
    return AllocationCounter(short_root)


@pytest.fixture(scope="module")
def counted_daemon(short_root, shared_redis, counter):
    """A daemon whose gate's allocations are counted."""
    daemon = Daemon(
        os.path.join(short_root, "counted"), redis_url=shared_redis.url, holder_id="counted",
        environment=counter.environment,
    ).start()  # fmt: skip
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def rich(counted_daemon):
    """A tenant with room for all calls."""
    name = f"rich-{next(numbers)}"
    counted_daemon.put(name, plan="huge")
    with counted_daemon.resp() as gate:
        # What nobody has taken of is not leased, and Redis answers a CHECK of it.
        assert gate.call("TAKE", name, "messages", 1, "words", 1)[0] == 1
    return name


@pytest.fixture
def poor(counted_daemon):
    """A tenant that has used up its five words."""
    name = f"poor-{next(numbers)}"
    counted_daemon.put(name)
    with counted_daemon.resp() as gate:
        assert gate.call("TAKE", name, "words", 5)[0] == 1
    return name


def send(gate, command):
    """Sends the command `CALLS` times in one write, a few times; the last answers."""
    request = encode(*command.split()) * CALLS
    for _ in range(WRITES):
        gate.write(request)
        answers = [gate.read() for _ in range(CALLS)]
    return answers


def assert_no_allocation(daemon, counter, protocol, command, first, is_expected):
    """Sends the command until that allocates nothing; each time after a call that has news of the lease."""
    counts = []
    with daemon.resp() as gate:
        gate.call("HELLO", protocol)
        for _ in range(ATTEMPTS):
            gate.call_line(first)
            before = counter.count
            answers = send(gate, command)
            counts.append(counter.count - before)
            if counts[-1] == 0 and all(map(is_expected, answers)):
                return
        size = len(daemon.log)
        counter.show(SHOWN)
        send(gate, command)
        counter.show(0)
    assert all(map(is_expected, answers)), answers[:3]
    places = Counter(stacks(daemon.log[size:], os.environ["TOLLGATE_BIN"]))
    told = "\n".join(f"{times} times from\n{place}" for place, times in places.most_common())
    raise AssertionError(f"{command}: {min(counts)} allocations at least in {WRITES * CALLS} calls\n{told}")


def reason_of(answer):
    return answer["reason"] if isinstance(answer, dict) else answer[1]


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("command", ALLOWED)
def test_what_a_lease_allows_allocates_nothing(counted_daemon, counter, rich, command, protocol):
    command, first = command.format(rich), f"TAKE {rich} messages 1 words 1"
    assert_no_allocation(counted_daemon, counter, protocol, command, first, lambda answer: reason_of(answer) == "ok")


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("command", COUNTED)
def test_a_record_allocates_nothing(counted_daemon, counter, rich, command, protocol):
    command, first = command.format(rich), f"TAKE {rich} messages 1 words 1"
    assert_no_allocation(counted_daemon, counter, protocol, command, first, lambda answer: answer[0][0] == "messages")


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("command", REFUSED)
def test_a_refusal_allocates_nothing(counted_daemon, counter, poor, command, protocol):
    reason = REFUSED[command]
    call = command.format(poor)
    assert_no_allocation(counted_daemon, counter, protocol, call, call, lambda answer: reason_of(answer) == reason)


@pytest.mark.parametrize("arguments", ["messages 5", "messages 5 words 2"])
@pytest.mark.parametrize("costs", ["", "messages 3"])
def test_reserving_and_committing_allocates_nothing(counted_daemon, counter, rich, arguments, costs):
    request = encode(*f"RESERVE {rich} {arguments}".split()) * CALLS
    counts = []
    with counted_daemon.resp() as gate:
        for _ in range(ATTEMPTS):
            gate.call_line(f"TAKE {rich} messages 1 words 1")
            before = counter.count
            gate.write(request)
            reservations = [gate.read()[6] for _ in range(CALLS)]
            gate.write(b"".join(encode(*f"COMMIT {reservation} {costs}".split()) for reservation in reservations))
            answers = [gate.read() for _ in range(CALLS)]
            counts.append(counter.count - before)
            assert all(answer[0][:2] == ["messages", 3 if costs else 5] for answer in answers), answers[:3]
            if counts[-1] == 0:
                return
    raise AssertionError(f"{min(counts)} allocations at least in {CALLS} reservations")
