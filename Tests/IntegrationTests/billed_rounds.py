"""One round: two sidecars, or one with a Redis of its own, send usage that goes up and down while everything fails;
then every total must agree.

What a round does is a function of its seed and its mode; when it does it depends on the machine.
"""

import contextlib
import random
import time

from billed_world import BilledWorld, redis_totals
from managed_redis import ManagedRedis
from owed_hours import HOUR
from sidecars import TTL_SECONDS
from stripe_faults import FAULTS, LATE_MS
from usage_at_random import UsageAtRandom
from waiting import wait_until

TENANTS = ("acme", "globex", "initech")
SIDECARS = 2
STEPS = 25
CALLS_A_STEP = 12
# A kill comes at some instant of a flush, or a little after it.
FLUSH_SECONDS = 0.06


class Stage:
    """What the disturbances of a round act on, and which there were."""

    def __init__(self, world, usage, chance):
        self.world, self.usage, self.chance = world, usage, chance
        self.redis, self.sidecars = world.redis, world.sidecars
        self.is_managed = isinstance(self.redis, ManagedRedis)
        self.has_snapshot = False
        self.past = []

    def disturb(self, choices):
        self.past.append(self.chance.choice(choices))
        self.past[-1](self)

    def __str__(self):
        return f"{' '.join(disturbance.__name__ for disturbance in self.past)}\n{self.usage}"

    def somebody(self):
        return self.chance.choice(self.sidecars.all)

    def relaunch_the_dead(self):
        for sidecar in self.sidecars.all:
            if sidecar.process.poll() is not None:
                sidecar.launch()


def flush(stage):
    stage.world.begin_flush(stage.somebody())


def flush_and_wait(stage):
    stage.sidecars.wait_until_ready()
    stage.world.flush()


def kill_while_flushing(stage):
    victim = stage.somebody()
    stage.world.begin_flush(victim)
    time.sleep(stage.chance.uniform(0, FLUSH_SECONDS))
    victim.kill()
    stage.usage.turn(CALLS_A_STEP)
    stage.relaunch_the_dead()


def kill_everybody(stage):
    for sidecar in stage.sidecars.all:
        stage.world.begin_flush(sidecar)
    time.sleep(stage.chance.uniform(0, FLUSH_SECONDS))
    for sidecar in stage.sidecars.all:
        sidecar.kill()
    stage.relaunch_the_dead()
    stage.sidecars.wait_until_ready()


def freeze(stage):
    stage.redis.freeze()
    stage.world.begin_flush(stage.somebody())
    stage.usage.turn_for(stage.chance.uniform(0.05, 1.5) * TTL_SECONDS)
    stage.redis.thaw()


def restart(stage):
    stage.redis.client().save()
    stage.redis.stop()
    stage.usage.turn(CALLS_A_STEP)
    stage.redis.start()


def kill_redis(stage):
    """Its sidecar starts it again, on what it has written."""
    stage.world.begin_flush(stage.somebody())
    time.sleep(stage.chance.uniform(0, FLUSH_SECONDS))
    stage.redis.kill()
    stage.usage.turn(CALLS_A_STEP)

    def answers():
        # A sidecar that was only just starting it ends as well.
        stage.relaunch_the_dead()
        return stage.redis.answers()

    wait_until(answers, "redis-server answers")


def kill_both(stage):
    [sidecar] = stage.sidecars.all
    stage.world.begin_flush(sidecar)
    time.sleep(stage.chance.uniform(0, FLUSH_SECONDS))
    sidecar.kill()
    stage.redis.kill()
    stage.relaunch_the_dead()
    stage.sidecars.wait_until_ready()


def keep_snapshot(stage):
    stage.redis.keep_snapshot()
    stage.has_snapshot = True


def roll_back(stage):
    if stage.has_snapshot:
        if stage.chance.random() < 0.5:
            stage.world.begin_flush(stage.somebody())
            time.sleep(stage.chance.uniform(0, FLUSH_SECONDS))
        stage.redis.kill_and_go_back()
        wait_until(stage.redis.answers, "redis-server answers")


def swing(stage):
    """A total goes up, is sent, and comes back to what it was, while something happens in between."""
    tenant, amount = stage.chance.choice(TENANTS), stage.chance.randint(1, 9)
    if stage.chance.random() < 0.5:
        flush_and_wait(stage)
        if not stage.is_managed:
            keep_snapshot(stage)
    stage.usage.call(tenant, "TAKE", amount)
    if stage.chance.random() < 0.5:
        flush_and_wait(stage)
    of_redis = (kill_redis, kill_both) if stage.is_managed else (restart, roll_back, roll_back)
    stage.chance.choice((flush, kill_while_flushing, freeze, *of_redis))(stage)
    if stage.chance.random() < 0.7:
        # Nothing is given back while Redis learns.
        stage.sidecars.wait_until_ready()
        stage.world.wait_until_redis_has_learned()
    stage.usage.call(tenant, "REFUND", amount)
    if stage.chance.random() < 0.5:
        # Later usage of the hour would make up for what is wrong now.
        compare(stage)


def compare(stage, *tenants):
    """Everything works again, and whatever was counted is sent: now Redis and the sandbox must agree, of all tenants or
    of these."""
    stage.relaunch_the_dead()
    stage.sidecars.wait_until_ready()
    stage.usage.close()
    stage.world.wait_until_nothing_is_under_way()
    stage.world.take_faults_back()
    stage.world.send_everything()
    stage.world.assert_told(*tenants)
    stage.usage.assert_within_bounds(redis_totals(stage.world.redis))


def misbehave(stage):
    for _ in range(stage.chance.randint(1, 5)):
        tenant = stage.chance.choice((None, *TENANTS))
        stage.world.fault(tenant=tenant, **FAULTS[stage.chance.choice(list(FAULTS))])


def misbehave_by_chance(stage):
    """From now on, until all is compared, any request may meet any fault."""
    percent = stage.chance.randint(5, 40)
    chaos = {"seed": stage.chance.randrange(1 << 31), "percent": percent, "delay_ms": LATE_MS}
    stage.world.sandbox.control("POST", "chaos", chaos)


def let_time_pass(stage):
    stage.world.advance(stage.chance.choice((5, 20, 60, 600, 4_000)))


# The more often a disturbance stands here the more often it comes.
DISTURBANCES = [
    *4 * [flush], *3 * [misbehave], misbehave_by_chance, *2 * [let_time_pass], *2 * [kill_while_flushing],
    kill_everybody, freeze, restart, *2 * [keep_snapshot], roll_back, *4 * [swing],
]  # fmt: skip

# Of a sidecar with a Redis of its own, which forgets nothing.
MANAGED_DISTURBANCES = [
    *4 * [flush], *4 * [misbehave], misbehave_by_chance, *2 * [let_time_pass], *3 * [kill_while_flushing],
    *2 * [freeze], *2 * [kill_redis], *2 * [kill_both], *4 * [swing],
]  # fmt: skip
# Those that break something.
TROUBLES = [kill_while_flushing, kill_everybody, freeze, restart, roll_back, misbehave]


def put_tenants(world, chance):
    """The first has a period that has just ended, perhaps within an hour: its books close, and usage comes late."""
    edge = (world.clock.hour - chance.randint(0, 2)) * HOUR + chance.choice((0, 300))
    world.put(TENANTS[0], anchor=edge, period=(edge - 30 * 86_400, edge))
    world.put(*TENANTS[1:])


def is_managed(seed):
    """Whether a round has one sidecar with a Redis of its own, and not two with one that forgets."""
    return seed % 5 == 4


def play(directory, seed, mode):
    """Plays a round and asserts what must hold."""
    chance = random.Random(f"{seed} {mode}")
    with contextlib.ExitStack() as stack:
        world = BilledWorld(directory, mode, 1 if is_managed(seed) else SIDECARS, is_managed=is_managed(seed))
        stack.callback(world.end)
        world.start()
        put_tenants(world, chance)
        usage = UsageAtRandom(world, TENANTS, chance)
        stage = Stage(world, usage, chance)
        try:
            for _ in range(STEPS):
                usage.turn(chance.randint(1, CALLS_A_STEP))
                stage.disturb(MANAGED_DISTURBANCES if stage.is_managed else DISTURBANCES)
            compare(stage)
            world.assert_all_agree()
        except AssertionError as error:
            replay = f"make soak ROUNDS=0 STRIPE_ROUNDS=1 SEED={seed} MODE={mode}"
            raise AssertionError(f"{error}\n{stage}\nreplay: {replay}") from error
