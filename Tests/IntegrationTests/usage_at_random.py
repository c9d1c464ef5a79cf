"""Usage that goes up and down at several sidecars, and between which bounds its answers leave the totals."""

import time
from collections import Counter

from owed_hours import HOUR
from resp_socket import Closed, ErrorReply, RespSocket

ANSWER_SECONDS = 0.5
LONGEST_TURN_SECONDS = 0.3
OLDEST_HOURS = 3
# A sidecar learns from its next sync that the time was moved.
BEHIND = "BADARG AT: lies in the future"


class UsageAtRandom:
    """Calls of a few tenants, one after the other, at whichever sidecar is there."""

    def __init__(self, world, tenants, chance):
        self.world, self.tenants, self.chance = world, tenants, chance
        self.gates = {}
        self.least, self.most = Counter(), Counter()  # by tenant: what was answered, and what may have been counted
        self.calls, self.unanswered = 0, 0

    def turn(self, calls):
        # Each call may have to wait for a Redis that is away.
        end = time.monotonic() + LONGEST_TURN_SECONDS
        for _ in range(calls):
            if time.monotonic() > end:
                return
            self.call(self.chance.choice(self.tenants), *self.choose())

    def call(self, tenant, word, amount, *rest):
        sidecar = self.chance.choice(self.world.sidecars.all)
        try:
            if sidecar not in self.gates:
                self.gates[sidecar] = RespSocket(sidecar.gate, timeout=ANSWER_SECONDS)
        except OSError:
            return  # Nobody is there, so nothing was asked.
        self.calls += 1
        try:
            answer = self.gates[sidecar].call(word, tenant, self.world.mode.meter, amount, *rest)
        except (OSError, Closed):
            self.gates.pop(sidecar).close()
            self.note_unanswered(word, tenant, amount)
            return
        if answer == BEHIND:
            return
        if isinstance(answer, ErrorReply):
            assert answer.startswith("STORE"), answer
            self.note_unanswered(word, tenant, amount)
        elif word == "TAKE":
            # Without Redis a policy may refuse what has no lease.
            assert answer[1] == "ok" or answer[:2] == [0, "degraded"], answer
            self.note(tenant, amount * answer[0])
        else:
            [[_, counted, _, _]] = answer
            self.note(tenant, counted if word == "RECORD" else -counted)

    def choose(self):
        # Small, so that totals often come back to what Stripe acknowledged.
        amount = self.chance.choice((1, 1, 1, 1, 2, 7))
        kind = self.chance.random()
        if kind < 0.4:
            return "TAKE", amount
        if kind < 0.6:
            earlier = self.world.clock.now() - self.chance.randint(0, OLDEST_HOURS) * HOUR
            return "RECORD", amount, "AT", int(earlier * 1000)
        return "REFUND", amount * self.chance.choice((1, 1, 3))

    def note(self, tenant, amount):
        self.least[tenant] += amount
        self.most[tenant] += amount

    def note_unanswered(self, word, tenant, amount):
        self.unanswered += 1
        if word == "REFUND":
            self.least[tenant] -= amount
        else:
            self.most[tenant] += amount

    def turn_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn(1)

    def close(self):
        for gate in self.gates.values():
            gate.close()
        self.gates = {}

    def assert_within_bounds(self, stored):
        """`stored` is what Redis has of each tenant's hours."""
        used = Counter()
        for (_, customer, _), total in stored.items():
            used[customer.removeprefix("cus_")] += total
        for tenant in self.tenants:
            bounds = f"{self.least[tenant]} to {self.most[tenant]}"
            told = f"{tenant} used {used[tenant]}, and was answered {bounds}"
            assert self.least[tenant] <= used[tenant] <= self.most[tenant], told

    def __str__(self):
        return f"{self.calls} calls, {self.unanswered} without an answer; least {dict(self.least)}"
