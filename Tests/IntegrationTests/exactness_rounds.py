"""One round: four sidecars, sixteen connections to each, one limit, and faults; then every total must agree.

What a round does is a function of its seed, its scenario and its limit; when it does it depends on the machine.
"""

import contextlib
import os
import random
import time
from collections.abc import Iterator

from sidecars import METER, SETTLE_SECONDS, TTL_SECONDS, Sidecars
from takers import FINAL_RETRY_MS, Takers
from usage_totals import RedisTotals, ledger_hours
from waiting import wait_for_room, wait_until

LIMITS = (1, 10, 1000, 10_000)
SIDECARS = 4
TENANT = "acme"
ROUND_SECONDS = 60
# A sidecar that is killed must be back, and tell a Redis that has forgotten, before its leases are over: what it had
# spent then and not told is let through again, as is said of a holder that falls silent. A machine that does other
# things takes its time to start one, and to let one run.
LONG_LEASES = {"kills": {"lease_ttl": "3s"}, "rollbacks": {"lease_ttl": "3s"}}
# A fault comes when so many units are taken, or after this time when they are not: as with a limit of 1.
STALL_SECONDS = 1


class Stage:
    """What the faults of a round act on."""

    def __init__(self, sidecars, takers, chance, limit):
        self.sidecars, self.redis = sidecars.all, sidecars.redis
        self.takers, self.chance, self.limit = takers, chance, limit

    def instants(self, most):
        """Conditions, at least one, that come true one after the other while the units are taken."""
        shares = sorted(self.chance.random() for _ in range(self.chance.randint(1, most)))
        return [self.after(share) for share in shares]

    def after(self, share):
        begin = None

        def is_reached():
            nonlocal begin
            begin = begin or time.monotonic()
            return self.takers.admitted >= share * self.limit or time.monotonic() - begin > STALL_SECONDS

        return is_reached


# Each yields conditions; the takers go on until the condition holds, and then the fault goes on.


def quiet(_stage):
    yield from ()


def kills(stage):
    """Sidecars are killed and started again, sometimes all but one at once."""
    for instant in stage.instants(4):
        yield instant
        victims = stage.chance.sample(stage.sidecars, stage.chance.randint(1, SIDECARS - 1))
        for sidecar in victims:
            sidecar.kill()
        for sidecar in victims:
            sidecar.launch()
        yield from map(seldom, [sidecar.is_ready for sidecar in victims])


def freezes(stage):
    """Redis stands still, for up to twice as long as a lease lasts."""
    for instant in stage.instants(2):
        yield instant
        stage.redis.freeze()
        end = time.monotonic() + stage.chance.uniform(0.1, 2) * TTL_SECONDS
        yield lambda end=end: time.monotonic() >= end
        stage.redis.thaw()


def rollbacks(stage):
    """Redis is killed and started from a snapshot that is some way behind."""
    instants = stage.instants(2)
    for instant in instants:
        stage.redis.keep_snapshot()
        yield instant
        stage.redis.kill_and_go_back()
        yield seldom(stage.redis.answers)


SCENARIOS = {"quiet": quiet, "kills": kills, "freezes": freezes, "rollbacks": rollbacks}


def seldom(condition, seconds=0.05):
    """The same condition, asked so seldom that the asking does not slow the takers."""
    next_time = 0.0

    def holds():
        nonlocal next_time
        if time.monotonic() < next_time:
            return False
        next_time = time.monotonic() + seconds
        return condition()

    return holds


def play(directory, seed, scenario, limit):
    """Plays a round and asserts what must hold."""
    # Who is refused at the limit is told to come back at the period's end, which has to be far.
    wait_for_room(86_400, FINAL_RETRY_MS / 1000 + 2 * ROUND_SECONDS)
    chance = random.Random(f"{seed} {scenario} {limit}")
    with contextlib.ExitStack() as stack:
        sidecars = Sidecars(directory, SIDECARS, **LONG_LEASES.get(scenario, {}))
        stack.callback(sidecars.end)
        sidecars.start()
        sidecars.all[0].put(TENANT, plan=f"limit-{limit}")
        takers = Takers(sidecars.all, TENANT, METER, chance, per_second=pace(chance, scenario, limit))
        try:
            take_everything(takers, SCENARIOS[scenario](Stage(sidecars, takers, chance, limit)), sidecars)
            assert_every_total_agrees(sidecars, takers, scenario, limit)
        except AssertionError as error:
            replay = f"make soak ROUNDS=1 STRIPE_ROUNDS=0 SEED={seed} SCENARIO={scenario} LIMIT={limit}"
            raise AssertionError(f"{error}\n{takers}\nreplay: {replay}") from error


def pace(chance, scenario, limit):
    """Calls a second in all, so that faults come while there is still something to take; None: as fast as they go."""
    if scenario == "quiet" or chance.random() < 0.25:
        return None
    return max(100, limit * chance.uniform(0.3, 1))


def take_everything(takers, faults: Iterator, sidecars):
    deadline = time.monotonic() + ROUND_SECONDS
    for is_reached in faults:
        while not is_reached():
            takers.turn()
            assert time.monotonic() < deadline, f"the faults were not over within {ROUND_SECONDS} s"
    # Healed: now nothing may be refused that fits.
    sidecars.wait_until_ready()
    takers.ask_again()
    takers.lift_pace()
    while not takers.are_done:
        takers.turn()
        assert time.monotonic() < deadline, f"some were not refused for good within {ROUND_SECONDS} s"
    takers.close()


def assert_every_total_agrees(sidecars, takers, scenario, limit):
    sidecars.wait_until_settled()
    client = sidecars.redis.client()
    what = "nothing is held once the leases are over"
    wait_until(lambda: RedisTotals(client, METER, TENANT).held == 0, what, SETTLE_SECONDS)
    sidecars.stop()
    stored = RedisTotals(client, METER, TENANT)
    unanswered = sum(takers.unanswered.values())
    told = f"used {stored.used}, hours {dict(stored.hours)}"
    assert takers.admitted <= limit and takers.most_used <= limit, f"more than the limit of {limit}: {told}"
    assert takers.admitted <= stored.used <= takers.admitted + unanswered, f"Redis counted something else: {told}"
    assert stored.used == limit, f"all were refused at another total than the limit of {limit}: {told}"
    if scenario == "quiet":
        assert unanswered == 0 and takers.admitted == limit, f"not exactly the limit of {limit}: {told}"
    assert stored.held == 0, f"{stored.held} held after all leases: {told}"
    assert stored.used == sum(stored.hours.values()), f"used is not the sum of its hours: {told}"
    ledgers = [os.path.join(sidecar.state, "ledger-0.tgl") for sidecar in sidecars.all]
    kept = ledger_hours(ledgers, METER, TENANT)
    assert kept == stored.hours, f"the ledgers have {dict(kept)}: {told}"
