"""The histories that break weaker ways of billing, one by one, through the real programs. The numbers are those of the
lease protocol's list."""

import pytest

from billed_world import MARK_SECONDS
from billing_modes import EVENTS, MODES
from owed_hours import HOUR
from sidecars import gate_info
from stripe_faults import LATE_MS
from waiting import wait_until

TENANT = "acme"
WINDOWS_AND_SETS = [mode for mode in MODES if mode.meter != "summed"]
SUMS = [mode for mode in MODES if mode.meter == "summed"]
DAY = 86_400
# For how long a range is sent again under its identifier.
RESEND_SECONDS = 23 * HOUR


def take(world, amount, sidecar=None):
    with (sidecar or world.sidecar).resp() as gate:
        assert gate.call("TAKE", TENANT, world.mode.meter, amount)[0] == 1


def give_back(world, amount):
    def is_given_back():
        with world.sidecar.resp() as gate:
            return gate.call("REFUND", TENANT, world.mode.meter, amount)[0][1:2] == [amount]

    wait_until(is_given_back, f"{amount} are given back")


def stripe_has(world):
    return sum(value for _, value in world.mode.usage(world.sandbox).items())


def events(world):
    """The meter events that came, oldest first, and how each was answered."""
    requests = world.sandbox.state()["recent_requests"]
    return [row for row in requests if row["method"] == "POST" and row["path"] == world.mode.path]


@pytest.mark.parametrize("mode", WINDOWS_AND_SETS, ids=str)
def test_23_a_total_that_comes_back_after_a_refund_is_recorded_again(make_world, mode):
    world = make_world(mode)
    take(world, 100)
    world.send_everything()
    give_back(world, 10)
    world.send_everything()
    assert stripe_has(world) == 90
    take(world, 10)
    world.send_everything()
    assert stripe_has(world) == 100


@pytest.mark.parametrize("mode", WINDOWS_AND_SETS, ids=str)
def test_24_a_total_sent_from_a_redis_that_forgot_is_mended_when_the_ledger_tells_it(make_world, mode):
    world = make_world(mode, sidecars=2)
    first, other = world.sidecars.all
    take(world, 69)
    take(world, 1, other)
    world.send_everything()
    world.redis.keep_snapshot()
    take(world, 30)
    world.send_everything()
    assert stripe_has(world) == 100
    first.kill()
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "Redis answers")

    world.wait_until_redis_has_learned()
    take(world, 1, other)
    wait_until(lambda: gate_info(other)["unsettled_units"] == "0", "Redis knows what the other counted")

    def is_sent_low():
        # The dead one's share of the partitions is the other's once its claims have run out.
        world.advance(MARK_SECONDS)
        world.flush()
        return stripe_has(world) == 71

    wait_until(is_sent_low, "what Redis still knows is sent")
    first.start()
    world.send_everything()
    assert stripe_has(world) == 101


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_25_a_send_that_arrives_late_does_not_replace_a_newer_total(make_world, mode):
    world = make_world(mode)
    take(world, 1)
    world.send_everything()
    take(world, 2)
    world.sidecars.wait_until_settled()
    world.fault("slow", delay_ms=LATE_MS)
    world.begin_flush(world.sidecar)
    wait_until(lambda: not world.sandbox.state()["faults"], "the send is on its way")
    take(world, 1)
    for thread in world.flushes:
        thread.join()
    # It was given up, and may still arrive: nothing newer is sent before that is over.
    assert world.sidecar.http("POST", "/v1/billing/flush")[1]["acknowledged"] == 0
    world.wait_until_nothing_is_under_way()
    assert stripe_has(world) == 3
    world.send_everything()
    assert stripe_has(world) == 4


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_26_an_unanswered_send_is_mended_though_the_total_is_back_at_what_was_acknowledged(make_world, mode):
    world = make_world(mode)
    take(world, 5)
    world.send_everything()
    take(world, 1)
    world.sidecars.wait_until_settled()
    world.fault("drop_answer_after_commit", count=2)
    world.flush()
    world.take_faults_back()
    assert stripe_has(world) == 6
    give_back(world, 1)
    world.send_everything()
    assert stripe_has(world) == 5


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_27_what_was_sent_before_a_rollback_is_mended_though_the_total_is_what_it_was_then(make_world, mode):
    world = make_world(mode)
    take(world, 5)
    world.send_everything()
    world.redis.keep_snapshot()
    take(world, 1)
    world.sidecars.wait_until_settled()
    world.fault("slow", delay_ms=LATE_MS)
    world.begin_flush(world.sidecar)
    wait_until(lambda: not world.sandbox.state()["faults"], "the send is on its way")
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "Redis answers")
    world.wait_until_nothing_is_under_way()
    assert stripe_has(world) == 6
    give_back(world, 1)
    world.send_everything()
    assert stripe_has(world) == 5


@pytest.mark.parametrize("mode", SUMS, ids=str)
def test_28_a_range_that_a_rolled_back_redis_forgot_is_not_billed_again(make_world, mode):
    world = make_world(mode)
    world.redis.keep_snapshot()
    take(world, 100)
    world.send_everything()
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "Redis answers")
    world.send_everything()
    assert stripe_has(world) == 100
    take(world, 1)
    world.send_everything()
    assert stripe_has(world) == 101


@pytest.mark.parametrize("mode", SUMS, ids=str)
def test_28_nothing_is_sent_after_a_rollback_until_it_is_compared_with_summaries(make_world, mode):
    world = make_world(mode)
    take(world, 100)
    world.send_everything()
    world.redis.keep_snapshot()
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "Redis answers")
    wait_until(lambda: world.sidecar.http("GET", "/readyz")[0] == 200, "it is ready again")
    world.wait_until_redis_has_learned()
    take(world, 5)
    world.sidecars.wait_until_settled()
    report = world.flush()[1]
    assert report["sent"] == 0 and {group["state"] for group in report["waiting"]} == {"comparing"}
    assert stripe_has(world) == 100
    world.send_everything()
    assert stripe_has(world) == 105


# The stream's sessions end long before.
@pytest.mark.parametrize("mode", [mode for mode in SUMS if mode.path == EVENTS], ids=str)
def test_28_a_range_in_doubt_for_a_day_is_compared_when_the_last_attempt_can_be_seen(make_world, mode):
    world = make_world(mode, stripe_summary_lag="10m")
    world.sandbox.control("POST", "settings", {"summary_delay_seconds": 300})
    take(world, 5)
    world.advance(900)
    world.send_everything()
    take(world, 1)
    world.sidecars.wait_until_settled()
    last = world.clock.now() + RESEND_SECONDS - 5
    world.fault("reset", count=2)
    world.flush()
    world.take_faults_back()
    world.advance(last - world.clock.now())
    # It arrives, and its summary does not tell of it yet when the mark has run out.
    world.fault("drop_answer_after_commit", count=2)
    world.flush()
    world.take_faults_back()
    assert stripe_has(world) == 6
    world.send_everything()
    assert stripe_has(world) == 6


@pytest.mark.parametrize("mode", SUMS, ids=str)
def test_29_what_is_given_back_and_used_again_within_a_day_is_counted_again(make_world, mode):
    world = make_world(mode)
    take(world, 3)
    world.send_everything()
    give_back(world, 3)
    world.send_everything()
    assert stripe_has(world) == 0
    take(world, 3)
    world.send_everything()
    assert stripe_has(world) == 3


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.path == EVENTS], ids=str)
def test_30_identifiers_have_32_characters_and_values_15_digits_at_most(make_world, mode):
    world = make_world(mode)
    name = "t" * 128
    world.sandbox.seed(customers=[{"id": "cus_long"}])
    world.sidecar.put(name, plan="all", customer="cus_long")
    with world.sidecar.resp() as gate:
        assert gate.call("RECORD", name, mode.meter, 999_999_999_999_999) == [[mode.meter, 10**15 - 1, 10**15 - 1, 0]]
        assert gate.call("RECORD", name, mode.meter, 1).startswith("BADARG")
    world.send_everything()
    [event] = events(world)
    assert len(event["parameters"]["identifier"]) == 32
    assert event["parameters"]["payload[value]"] == "999999999999999"
    with world.sidecar.resp() as gate:
        gate.call("REFUND", name, mode.meter, 999_999_999_999_999)
    world.send_everything()


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.path == EVENTS], ids=str)
def test_31_the_hour_that_holds_a_periods_edge_is_one_row_of_the_new_period(make_world, mode):
    world = make_world(mode)
    hour = world.clock.hour * HOUR
    edge = hour + 1_200
    world.put(TENANT, period=(edge, edge + 30 * DAY))
    take(world, 40)
    world.sidecars.wait_until_settled()
    assert world.flush()[1]["waiting"][0]["state"] == "edge_not_past"
    world.clock.set(edge + 5)
    take(world, 60)
    world.send_everything()
    assert world.told()[1] == {(mode.meter, f"cus_{TENANT}", hour): 100}
    assert [int(event["parameters"]["timestamp"]) for event in events(world)] == [edge]


@pytest.mark.parametrize("mode", [mode for mode in MODES if not mode.is_by_item], ids=str)
@pytest.mark.parametrize("is_forgotten", [False, True])
def test_what_nobody_knows_a_customer_was_billed_is_not_billed_to_the_next(start_world, mode, is_forgotten):
    world = start_world(mode)
    world.put(TENANT)
    place = (mode.meter, f"cus_{TENANT}", world.clock.hour * HOUR)
    take(world, 10)
    world.send_everything()
    take(world, 30)
    if is_forgotten:
        world.send_everything()
        world.redis.keep_snapshot()
        take(world, 10)
        world.send_everything()
        world.redis.kill_and_go_back()
        wait_until(world.redis.answers, "redis-server answers")
        world.sidecars.wait_until_ready()
        world.wait_until_redis_has_learned()
    else:
        world.sidecars.wait_until_settled()
        world.fault("drop_answer_after_commit", TENANT, count=2)
        world.flush()
        world.take_faults_back()
    had = world.mode.usage(world.sandbox)[place]
    assert had == (50 if is_forgotten else 40)
    world.sandbox.seed(customers=[{"id": "cus_next"}])
    world.sidecar.put(TENANT, plan="all", customer="cus_next")
    # What the first one was billed cannot be read at once.
    world.sandbox.fault("error_500", path="/v1/billing/meters/{id}/event_summaries", count=2)
    take(world, 20)
    world.send_everything()
    assert world.mode.usage(world.sandbox) == {place: had, (place[0], "cus_next", place[2]): 20}
