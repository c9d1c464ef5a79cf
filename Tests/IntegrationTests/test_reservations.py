"""RESERVE, COMMIT, RELEASE and EXTEND: what is set aside, what it costs in the end, and what is never counted twice."""

import threading

import pytest

from conftest import numbers
from lease_tools import LASTING, TENANT, start_sidecars, totals
from resp_socket import ErrorReply, encode
from usage_totals import stored_hours
from waiting import wait_until


@pytest.fixture
def tenant(shared_daemon):
    """A tenant of the test's own: 1000 messages, 5 words, 10 soft."""
    name = f"reserving-{next(numbers)}"
    shared_daemon.put(name)
    return name


@pytest.fixture
def pair(make_daemon, redis_server):
    return lambda **settings: start_sidecars(make_daemon, redis_server, 2, **settings)


def reserve(gate, tenant, *arguments):
    """Reserves, and returns the id."""
    answer = gate.call("RESERVE", tenant, *arguments)
    assert answer[0] == 1, answer
    assert answer[6] != ""
    return answer[6]


def error(gate, *command):
    answer = gate.call(*command)
    assert isinstance(answer, ErrorReply), answer
    return str(answer)


def used(gate, tenant, meter):
    row = gate.call("USAGE", tenant, meter)[0]
    return dict(zip(row[::2], row[1::2]))["used"]


# What it costs in the end.


def test_a_reservation_holds_its_units_until_it_is_settled(gate, tenant):
    answer = gate.call("RESERVE", tenant, "words", 4)
    assert answer[:6] == [1, "ok", "words", 4, 5, 0]
    assert gate.call("TAKE", tenant, "words", 2)[:2] == [0, "limit_exceeded"]
    assert gate.call("TAKE", tenant, "words", 1)[:5] == [1, "ok", "words", 1, 5]
    assert gate.call("RESERVE", tenant, "words", 1)[:2] == [0, "limit_exceeded"]


@pytest.mark.parametrize("cost, is_over", [(2, False), (4, False), (9, True)])
def test_a_commit_counts_what_it_cost_whether_less_equal_or_more(gate, tenant, cost, is_over):
    reservation = reserve(gate, tenant, "words", 4)
    assert gate.call("COMMIT", reservation, "words", cost) == [["words", cost, cost, max(0, cost - 5)]]
    assert used(gate, tenant, "words") == cost
    left = gate.call("TAKE", tenant, "words", 1)
    assert left[:2] == ([0, "limit_exceeded"] if is_over else [1, "ok"])


def test_a_commit_without_pairs_counts_what_was_reserved(gate, tenant):
    reservation = reserve(gate, tenant, "messages", 3, "words", 2)
    assert gate.call("COMMIT", reservation) == [["messages", 3, 3, 0], ["words", 2, 2, 0]]


def test_a_meter_that_a_commit_does_not_name_costs_what_was_reserved(gate, tenant):
    reservation = reserve(gate, tenant, "messages", 1, "words", 4)
    assert gate.call("COMMIT", reservation, "words", 0) == [["messages", 1, 1, 0], ["words", 0, 0, 0]]
    assert gate.call("TAKE", tenant, "words", 5)[0] == 1


def test_a_release_gives_everything_back(gate, tenant):
    reservation = reserve(gate, tenant, "messages", 10, "words", 5)
    assert gate.call("RELEASE", reservation) == "OK"
    assert used(gate, tenant, "messages") == 0
    assert gate.call("TAKE", tenant, "words", 5)[0] == 1


def test_an_overage_meter_is_reserved_past_its_limit(gate, tenant):
    assert gate.call("RESERVE", tenant, "soft", 12)[:5] == [1, "overage", "soft", 12, 10]
    reservation = reserve(gate, tenant, "soft", 5)
    assert gate.call("COMMIT", reservation) == [["soft", 5, 5, 0]]


def test_a_refused_reservation_of_several_meters_sets_nothing_aside(gate, tenant):
    assert gate.call("RESERVE", tenant, "messages", 1000, "words", 6)[1:3] == ["too_large", "words"]
    assert gate.call("TAKE", tenant, "messages", 1000)[0] == 1


# Never twice.


def test_the_same_commit_again_counts_nothing_and_is_told_the_same(gate, tenant):
    reservation = reserve(gate, tenant, "words", 4)
    first = gate.call("COMMIT", reservation, "words", 3)
    assert gate.call("COMMIT", reservation, "words", 3) == first == [["words", 3, 3, 0]]
    assert used(gate, tenant, "words") == 3


def test_a_second_commit_at_another_cost_is_an_error(gate, tenant):
    reservation = reserve(gate, tenant, "words", 4)
    gate.call("COMMIT", reservation, "words", 3)
    assert error(gate, "COMMIT", reservation, "words", 4) == "BADARG words: was committed at 3 already"
    assert used(gate, tenant, "words") == 3


def test_a_reservation_that_was_committed_cannot_be_released_or_extended(gate, tenant):
    reservation = reserve(gate, tenant, "words", 4)
    gate.call("COMMIT", reservation)
    for command in (("RELEASE", reservation), ("EXTEND", reservation, 1000)):
        assert error(gate, *command) == "NORESERVATION it was committed: REFUND gives usage back"


def test_a_reservation_that_was_released_cannot_be_committed_or_extended(gate, tenant):
    reservation = reserve(gate, tenant, "words", 4)
    gate.call("RELEASE", reservation)
    for command in (("COMMIT", reservation), ("EXTEND", reservation, 1000)):
        assert error(gate, *command) == "NORESERVATION it was released"
    assert gate.call("RELEASE", reservation) == "OK"
    assert used(gate, tenant, "words") == 0


def test_a_reservation_that_never_was_is_an_error(gate, tenant):
    reservation = reserve(gate, tenant, "words", 1)
    unknown = reservation[:-15] + f"{(int(reservation[-15:], 16) + 1) % 16**15:015x}"
    for command in (("COMMIT", unknown), ("RELEASE", unknown), ("EXTEND", unknown, 1000)):
        assert error(gate, *command) == "NORESERVATION unknown here: it was never made, or ended long ago"


@pytest.mark.parametrize("text", ["", "x", "holder:", ":000000000000000", "holder:00000000000000G", "a" * 300])
def test_what_is_no_id_is_a_bad_argument(gate, text):
    assert error(gate, "COMMIT", text) == "BADARG reservation: is an id as RESERVE answers it"


@pytest.mark.parametrize(
    "command, expected",
    [
        ("RESERVE {} words", "ERR wrong number of arguments for 'reserve' command"),
        ("RESERVE {} words 0", "BADARG n of words: must be an integer from 1 to 999999999999999"),
        ("RESERVE {} words -1", "BADARG n of words: must be an integer from 1 to 999999999999999"),
        ("RESERVE {} words 1 words 1", "BADARG words: named twice in one call"),
        ("RESERVE {} nothing 1", "NOMETER no meter named nothing in the plan catalogue"),
        ("RESERVE {} calls 1", "BADARG calls: is a rate, which cannot be reserved: TAKE it"),
        ("RESERVE {} seats 1", "BADARG seats: is a level, which cannot be reserved: TAKE it"),
        ("RESERVE {} words 1 TTL", "BADARG TTL: its value is missing"),
        ("RESERVE {} words 1 TTL 0", "BADARG TTL: must be 1 to 900000 milliseconds (reservation.max_ttl)"),
        ("RESERVE {} words 1 TTL 900001", "BADARG TTL: must be 1 to 900000 milliseconds (reservation.max_ttl)"),
        ("RESERVE {} words 1 TTL 1000 messages 1", "BADARG TTL: comes last, with its value"),
        ("RESERVE {} words 1 ID k", "BADARG ID: not an option of RESERVE"),
        ("RESERVE {} words 1 AT 0", "BADARG AT: not an option of RESERVE"),
    ],
)
def test_a_bad_reserve_names_what_is_wrong(gate, tenant, command, expected):
    assert error(gate, *command.format(tenant).split()) == expected
    assert gate.call("TAKE", tenant, "words", 5)[0] == 1


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ("COMMIT {} words", "ERR wrong number of arguments for 'commit' command"),
        ("COMMIT {} words x", "BADARG n of words: must be an integer from 0 to 999999999999999"),
        ("COMMIT {} words 1 words 1", "BADARG words: named twice in one call"),
        ("COMMIT {} messages 1", "BADARG messages: is not part of this reservation"),
        ("COMMIT {} nothing 1", "NOMETER no meter named nothing in the plan catalogue"),
        ("EXTEND {}", "ERR wrong number of arguments for 'extend' command"),
        ("EXTEND {} 0", "BADARG ms: must be 1 to 900000 milliseconds (reservation.max_ttl)"),
        ("RELEASE {} words", "ERR wrong number of arguments for 'release' command"),
    ],
)
def test_a_bad_settlement_changes_nothing(gate, tenant, arguments, expected):
    reservation = reserve(gate, tenant, "words", 3)
    assert error(gate, *arguments.format(reservation).split()) == expected
    assert gate.call("COMMIT", reservation) == [["words", 3, 3, 0]]


def test_threads_that_commit_one_reservation_at_once_count_it_once(shared_daemon, gate, tenant):
    for _ in range(20):
        before = used(gate, tenant, "messages")
        reservation = reserve(gate, tenant, "messages", 4)
        answers = []

        def commit(reservation=reservation, answers=answers):
            with shared_daemon.resp() as own:
                answers.append(own.call("COMMIT", reservation, "messages", 2))

        threads = [threading.Thread(target=commit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert len(answers) == 4 and all(answer[0][:2] == ["messages", 2] for answer in answers)
        assert used(gate, tenant, "messages") == before + 2


# Its end.


def test_a_reservation_that_nobody_settles_ends_and_gives_its_units_back(gate, tenant):
    reserve(gate, tenant, "words", 5, "TTL", 300)
    assert gate.call("TAKE", tenant, "words", 1)[:2] == [0, "limit_exceeded"]
    wait_until(lambda: gate.call("TAKE", tenant, "words", 1)[0] == 1, "the units are back")


def test_each_reservation_ends_in_its_turn(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        for _ in range(3):
            reserve(gate, TENANT, "units", 100, "TTL", 200)
            wait_until(lambda: gate.call("CHECK", TENANT, "units", 100)[0] == 1, "it has ended", 10)


def test_a_renewed_reservation_goes_on(gate, tenant):
    reservation = reserve(gate, tenant, "words", 3, "TTL", 400)
    short = reserve(gate, tenant, "words", 1, "TTL", 700)
    assert gate.call("EXTEND", reservation, 60000) == "OK"
    wait_until(lambda: gate.call("RELEASE", short) == "OK" and gate.call("COMMIT", short) != [], "the other has ended")
    # It would have ended before the other one.
    assert gate.call("TAKE", tenant, "words", 3)[:2] == [0, "limit_exceeded"]
    assert gate.call("COMMIT", reservation) == [["words", 3, 3, 0]]


def test_a_commit_after_the_end_is_recorded_once(gate, tenant):
    reservation = reserve(gate, tenant, "words", 4, "messages", 2, "TTL", 200)
    wait_until(lambda: gate.call("TAKE", tenant, "words", 1)[3] == 1, "some of it is there")
    wait_until(lambda: "ended" in str(gate.call("EXTEND", reservation, 1)), "it has ended")
    first = gate.call("COMMIT", reservation, "words", 3)
    assert [row[:2] for row in first] == [["words", 3], ["messages", 2]]
    assert gate.call("COMMIT", reservation, "words", 3) == first
    assert "BADARG" in error(gate, "COMMIT", reservation, "words", 4)
    assert used(gate, tenant, "words") == 4
    assert used(gate, tenant, "messages") == 2


# Restarts and other sidecars.


@pytest.mark.parametrize("stop", ["stop", "kill"])
def test_a_restarted_sidecar_goes_on_with_its_reservations(make_daemon, redis_server, stop):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1, lease_ttl="2s")
    with sidecar.resp() as gate:
        kept = reserve(gate, TENANT, "units", 60)
        released = reserve(gate, TENANT, "units", 10)
        committed = reserve(gate, TENANT, "units", 20, "parts", 5)
        first = gate.call("COMMIT", committed, "units", 15)
        assert first == [["units", 15, 15, 0], ["parts", 5, 5, 0]]
    getattr(sidecar, stop)()
    sidecar.start()
    with sidecar.resp() as gate:
        assert gate.call("COMMIT", committed, "units", 15)[0][:2] == ["units", 15]
        # 15 are used, and 70 held: 15 are left.
        assert gate.call("TAKE", TENANT, "units", 16)[:2] == [0, "limit_exceeded"]
        assert gate.call("RELEASE", released) == "OK"
        wait_until(lambda: gate.call("TAKE", TENANT, "units", 16)[0] == 1, "what was released can be spent")
        assert gate.call("COMMIT", kept, "units", 50) == [["units", 50, 81, 0]]
        assert gate.call("TAKE", TENANT, "units", 19)[0] == 1
        assert gate.call("TAKE", TENANT, "units", 1)[:4] == [0, "limit_exceeded", "units", 100]
    assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (100, 0, 100)


def test_commits_cut_off_by_a_kill_count_once_when_they_are_repeated(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    sidecar.put(TENANT, "all", limits={"units": 100_000, "parts": 100_000})
    rounds, each = 6, 100
    for number in range(rounds):
        with sidecar.resp() as gate:
            reservations = [reserve(gate, TENANT, "units", 5, "parts", 2) for _ in range(each)]
            gate.write(b"".join(encode("COMMIT", reservation, "units", 7) for reservation in reservations))
            # Some have been answered by then, and some not.
            for _ in range(number * each // rounds):
                gate.read()
            sidecar.kill()
        sidecar.start()
        with sidecar.resp() as gate:
            for reservation in reservations:
                answer = gate.call("COMMIT", reservation, "units", 7)
                assert [row[:2] for row in answer] == [["units", 7], ["parts", 2]], answer
    with sidecar.resp() as gate:
        # What was granted to a process that did not live to hear of it goes back with its lease, once that is in use.
        assert [gate.call("TAKE", TENANT, meter, 1)[0] for meter in ("units", "parts")] == [1, 1]
    assert sidecar.stop() == 0
    for meter, cost in (("units", 7), ("parts", 2)):
        stored = totals(redis_server, meter)
        expected = rounds * each * cost + 1
        assert (stored.used, stored.held, sum(stored.hours.values())) == (expected, 0, expected)


def test_orphans_end_across_a_restart(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        reserve(gate, TENANT, "units", 100, "TTL", 1500)
    sidecar.kill()
    sidecar.start()
    with sidecar.resp() as gate:
        wait_until(lambda: gate.call("TAKE", TENANT, "units", 100)[0] == 1, "the units are back")


def test_another_sidecar_says_where_a_reservation_lives(pair):
    first, second = pair()
    with first.resp() as one, second.resp() as other:
        reservation = reserve(one, TENANT, "units", 10)
        home, away = reservation.rpartition(":")[0], reserve(other, TENANT, "units", 1).rpartition(":")[0]
        for command in (("COMMIT", reservation), ("RELEASE", reservation), ("EXTEND", reservation, 1000)):
            assert error(other, *command) == (
                f"NORESERVATION it lives at {home}, and this is {away}: settle it where it was made")  # fmt: skip
        assert one.call("COMMIT", reservation) == [["units", 10, 10, 0]]


def test_what_one_sidecar_has_reserved_no_other_can_take(pair, redis_server):
    first, second = pair(**LASTING)
    with first.resp() as one, second.resp() as other:
        reservation = reserve(one, TENANT, "units", 70)
        assert other.call("TAKE", TENANT, "units", 31)[:2] == [0, "limit_exceeded"]
        assert other.call("CHECK", TENANT, "units", 31)[:2] == [0, "limit_exceeded"]
        assert other.call("TAKE", TENANT, "units", 30)[0] == 1
        assert one.call("COMMIT", reservation, "units", 20)[0][:2] == ["units", 20]
        # What was not spent of it comes back from there.
        wait_until(lambda: other.call("TAKE", TENANT, "units", 50)[0] == 1, "the rest is given back")
        assert one.call("TAKE", TENANT, "units", 1)[:2] == [0, "limit_exceeded"]
    for sidecar in (first, second):
        assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held) == (100, 0)


def test_sidecars_that_reserve_and_commit_at_the_edge_admit_exactly_the_limit(make_daemon, redis_server):
    sidecars = start_sidecars(make_daemon, redis_server, 4)
    sidecars[0].put(TENANT, "all", limits={"units": 1000})
    counted = []

    def run(number):
        with sidecars[number % 4].resp() as gate:
            for turn in range(200):
                answer = gate.call("RESERVE", TENANT, "units", 5)
                if answer[0]:
                    cost = (turn + number) % 6
                    if cost == 5:
                        assert gate.call("RELEASE", answer[6]) == "OK"
                    else:
                        counted.append(gate.call("COMMIT", answer[6], "units", cost)[0][1])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert sum(counted) <= 1000
    for sidecar in sidecars:
        assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, stored.held, sum(stored.hours.values())) == (sum(counted), 0, sum(counted))


def test_more_than_a_total_holds_cannot_be_set_aside(gate, tenant):
    most = 999_999_999_999_999
    gate.call("RESERVE", tenant, "tokens", most)
    assert error(gate, "RESERVE", tenant, "tokens", most) == f"BADARG tokens: the total would pass {most}"


def test_hours_after_an_old_reservation_are_told_to_a_redis_that_forgot(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        reservation = reserve(gate, TENANT, "units", 10)
        assert gate.call("TAKE", TENANT, "units", 30)[0] == 1
        redis_server.client().flushall()
        sidecar.put(TENANT, "all")
        wait_until(lambda: totals(redis_server, "units").used == 30, "Redis is told again", 30)
        assert gate.call("COMMIT", reservation)[0][:2] == ["units", 10]
    assert sidecar.stop() == 0
    stored = totals(redis_server, "units")
    assert (stored.used, sum(stored.hours.values())) == (40, 40)


def test_a_reservation_needs_no_redis_while_units_are_leased(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1, **LASTING)
    with sidecar.resp() as gate:
        # What is released stays leased here.
        assert gate.call("RELEASE", reserve(gate, TENANT, "free", 50)) == "OK"
        redis_server.freeze()
        try:
            reservation = reserve(gate, TENANT, "free", 40)
            assert gate.call("EXTEND", reservation, 1000) == "OK"
            assert gate.call("COMMIT", reservation, "free", 30) == [["free", 30, 30, 0]]
        finally:
            redis_server.thaw()


def test_a_commit_of_a_minute_that_is_over_counts_in_its_hour(make_daemon, redis_server):
    (sidecar,) = start_sidecars(make_daemon, redis_server, 1)
    with sidecar.resp() as gate:
        first = gate.call("TAKE", TENANT, "per_minute", 7)
        assert first[0] == 1
        reservation = reserve(gate, TENANT, "per_minute", 20)
        wait_until(lambda: gate.call("TAKE", TENANT, "per_minute", 1)[3] == 1, "another minute has begun", 90)
        assert gate.call("COMMIT", reservation, "per_minute", 15)[0][1] == 15
    assert sidecar.stop() == 0
    # 7 and 15, and what waiting for the minute took.
    assert sum(stored_hours(redis_server.client(), "per_minute", TENANT).values()) >= 22
