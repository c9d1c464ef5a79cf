"""What each mode of a limit, and each policy for when Redis is away, means to two sidecars with leases."""

import pytest

from lease_tools import TENANT, start_sidecars, take_until_refused, totals, used, wait_until_told
from waiting import wait_until


@pytest.fixture
def pair(make_daemon, redis_server):
    return start_sidecars(make_daemon, redis_server, 2)


@pytest.fixture
def gates(pair):
    """A connection to each of them."""
    with pair[0].resp() as one, pair[1].resp() as other:
        yield one, other


def test_a_hard_limit_is_filled_by_both_to_the_last_unit(gates, redis_server):
    assert take_until_refused(gates, "units") == 100
    wait_until_told(redis_server, "units", 100)


def test_overage_is_allowed_past_the_limit_wherever_it_was_filled(gates, redis_server):
    one, other = gates
    assert one.call("TAKE", TENANT, "soft", 8)[1] == "ok"
    wait_until_told(redis_server, "soft", 8)
    assert other.call("TAKE", TENANT, "soft", 7) == [1, "overage", "soft", 15, 10, 0, ""]
    wait_until_told(redis_server, "soft", 15)
    wait_until(lambda: one.call("TAKE", TENANT, "soft")[1] == "overage", "what the other has used is heard of")


def test_overage_ends_at_its_cap_for_both(gates, redis_server):
    assert take_until_refused(gates, "capped") == 15
    for gate in gates:
        assert gate.call("TAKE", TENANT, "capped")[:5] == [0, "limit_exceeded", "capped", 15, 10]
        assert gate.call("TAKE", TENANT, "capped", 16)[1] == "too_large"
    wait_until_told(redis_server, "capped", 15)


def test_a_shadow_limit_refuses_nobody_and_says_so_wherever_it_was_filled(gates, redis_server):
    one, other = gates
    assert one.call("TAKE", TENANT, "watched", 10)[1] == "ok"
    wait_until_told(redis_server, "watched", 10)
    assert other.call("TAKE", TENANT, "watched", 5) == [1, "shadow", "watched", 15, 10, 0, ""]
    assert other.call("TAKE", TENANT, "watched", 100)[:4] == [1, "shadow", "watched", 115]
    wait_until_told(redis_server, "watched", 115)


def test_what_is_unlimited_is_counted_by_both(gates, redis_server):
    for gate in gates:
        answers = gate.pipeline(*[f"TAKE {TENANT} free 1000"] * 50)
        assert {(answer[0], answer[1], answer[4]) for answer in answers} == {(1, "ok", -1)}
    wait_until_told(redis_server, "free", 100_000)
    assert totals(redis_server, "free").held == 0


def test_with_lease_off_nothing_is_held_by_anybody(gates, redis_server):
    for number in range(1, 21):
        assert gates[number % 2].call("TAKE", TENANT, "asked")[:4] == [1, "ok", "asked", number]
        # Its one unit is spent or given back at the latest within the horizon.
        wait_until(lambda: totals(redis_server, "asked").held == 0, "nothing is held")
    for gate in gates:
        assert gate.call("TAKE", TENANT, "asked")[:4] == [0, "limit_exceeded", "asked", 20]
    assert (totals(redis_server, "asked").used, totals(redis_server, "asked").held) == (20, 0)


def test_a_record_past_the_limit_counts_and_leaves_nothing_to_take(gates, redis_server):
    one, other = gates
    assert one.call("TAKE", TENANT, "units", 90)[0] == 1
    assert one.call("RECORD", TENANT, "units", 30) == [["units", 30, 120, 20]]
    wait_until_told(redis_server, "units", 120)
    assert [gate.call("TAKE", TENANT, "units")[:4] for gate in gates] == [[0, "limit_exceeded", "units", 120]] * 2


def exhaust(gate, meter):
    """Takes until the answer says that Redis is away: until the lease is spent or has ended; how many were allowed."""
    answers = []
    wait_until(
        lambda: answers.append(gate.call("TAKE", TENANT, meter)) or answers[-1][1] == "degraded", "the lease has ended"
    )
    return sum(answer[0] for answer in answers)


@pytest.fixture
def away(gates, redis_server):
    """Both have taken ten of a meter and know of each other; then Redis is stopped. Returns what has been taken."""

    def stop(meter):
        for taken in range(1, 11):
            assert gates[taken % 2].call("TAKE", TENANT, meter)[:2] == [1, "ok"]
            wait_until_told(redis_server, meter, taken)
        redis_server.stop()
        return 10

    return stop


def assert_all_of_it_is_told(redis_server, meter, taken):
    redis_server.start()
    wait_until_told(redis_server, meter, taken)
    wait_until(lambda: totals(redis_server, meter).held == 0, "nothing is held")
    stored = totals(redis_server, meter)
    assert (stored.used, sum(stored.hours.values())) == (taken, taken)


def test_the_policy_deny_refuses_once_the_lease_has_ended(gates, redis_server, away):
    taken = away("refused")
    for gate in gates:
        taken += exhaust(gate, "refused")
        assert gate.call("TAKE", TENANT, "refused")[:3] == [0, "degraded", "refused"]
    assert_all_of_it_is_told(redis_server, "refused", taken)


def test_the_policy_allow_lets_everything_through_and_counts_it(gates, redis_server, away):
    taken = away("allowed")
    for gate in gates:
        taken += exhaust(gate, "allowed")
        assert gate.call("TAKE", TENANT, "allowed", 70)[:3] == [1, "degraded", "allowed"]
        taken += 70
    assert taken > 140
    assert_all_of_it_is_told(redis_server, "allowed", taken)
    for gate in gates:
        wait_until(lambda gate=gate: gate.call("TAKE", TENANT, "allowed")[1] == "limit_exceeded", "nothing is left")


def test_the_policy_fraction_lets_each_sidecar_have_its_share_and_no_more(gates, redis_server, away):
    taken = away("shared")
    for gate in gates:
        here = 5 + exhaust(gate, "shared")
        answers = []
        wait_until(lambda: answers.append(gate.call("TAKE", TENANT, "shared")) or not answers[-1][0], "it is refused")
        assert {answer[1] for answer in answers} == {"degraded"}
        assert here + len(answers) - 1 == 50
    assert_all_of_it_is_told(redis_server, "shared", 100)
