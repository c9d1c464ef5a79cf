"""Concurrency meters: what is in flight now, held by reservations and by nothing else."""

import threading

import pytest

from conftest import numbers
from lease_tools import TENANT, start_sidecars
from resp_socket import ErrorReply
from waiting import wait_until


@pytest.fixture
def tenant(shared_daemon):
    """A tenant that may have three in flight."""
    name = f"flying-{next(numbers)}"
    shared_daemon.put(name)
    return name


def reserve(gate, tenant, *arguments):
    answer = gate.call("RESERVE", tenant, *arguments)
    assert answer[0] == 1, answer
    return answer[6]


def in_flight(gate, tenant):
    row = gate.call("USAGE", tenant, "in_flight")[0]
    return dict(zip(row[::2], row[1::2]))["used"]


def test_no_more_are_in_flight_than_the_limit(gate, tenant):
    answers = [gate.call("RESERVE", tenant, "in_flight", 1) for _ in range(4)]
    assert [answer[:5] for answer in answers] == [
        [1, "ok", "in_flight", 1, 3], [1, "ok", "in_flight", 2, 3], [1, "ok", "in_flight", 3, 3],
        [0, "limit_exceeded", "in_flight", 3, 3],
    ]  # fmt: skip
    assert answers[3][5] > 0
    assert in_flight(gate, tenant) == 3
    assert gate.call("CHECK", tenant, "in_flight")[:4] == [0, "limit_exceeded", "in_flight", 3]


@pytest.mark.parametrize("command", ["RELEASE", "COMMIT"])
def test_what_is_done_makes_room_at_once(gate, tenant, command):
    held = [reserve(gate, tenant, "in_flight", 1) for _ in range(3)]
    expected = "OK" if command == "RELEASE" else [["in_flight", 0, 2, 0]]
    assert gate.call(command, held[0]) == expected
    assert gate.call("RESERVE", tenant, "in_flight", 1)[:5] == [1, "ok", "in_flight", 3, 3]
    assert gate.call("RESERVE", tenant, "in_flight", 1)[0] == 0


def test_more_at_once_than_the_limit_never_fits(gate, tenant):
    assert gate.call("RESERVE", tenant, "in_flight", 4)[:6] == [0, "too_large", "in_flight", 0, 3, -1]


def test_a_dead_client_gives_back_at_its_end_and_a_heartbeat_keeps(gate, tenant):
    alive = reserve(gate, tenant, "in_flight", 2, "TTL", 500)
    reserve(gate, tenant, "in_flight", 1, "TTL", 900)
    assert gate.call("EXTEND", alive, 60000) == "OK"
    wait_until(lambda: gate.call("RESERVE", tenant, "in_flight", 1, "TTL", 60000)[0] == 1, "one has ended")
    assert gate.call("RESERVE", tenant, "in_flight", 1)[:4] == [0, "limit_exceeded", "in_flight", 3]
    assert in_flight(gate, tenant) == 3


def test_one_that_ended_cannot_be_committed(gate, tenant):
    reservation = reserve(gate, tenant, "in_flight", 1, "TTL", 100)
    wait_until(lambda: in_flight(gate, tenant) == 0, "it has ended")
    assert str(gate.call("COMMIT", reservation)) == "NORESERVATION it ended at its TTL, and its units went back"


def test_one_reservation_holds_what_is_in_flight_and_what_it_costs(gate, tenant):
    reservation = reserve(gate, tenant, "in_flight", 1, "words", 4)
    assert in_flight(gate, tenant) == 1
    assert str(gate.call("COMMIT", reservation, "in_flight", 1)).startswith("BADARG in_flight: ")
    assert gate.call("COMMIT", reservation, "words", 2) == [["in_flight", 0, 0, 0], ["words", 2, 2, 0]]
    assert in_flight(gate, tenant) == 0


@pytest.mark.parametrize("command", ["TAKE {} in_flight", "RECORD {} in_flight 1"])
def test_what_is_in_flight_can_only_be_reserved(gate, tenant, command):
    answer = gate.call(*command.format(tenant).split())
    assert isinstance(answer, ErrorReply)
    assert answer == "BADARG in_flight: counts what is in flight: RESERVE takes of it, and RELEASE gives back"


def test_sidecars_share_what_may_be_in_flight(make_daemon, redis_server):
    sidecars = start_sidecars(make_daemon, redis_server, 4)
    flying, lock, most = set(), threading.Lock(), []
    count = [0]

    def run(number):
        with sidecars[number % 4].resp() as gate:
            for _ in range(60):
                answer = gate.call("RESERVE", TENANT, "in_flight", 2)
                if not answer[0]:
                    assert answer[1] == "limit_exceeded", answer
                    continue
                with lock:
                    flying.add(answer[6])
                    count[0] += 1
                    most.append(len(flying))
                # Taken out before it is given back, so that what is counted here is never more than what is held.
                with lock:
                    flying.remove(answer[6])
                assert gate.call("RELEASE", answer[6]) == "OK"

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert count[0] > 60 and max(most) <= 5
    with sidecars[0].resp() as gate:
        wait_until(lambda: in_flight(gate, TENANT) == 0, "nothing is in flight")
        # All ten are there for whoever wants them, wherever they were before.
        assert gate.call("RESERVE", TENANT, "in_flight", 10)[0] == 1
    with sidecars[1].resp() as gate:
        wait_until(lambda: in_flight(gate, TENANT) == 10, "the others know")
        assert gate.call("RESERVE", TENANT, "in_flight", 1)[:2] == [0, "limit_exceeded"]


def test_a_killed_sidecar_goes_on_holding_what_is_in_flight_until_it_ends(make_daemon, redis_server):
    first, second = start_sidecars(make_daemon, redis_server, 2)
    with first.resp() as one, second.resp() as other:
        reserve(one, TENANT, "in_flight", 6, "TTL", 3000)
        wait_until(lambda: in_flight(other, TENANT) == 6, "Redis knows")
        first.kill()
        assert other.call("RESERVE", TENANT, "in_flight", 5)[:2] == [0, "limit_exceeded"]
        wait_until(lambda: other.call("RESERVE", TENANT, "in_flight", 10)[0] == 1, "its end has come")


def test_a_restarted_sidecar_can_release_what_is_in_flight(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        reservation = reserve(gate, TENANT, "in_flight", 10)
    sidecar.kill()
    sidecar.start()
    with sidecar.resp() as gate:
        assert gate.call("RESERVE", TENANT, "in_flight", 1)[:2] == [0, "limit_exceeded"]
        assert gate.call("RELEASE", reservation) == "OK"
        wait_until(lambda: gate.call("RESERVE", TENANT, "in_flight", 10)[0] == 1, "all is there again")


def test_a_check_knows_what_was_just_reserved_and_released_here(gate, tenant):
    for _ in range(20):
        held = reserve(gate, tenant, "in_flight", 3)
        assert gate.call("CHECK", tenant, "in_flight")[:2] == [0, "limit_exceeded"]
        assert gate.call("RELEASE", held) == "OK"
        assert gate.call("CHECK", tenant, "in_flight", 3)[:2] == [1, "ok"]
