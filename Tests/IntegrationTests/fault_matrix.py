"""What happens in the fault matrix: the moments at which a sidecar dies, and what its tenants use meanwhile.

A sidecar is killed at a moment of the sends of several tenants, one of them that at which a fault of its own has struck
each. It starts again, usage goes up or back to nothing, and each tenant's next send meets its fault.
"""

from billed_world import MARK_SECONDS, difference
from owed_hours import owed
from resp_socket import ErrorReply
from stripe_faults import FAULTS
from waiting import wait_until

# Longer than it takes to see that it is held, and to kill who sent it.
HELD_MS = 700
SENDS_AT_ONCE = 8
STREAM_PAUSE_SECONDS = 601
# What a tenant has used: acknowledged by Stripe, when its sidecar dies, when the fault strikes, and after that. Back to
# what is acknowledged, and back to nothing, are among them: an hour must not look settled while a send is in doubt.
ACKNOWLEDGED, IN_DOUBT = 10, 17
WHEN_STRUCK = (20, ACKNOWLEDGED, 0)
STRUCK_LAST = 21
USED_AGAIN = 30
AFTERWARDS = (ACKNOWLEDGED, IN_DOUBT, 25, ACKNOWLEDGED)


class Usage:
    """What each of some tenants has used."""

    def __init__(self, world, tenants):
        self.world, self.tenants = world, tenants
        self.totals = dict.fromkeys(tenants, 0)

    def set(self, *totals, only=None):
        """Uses or gives back until each, or only one, has the total whose turn it is; returns when Redis knows."""
        with self.world.sidecar.resp() as gate:
            for number, tenant in enumerate(self.tenants):
                if only not in (None, tenant):
                    continue
                total = totals[number % len(totals)]
                change = total - self.totals[tenant]
                if change > 0:
                    assert gate.call("TAKE", tenant, self.world.mode.meter, change)[0] == 1
                elif change < 0:
                    self.give_back(gate, tenant, -change)
                self.totals[tenant] = total
        self.world.sidecars.wait_until_settled()

    def give_back(self, gate, tenant, amount):
        # After a Redis that forgot nothing is given back until all is told again.
        def is_given_back():
            answer = gate.call("REFUND", tenant, self.world.mode.meter, amount)
            assert not isinstance(answer, ErrorReply) or answer.startswith("STORE"), answer
            return not isinstance(answer, ErrorReply)

        wait_until(is_given_back, f"{tenant} has given back {amount}")

    def is_billed(self):
        """Whether the sandbox has the totals of these tenants."""
        recorded = dict.fromkeys(self.tenants, 0)
        for (_, customer, _), value in self.world.mode.usage(self.world.sandbox).items():
            if customer.removeprefix("cus_") in recorded:
                recorded[customer.removeprefix("cus_")] += value
        return recorded == self.totals


def restart(world):
    world.sidecar.kill()
    world.sidecar.launch()
    world.sidecars.wait_until_ready()


def killed_before_send(world, usage):
    """The hours are marked as being sent, and nothing of it reaches Stripe."""
    usage.set(IN_DOUBT)
    kill_in_flight(world, usage, "reset")
    assert not usage.is_billed()


def killed_after_send(world, usage):
    """Stripe has the requests, and carries them out when nobody is there any more."""
    usage.set(IN_DOUBT)
    kill_in_flight(world, usage, "slow")
    assert usage.is_billed()


def kill_in_flight(world, usage, kind):
    """Kills the sidecar when all its requests are there and none is answered; returns when they are over."""
    for tenant in usage.tenants:
        world.fault(kind, tenant, delay_ms=HELD_MS)
    requests = -(-len(usage.tenants) // world.mode.hours_in_a_request)
    left = len(usage.tenants) - requests

    def are_there():
        # A sidecar that has just started may have nothing to send for yet.
        if not world.is_flushing():
            world.begin_flush(world.sidecar)
        return len(world.sandbox.state()["faults"]) == left

    wait_until(are_there, "all requests are there")
    restart(world)
    world.wait_until_nothing_is_under_way()


def killed_after_commit(world, usage):
    """Stripe has recorded everything, and nobody has heard of it."""
    usage.set(IN_DOUBT)
    for tenant in usage.tenants:
        world.fault("slow_answer", tenant, delay_ms=HELD_MS)

    def is_recorded():
        if not world.is_flushing():
            world.begin_flush(world.sidecar)
        return usage.is_billed()

    wait_until(is_recorded, "all is recorded")
    restart(world)


def killed_when_struck(world, usage):
    """Sends meet their tenants' faults, or are about to, and nobody is there any more to follow it up."""
    usage.set(IN_DOUBT)
    for tenant in usage.tenants:
        world.fault(tenant=tenant, **FAULTS[fault_of(tenant)])

    def is_struck():
        if not world.is_flushing():
            world.begin_flush(world.sidecar)
        return len(world.waiting()) < len(usage.tenants)

    wait_until(is_struck, "a fault strikes")
    restart(world)
    world.wait_until_nothing_is_under_way()


def killed_after_acknowledge(world, usage):
    usage.set(IN_DOUBT)
    world.send_everything()
    restart(world)


def forgotten_after_acknowledge(world, usage):
    """Redis is back where it was before the usage, and so are its acknowledgements."""
    world.redis.keep_snapshot()
    usage.set(IN_DOUBT)
    world.send_everything()
    world.redis.kill_and_go_back()
    restart(world)


MOMENTS = [
    killed_before_send, killed_after_send, killed_when_struck, killed_after_commit, killed_after_acknowledge,
    forgotten_after_acknowledge,
]  # fmt: skip


def fault_of(tenant):
    """The fault that a tenant is named after."""
    return tenant.split("__")[0]


def play(world, moment):
    """Lets each tenant of a moment live through it and its own fault; asserts that all is billed."""
    # No name is the beginning of another.
    names = [f"{fault}__{moment.__name__}" for fault in FAULTS]
    usages = [Usage(world, names[at : at + SENDS_AT_ONCE]) for at in range(0, len(names), SENDS_AT_ONCE)]
    world.put(*names)
    set_all(usages, ACKNOWLEDGED)
    world.send_everything()
    for usage in usages:
        moment(world, usage)
        world.take_faults_back()
    *others, last = names
    for tenant in others:
        world.fault(tenant=tenant, **FAULTS[fault_of(tenant)])
    # Where Stripe has surely recorded nothing, an hour that is back at what is acknowledged has nothing to send.
    set_all(usages, *(total for total in WHEN_STRUCK if moment != killed_when_struck or total != ACKNOWLEDGED))
    flush_until_all_have_struck(world, usages)
    # By itself: nothing goes to a stream for a while that takes nothing from the key, and no fault strikes there.
    world.fault(tenant=last, **FAULTS[fault_of(last)])
    usages[-1].set(STRUCK_LAST, only=last)
    flush_until_all_have_struck(world, usages)
    set_all(usages, *AFTERWARDS)
    world.send_everything()
    assert all(usage.is_billed() for usage in usages)
    set_all(usages, IN_DOUBT)
    world.send_everything()
    assert all(usage.is_billed() for usage in usages)
    stored, recorded = world.told()
    assert recorded == stored, difference("sandbox", recorded, stored)


def flush_until_all_have_struck(world, usages):
    # One strikes a request, which may hold the hours of all tenants.
    for number in range(2 * len(FAULTS)):
        world.advance(MARK_SECONDS)
        world.flush()
        if not world.waiting():
            world.take_faults_back()
            # The stream is left alone for a while after it has refused a request.
            world.advance(STREAM_PAUSE_SECONDS)
            return
        if all(world.reports) and world.reports[-1]["owed"] == 0:
            # They went past a stream that took no request, where no fault waits for them.
            world.advance(STREAM_PAUSE_SECONDS)
            set_all(usages, USED_AGAIN + number)
    raise AssertionError(f"{world.waiting()} were not struck\n{owed(world.sidecar)}\n{world.sidecar.log}")


def set_all(usages, *totals):
    for usage in usages:
        usage.set(*totals)
