"""The histories of periods that end: what their edges part, and what comes once their books have closed. The numbers
are those of the lease protocol's list."""

import pytest

from billed_world import MARK_SECONDS, SUMMARY_LAG_SECONDS
from billing_modes import MODES, RECORDS
from owed_hours import HOUR, owed
from sidecars import SETTLE_SECONDS
from waiting import wait_until

USAGE_RECORDS = [mode for mode in MODES if mode.path == RECORDS]
DAY = 86_400


def change(gate, mode, amount):
    """Takes so much, or gives it back."""
    word = "TAKE" if amount > 0 else "REFUND"
    answer = gate.call(word, "globex", mode.meter, abs(amount))
    assert answer[0] == 1 or answer[0][1] == abs(amount), answer


def usage_records(world):
    """Stamp and quantity of each."""
    return [(record["timestamp"], record["quantity"]) for record in world.sandbox.state()["usage_records"]]


def tell_all_again(world):
    """Redis comes back, and nobody knows whether it has forgotten anything."""
    world.redis.client().save()
    world.redis.stop()
    world.redis.start()
    world.sidecars.wait_until_ready()


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
        form = {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"}
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


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_33_two_edges_in_an_hour_that_nobody_foresaw_bill_each_part_once(make_world, mode):
    world = make_world(mode)
    start = world.clock.hour * HOUR
    world.put("globex")
    subscriptions = world.sandbox.sdk()[0].v1.subscriptions
    with world.sidecar.resp() as gate:
        gate.call("RECORD", "globex", mode.meter, 7, "AT", (start - HOUR) * 1000)
        edges = []
        for amount in (40, 10, 30):
            gate.call("TAKE", "globex", mode.meter, amount)
            world.send_everything()
            if amount != 30:
                world.advance(600)
                form = {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"}
                edges.append(subscriptions.update("sub_globex", form).billing_cycle_anchor)
                world.put("globex", anchor=edges[-1], period=(edges[-1], edges[-1] + 30 * DAY))
                world.wait_until_redis_has_learned()
        billed = [(start - HOUR, 7), (start, 40), (edges[0], 10), (edges[1], 30)]
        assert sorted(usage_records(world)) == billed
        world.advance(HOUR)
        tell_all_again(world)
        world.send_everything()
    assert sorted(record for record in usage_records(world) if record[1]) == billed


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
@pytest.mark.parametrize("is_told_again", [False, True])
def test_33_what_others_have_recorded_of_a_period_is_taken_off_nothing(start_world, mode, is_told_again):
    """As whoever billed the subscription before tollgate did."""
    world = start_world(mode)
    start = world.clock.hour * HOUR
    edge = start + HOUR
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge))
    record = {"quantity": "5000", "timestamp": start - 9 * DAY, "action": "set"}
    path = RECORDS.format("si_globex")
    assert world.sandbox.post(path, record, Stripe_Version="2024-12-18.acacia").status == 200
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "globex", mode.meter, 10)
        world.send_everything()
        world.clock.set(edge + 2 * HOUR)
        world.wait_until_redis_has_learned()
        billed = [(start - 9 * DAY, 5_000), (start, 10)]
        if is_told_again:
            tell_all_again(world)
        else:
            gate.call("RECORD", "globex", mode.meter, 7, "AT", (start - HOUR) * 1000)
            billed.append((edge, 7))
        world.send_everything()
    assert sorted(record for record in usage_records(world) if record[1]) == billed


@pytest.mark.parametrize("mode", USAGE_RECORDS, ids=str)
def test_33_a_period_that_was_longer_at_stripe_than_ours_is_compared_whole(make_world, mode):
    """As a trial is, after which the record states the first period of a month."""
    world = make_world(mode)
    start = world.clock.hour * HOUR
    edge = start + HOUR
    world.put("globex", anchor=edge, period=(edge - 30 * DAY, edge))
    with world.sidecar.resp() as gate:
        gate.call("RECORD", "globex", mode.meter, 300, "AT", (start - 12 * DAY) * 1000)
        gate.call("TAKE", "globex", mode.meter, 10)
        world.send_everything()
        world.put("globex", anchor=edge, period=(edge - 7 * DAY, edge))
        world.clock.set(edge + 2 * HOUR)
        world.wait_until_redis_has_learned()
        gate.call("RECORD", "globex", mode.meter, 5, "AT", start * 1000)
        tell_all_again(world)
        world.send_everything()
    assert sorted(record for record in usage_records(world) if record[1]) == [
        (start - 12 * DAY, 300), (start, 10), (edge, 5)]  # fmt: skip
