"""The histories that break weaker ways of billing, one by one, through the real programs. The numbers are those of the
lease protocol's list."""

import pytest

from billed_world import MARK_SECONDS, SUMMARY_LAG_SECONDS, BilledWorld
from billing_modes import EVENTS, MODES, RECORDS
from owed_hours import HOUR, owed
from sidecars import SETTLE_SECONDS, gate_info
from stripe_faults import LATE_MS
from waiting import wait_until

TENANT = "acme"
WINDOWS_AND_SETS = [mode for mode in MODES if mode.meter != "summed"]
USAGE_RECORDS = [mode for mode in MODES if mode.path == RECORDS]
SUMS = [mode for mode in MODES if mode.meter == "summed"]
DAY = 86_400
# For how long a range is sent again under its identifier.
RESEND_SECONDS = 23 * HOUR


@pytest.fixture
def make_world(directory):
    """Makes the one world of a test, with a tenant; in the end all must agree."""
    worlds = []

    def make(mode, sidecars=1, **settings):
        worlds.append(BilledWorld(directory, mode, sidecars, **settings))
        worlds[0].start().put(TENANT)
        return worlds[0]

    try:
        yield make
        worlds[0].assert_all_agree()
    finally:
        for world in worlds:
            world.end()


def take(world, amount, sidecar=None):
    with (sidecar or world.sidecar).resp() as gate:
        assert gate.call("TAKE", TENANT, world.mode.meter, amount)[0] == 1


def give_back(world, amount):
    def is_given_back():
        with world.sidecar.resp() as gate:
            return gate.call("REFUND", TENANT, world.mode.meter, amount)[0][1:2] == [amount]

    wait_until(is_given_back, f"{amount} are given back")


def change(gate, mode, amount):
    """Takes so much, or gives it back."""
    word = "TAKE" if amount > 0 else "REFUND"
    answer = gate.call(word, "globex", mode.meter, abs(amount))
    assert answer[0] == 1 or answer[0][1] == abs(amount), answer


def stripe_has(world):
    return sum(value for _, value in world.mode.usage(world.sandbox).items())


def usage_records(world):
    """Stamp and quantity of each."""
    return [(record["timestamp"], record["quantity"]) for record in world.sandbox.state()["usage_records"]]


def put_before_an_edge(world):
    """Puts a tenant whose record states no period, so that nobody foresees the edge in this hour. The edge."""
    edge = world.clock.hour * HOUR + 1_200
    world.put("globex", anchor=edge)
    return edge


def use_past_the_edge(world, gate, edge, amount):
    world.clock.set(edge + 5)
    world.wait_until_redis_has_learned()
    gate.call("TAKE", "globex", world.mode.meter, amount)
    world.send_everything()


def use_on_both_sides_of_an_edge(world, gate):
    """Bills 40 units before an edge that nobody foresaw, and 60 after it. The hour's start, and the edge."""
    start, edge = world.clock.hour * HOUR, put_before_an_edge(world)
    gate.call("TAKE", "globex", world.mode.meter, 40)
    world.send_everything()
    use_past_the_edge(world, gate, edge, 60)
    return start, edge


def use_in_the_hour_of(gate, world, amount, instant):
    # A sidecar learns from its next sync that the time was moved.
    call = ("RECORD", "globex", world.mode.meter, amount, "AT", int(instant * 1000))
    wait_until(lambda: gate.call(*call)[0][1:2] == [amount], "the hour has usage", SETTLE_SECONDS)


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


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_32_usage_records_of_the_first_hour_of_a_period_are_stamped_inside_it(make_world, mode):
    world = make_world(mode)
    edge = world.clock.hour * HOUR + 1_200
    world.put("globex", anchor=edge, period=(edge, edge + 30 * DAY))
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 40)
        world.clock.set(edge + 5)
        world.wait_until_redis_has_learned()
        gate.call("TAKE", "globex", mode.meter, 60)
    world.send_everything()
    assert usage_records(world) == [(edge, 100)]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_32_an_edge_that_nobody_foresaw_bills_the_hour_in_two_parts(make_world, mode):
    world = make_world(mode)
    with world.sidecar.resp() as gate:
        start, edge = use_on_both_sides_of_an_edge(world, gate)
    assert usage_records(world) == [(start, 40), (edge, 60)]
    world.advance(SUMMARY_LAG_SECONDS)
    question = {"tenant": "globex"}
    page = world.sidecar.http("POST", "/v1/billing/reconcile", question)[1]
    assert page["counts"] == {"dropped": 1}, page["differences"]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_32_what_had_no_answer_before_an_edge_that_nobody_foresaw_is_not_billed_again(make_world, mode):
    world = make_world(mode)
    start, edge = world.clock.hour * HOUR, put_before_an_edge(world)
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 30)
        world.send_everything()
        gate.call("TAKE", "globex", mode.meter, 10)
        world.sidecars.wait_until_settled()
        world.fault("drop_answer_after_commit", count=2)
        world.flush()
        world.take_faults_back()
        use_past_the_edge(world, gate, edge, 60)
    assert usage_records(world) == [(start, 40), (edge, 60)]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
@pytest.mark.parametrize("sent", [0, 40])
def test_32_what_a_redis_forgot_of_an_hour_before_it_heard_of_the_edge_is_not_billed_again(make_world, mode, sent):
    world = make_world(mode)
    start, edge = world.clock.hour * HOUR, put_before_an_edge(world)
    world.redis.keep_snapshot()
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 40)
        world.sidecars.wait_until_settled()
        if sent:
            world.send_everything()
        world.redis.kill_and_go_back()
        wait_until(world.redis.answers, "redis-server answers")
        world.sidecars.wait_until_ready()
        use_past_the_edge(world, gate, edge, 60)
    assert usage_records(world) == [*[(start, 40)] * (sent > 0), (edge, 100 - sent)]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_32_what_had_no_answer_before_a_period_that_begins_at_once_is_billed_once(make_world, mode):
    """Nobody asks for these rounds, so that the subscription is not read anew before Stripe refuses."""
    world = make_world(mode, stripe_flush_interval="1s")
    start = world.clock.hour * HOUR
    world.put("globex")
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 40)
        wait_until(lambda: usage_records(world) == [(start, 40)], "the first total is sent", SETTLE_SECONDS)
        world.fault("drop_answer_after_commit", "globex", count=2)
        gate.call("TAKE", "globex", mode.meter, 20)
        wait_until(lambda: usage_records(world) == [(start, 60)], "the second is recorded", SETTLE_SECONDS)
        world.take_faults_back()
        form = {"billing_cycle_anchor": "now", "proration_behavior": "none"}
        edge = world.sandbox.sdk()[0].v1.subscriptions.update("sub_globex", form).billing_cycle_anchor
        world.advance(300)
        world.wait_until_redis_has_learned()
        gate.call("TAKE", "globex", mode.meter, 10)
        wait_until(lambda: len(usage_records(world)) == 2 and owed(world.sidecar) == [], "all is sent", SETTLE_SECONDS)
    assert usage_records(world) == [(start, 60), (edge, 10)]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
@pytest.mark.parametrize("forgotten", [10, -10])
def test_32_what_a_redis_forgot_of_the_old_period_is_taken_for_one_hour_alone(make_world, mode, forgotten):
    world = make_world(mode, sidecars=2)
    first, second = world.sidecars.all
    start = world.clock.hour * HOUR
    edge = start + HOUR + 1_020
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge))
    with first.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 90)
        world.send_everything()
        world.redis.keep_snapshot()
        change(gate, mode, forgotten)
        world.send_everything()
    world.clock.set(edge + 5)
    with second.resp() as gate:
        use_in_the_hour_of(gate, world, 60, edge)
    world.send_everything()
    assert usage_records(world) == [(start, 90 + forgotten), (edge, 60)]
    second.kill()
    # Stripe takes nothing of the old period any more.
    world.clock.set(edge + 300)
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "redis-server answers")

    def is_settled():
        world.flush()
        world.advance(MARK_SECONDS)
        return first.is_ready() and owed(first) == []

    # What the old period lacks is late by now, and what is said of the edge's hour comes after that.
    wait_until(is_settled, "the old period is settled", SETTLE_SECONDS)
    second.start()
    world.send_everything()
    assert usage_records(world) == [(start, 90 + forgotten), (edge, 60)]


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_32_what_is_given_back_of_the_old_part_of_an_hour_is_taken_off_the_new_period(make_world, mode):
    world = make_world(mode)
    with world.sidecar.resp() as gate:
        start, edge = use_on_both_sides_of_an_edge(world, gate)
        assert gate.call("REFUND", "globex", mode.meter, 70)[0][1] == 70
        world.send_everything()
        assert usage_records(world) == [(start, 40), (edge, 0)]
        world.advance(HOUR)
        use_in_the_hour_of(gate, world, 25, start + HOUR)
        world.send_everything()
    assert usage_records(world) == [(start, 40), (edge, 0), (start + HOUR, 15)]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_33_what_comes_after_the_invoice_is_final_goes_out_with_the_next_period_once(make_world, mode):
    world = make_world(mode, sidecars=2)
    first, _ = world.sidecars.all
    edge = (world.clock.hour + 1) * HOUR
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge))
    place = (mode.meter, "cus_globex", edge)
    with first.resp() as gate:
        assert gate.call("TAKE", "globex", mode.meter, 5)[0] == 1
        world.send_everything()
        world.redis.freeze()
        answer = gate.call("TAKE", "globex", mode.meter, 10)
        first.kill()
        world.redis.thaw()
    assert answer[0] == 1
    world.clock.set(edge + 2 * HOUR)
    first.start()
    world.send_everything()
    recorded = world.told()[1]
    assert recorded == {place: 10, (*place[:2], edge - HOUR): 5}
    # It comes back once more and tells the same.
    first.kill()
    first.start()
    with first.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 1)
    world.send_everything()
    assert sum(world.told()[1].values()) == 16


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("forgotten", [3, -3])
def test_33_what_a_redis_forgot_of_a_period_that_is_closed_is_not_made_up_for(make_world, mode, forgotten):
    """The hour's total that Redis remembers was acknowledged; the one that Stripe has is another."""
    world = make_world(mode)
    start = world.clock.hour * HOUR
    edge = start + HOUR
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge))
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 5)
        world.send_everything()
        world.redis.keep_snapshot()
        change(gate, mode, forgotten)
        world.send_everything()
    world.clock.set(edge + 2 * HOUR)
    world.redis.kill_and_go_back()
    wait_until(world.redis.answers, "redis-server answers")
    world.sidecars.wait_until_ready()
    world.send_everything()
    assert world.told()[1] == {(mode.meter, "cus_globex", start): 5 + forgotten}


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_33_what_the_old_period_has_of_the_edges_hour_is_not_taken_for_what_came_late(make_world, mode):
    world = make_world(mode)
    start = world.clock.hour * HOUR
    edge = start + 1_200
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge + DAY))
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 40)
        world.send_everything()
        world.clock.set(edge + HOUR)
        world.put("globex", anchor=edge, period=(edge, edge + 30 * DAY))
        world.wait_until_redis_has_learned()
        gate.call("RECORD", "globex", mode.meter, 7, "AT", (start - HOUR) * 1000)
    world.send_everything()
    assert usage_records(world) == [(start, 40), (edge, 7)]
