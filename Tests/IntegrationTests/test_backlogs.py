"""Usage that waits for a day, and for longer than Stripe takes it back: nothing is lost unseen."""

import os
import random
from collections import Counter

import pytest

from billed_world import MARK_SECONDS, BilledWorld
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


@pytest.fixture(params=WAYS, ids=str)
def world(request, directory):
    world = BilledWorld(directory, request.param, sidecars=2)
    try:
        yield world.start()
    finally:
        world.end()


def test_a_day_of_sends_without_answers_is_billed_exactly(world):
    """Longer than Stripe remembers identifiers and keys: what is in doubt by then cannot simply be sent again."""
    chance = random.Random(f"a day {world.mode}")
    world.put(*TENANTS)
    usage = UsageAtRandom(world, TENANTS, chance)
    for hour in range(26):
        usage.turn(15)
        world.sidecars.wait_until_settled()
        kind = ("drop_answer_after_commit", "error_500_after_commit", "reset", "error_500")[hour % 4]
        for tenant in TENANTS[:2]:
            world.fault(kind, tenant, count=50)
        if hour % 5 == 4:
            victim = chance.choice(world.sidecars.all)
            world.begin_flush(victim)
            victim.kill()
            victim.launch()
            world.sidecars.wait_until_ready()
        world.advance(MARK_SECONDS)
        world.flush()
        world.take_faults_back()
        world.advance(HOUR)
    usage.close()
    world.send_everything()
    usage.assert_within_bounds(world.told()[0])
    world.assert_all_agree()


def test_what_waits_for_36_days_is_sent_as_far_as_stripe_takes_it_and_the_rest_is_dead_and_seen(world):
    world.put("acme")
    world.sidecar.put("waiting", plan="all", subscription="sub_acme")
    begin = world.clock.hour * HOUR
    used = Counter()
    for number, day in enumerate(DAYS):
        world.advance(max(0, begin + day * DAY + 1 - world.clock.now()))
        hour = world.clock.hour * HOUR
        with world.sidecars.all[number % 2].resp() as gate:

            def record(gate=gate, hour=hour, day=day):
                # A sidecar learns from its next sync that the time was moved.
                answer = gate.call("RECORD", "waiting", world.mode.meter, 1 + day, "AT", (hour + 1) * 1000)
                return answer[0][1:2] == [1 + day]

            wait_until(record, f"the usage of day {day} is counted", SETTLE_SECONDS)
        used[hour] = 1 + day
        world.sidecars.wait_until_settled()
        world.flush()
    now = world.clock.now()
    with world.sidecar.resp() as gate:
        refused = gate.call("RECORD", "waiting", world.mode.meter, 1, "AT", (begin + 1) * 1000)
    assert refused == "BADARG AT: lies more than 35 days back, which Stripe does not take"
    assert {row["state"] for row in owed(world.sidecar)} == {"no_customer"}
    world.sandbox.seed(customers=[{"id": customer("waiting")}])
    world.put("waiting")
    world.send_everything()
    dead = world.sidecar.run("outbox", "--json", "--dead", "--all").json["dead"]
    recorded = {hour: total for (_, _, hour), total in world.mode.usage(world.sandbox).items()}
    oldest = world.mode.oldest(world.sandbox, "waiting") or now - OLDEST_DAYS * DAY
    too_old = {hour: total for hour, total in used.items() if hour < oldest}
    assert too_old
    assert Counter(row["total"] for row in dead) == Counter(too_old.values())
    assert recorded == {hour: total for hour, total in used.items() if hour not in too_old}
