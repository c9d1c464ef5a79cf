"""Usage that waits for a day, and for longer than Stripe takes it back, while everything fails: nothing is lost unseen.

`make soak` goes through all ways to write it, and through each day; SEED says what happens in them.
"""

import os
import random
from collections import Counter

import pytest

from billed_rounds import TROUBLES, Stage, compare, keep_snapshot, misbehave_by_chance
from billed_world import MARK_SECONDS, BilledWorld, utc_text
from billing_modes import MODES, customer
from owed_hours import HOUR, owed
from sidecars import SETTLE_SECONDS
from usage_at_random import UsageAtRandom
from waiting import wait_until

DAY = 86_400
TENANTS = ("acme", "globex", "initech")
OLDEST_DAYS = 35
# Each day and each way takes its time: `make soak` has all of them.
IS_SOAK = "STRIPE_ROUNDS" in os.environ
DAYS = range(37) if IS_SOAK else (0, 1, 12, 24, 36)
WAYS = MODES if IS_SOAK else list({mode.meter: mode for mode in reversed(MODES)}.values())
SEED = int(os.environ.get("SEED") or (random.SystemRandom().randrange(1_000_000) if IS_SOAK else 1))


@pytest.fixture(params=WAYS, ids=str)
def world(request, directory):
    world = BilledWorld(directory, request.param, sidecars=2)
    try:
        yield world.start()
    finally:
        world.end()


@pytest.fixture
def make_stage(world):
    stages = []

    def make(name, *tenants):
        chance = random.Random(f"{name} {world.mode} {SEED}")
        stages.append(Stage(world, UsageAtRandom(world, tenants, chance), chance))
        return stages[0]

    yield make
    print(f"SEED={SEED}", *stages, sep="\n")


def trouble(stage):
    """Something breaks and comes back; what is in doubt by then may be sent again."""
    if not stage.has_snapshot or stage.chance.random() < 0.3:
        keep_snapshot(stage)
    stage.disturb(TROUBLES)
    stage.relaunch_the_dead()
    stage.sidecars.wait_until_ready()
    stage.world.advance(MARK_SECONDS)


def follow_period(world, tenant):
    """Gives the tenant's record the period that its subscription is in."""
    subscription = next(row for row in world.sandbox.state()["subscriptions"] if row["id"] == f"sub_{tenant}")
    item = subscription["items"]["data"][0]
    start, end = (utc_text(item[f"current_period_{edge}"]) for edge in ("start", "end"))
    who = {"customer": customer(tenant), "subscription": subscription["id"]}
    world.sidecar.put(tenant, plan="all", period_start=start, period_end=end, **who)


def test_a_day_of_trouble_and_of_sends_without_answers_is_billed_exactly(world, make_stage):
    """Longer than Stripe remembers identifiers and keys: what is in doubt by then cannot simply be sent again."""
    stage = make_stage("a day", *TENANTS)
    # A period ends meanwhile.
    edge = (world.clock.hour + 13) * HOUR
    world.put(TENANTS[0], anchor=edge, period=(edge - 30 * DAY, edge))
    world.put(*TENANTS[1:])
    for hour in range(26):
        stage.usage.turn(15)
        world.sidecars.wait_until_settled()
        kind = ("drop_answer_after_commit", "error_500_after_commit", "reset", "error_500")[hour % 4]
        for tenant in TENANTS[:2]:
            world.fault(kind, tenant, count=50)
        trouble(stage)
        world.flush()
        world.take_faults_back()
        world.advance(HOUR)
    compare(stage)
    world.assert_all_agree()


def test_what_waits_for_36_days_is_sent_as_far_as_stripe_takes_it_and_the_rest_is_dead_and_seen(world, make_stage):
    stage = make_stage("36 days", "acme")
    world.put("acme")
    world.sidecar.put("waiting", plan="all", subscription="sub_acme")
    begin = world.clock.hour * HOUR
    used = Counter()
    for number, day in enumerate(DAYS):
        world.advance(max(0, begin + day * DAY + 1 - world.clock.now()))
        follow_period(world, "acme")
        hour = world.clock.hour * HOUR
        with world.sidecars.all[number % 2].resp() as gate:

            def record(gate=gate, hour=hour, day=day):
                # A sidecar learns from its next sync that the time was moved.
                answer = gate.call("RECORD", "waiting", world.mode.meter, 1 + day, "AT", (hour + 1) * 1000)
                return answer[0][1:2] == [1 + day]

            wait_until(record, f"the usage of day {day} is counted", SETTLE_SECONDS)
        used[hour] = 1 + day
        stage.usage.turn(15)
        world.sidecars.wait_until_settled()
        trouble(stage)
        world.flush()
        world.take_faults_back()
    now = world.clock.now()
    with world.sidecar.resp() as gate:
        refused = gate.call("RECORD", "waiting", world.mode.meter, 1, "AT", (begin + 1) * 1000)
    assert refused == "BADARG AT: lies more than 35 days back, which Stripe does not take"
    compare(stage, "acme")
    assert {row["state"] for row in owed(world.sidecar)} == {"no_customer"}
    world.sandbox.seed(customers=[{"id": customer("waiting")}])
    world.put("waiting")
    keep_snapshot(stage)
    misbehave_by_chance(stage)
    for _ in range(3):
        trouble(stage)
    compare(stage, "acme")
    dead = world.sidecar.run("outbox", "--json", "--dead", "--all").json["dead"]
    recorded = {hour: total for (_, _, hour), total in world.told("waiting")[1].items()}
    oldest = world.mode.oldest(world.sandbox, "waiting") or now - OLDEST_DAYS * DAY
    too_old = {hour: total for hour, total in used.items() if hour < oldest}
    assert too_old
    assert Counter(row["total"] for row in dead) == Counter(too_old.values())
    assert recorded == {hour: total for hour, total in used.items() if hour not in too_old}
    world.sidecars.stop()
    world.assert_ledgers_agree()
