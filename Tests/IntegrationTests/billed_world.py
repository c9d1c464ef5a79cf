"""Sidecars, their Redis and a Stripe sandbox in a time that a test moves, and whether their totals agree."""

import contextlib
import os
import threading

from sandbox import Sandbox

from billing_modes import METERS
from daemon import TESTS
from owed_hours import owed, redis_hours
from shifted_clock import ShiftedClock
from sidecars import SETTLE_SECONDS, Sidecars
from stripe_faults import TIMEOUT_MS
from usage_totals import all_ledger_hours
from waiting import wait_until

PLANS = os.path.join(TESTS, "billed_plans.yaml")
# The timeout, and the fifteen seconds for a turn: an hour whose send had no answer is sent once more after it.
MARK_SECONDS = 16
# Each brings at least one further hour of each tenant to an end, or uses up a fault.
MOST_FLUSHES = 40
START_OF_TESTS = 600  # seconds into an hour, so that it turns only when a test says so


class BilledWorld:
    """All of them, for one way to write usage."""

    def __init__(self, directory, mode, sidecars=1, **settings):
        self.mode = mode
        self.clock = ShiftedClock(directory)
        self.clock.go_to_the_next_hour(START_OF_TESTS)
        self.sandbox = Sandbox()
        self.clock.follow(self.sandbox)
        self.sandbox.seed(meters=METERS)
        billing = {"STRIPE_SECRET_KEY": "sk_test_integration"}
        self.sidecars = Sidecars(
            directory, sidecars, plans=PLANS, environment={**self.clock.environment, **billing},
            stripe_api_base=self.sandbox.url, stripe_timeout=f"{TIMEOUT_MS}ms", stripe_flush_interval="1h",
            **{"ledger_retention": "35d", **mode.settings, **settings})  # fmt: skip
        self.redis = self.sidecars.redis
        self.flushes = []
        self.planned = {}  # faults: how often, by what they match

    def start(self):
        self.sidecars.start()
        return self

    def end(self):
        self.sidecars.end()
        for thread in self.flushes:
            thread.join()
        self.sandbox.stop()

    @property
    def sidecar(self):
        """The first, or only one."""
        return self.sidecars.all[0]

    def put(self, *tenants):
        """Puts tenants that are customers."""
        self.sandbox.seed(customers=[{"id": f"cus_{tenant}"} for tenant in tenants])
        for tenant in tenants:
            self.sidecar.put(tenant, plan="all", customer=f"cus_{tenant}")

    def fault(self, kind, tenant=None, **more):
        """Strikes what is sent of a tenant, or of any."""
        if tenant:
            more["match"] = f"cus_{tenant}"
            self.planned[more["match"]] = more.get("count", 1)
        self.sandbox.fault(kind, path=self.mode.path, **more)

    def struck(self):
        """Takes back what is left of all faults; whom each has struck by then, of those that were for one."""
        left = {fault["match"]: fault["count"] for fault in self.sandbox.state()["faults"]}
        self.sandbox.control("DELETE", "faults")
        planned, self.planned = self.planned, {}
        return {match for match, count in planned.items() if left.get(match, 0) < count}

    def begin_flush(self, sidecar):
        """Asks for a round and does not wait for its end, which the sidecar may not live to see."""

        def ask():
            with contextlib.suppress(OSError, EOFError):
                sidecar.http("POST", "/v1/billing/flush")

        self.flushes.append(threading.Thread(target=ask, daemon=True))
        self.flushes[-1].start()

    def wait_until_nothing_is_under_way(self):
        """Returns when no flush runs and no request may still reach the account."""
        for thread in self.flushes:
            thread.join(60)
            assert not thread.is_alive(), "a flush does not end"
        self.flushes = []
        self.sandbox.wait_until(lambda: self.sandbox.state()["under_way"] == 0, "no request is under way")

    def advance(self, seconds):
        """Moves the time, but not past the mark of a send whose request may still arrive."""
        self.wait_until_nothing_is_under_way()
        self.clock.advance(seconds)

    def send_everything(self):
        """Flushes, and lets marks run out, until nothing is owed."""
        self.sidecars.wait_until_settled()
        for _ in range(MOST_FLUSHES):
            # Nothing is sent of a partition that learns, and it begins anew when the time is moved meanwhile.
            wait_until(lambda: not is_learning(self.redis), "Redis has learned what it forgot", SETTLE_SECONDS)
            status, report = self.sidecar.http("POST", "/v1/billing/flush")
            if status == 200 and report["owed"] == 0:
                return
            self.advance(MARK_SECONDS)
        raise AssertionError(f"still owed: {owed(self.sidecar)}\n{report}")

    def told(self):
        """What Redis, and what the sandbox has of each tenant's hours."""
        return redis_totals(self.redis), without_zeros(self.sandbox.usage())

    def assert_all_agree(self):
        """Ends the sidecars in order. *Redis = ledgers = sandbox*, of each tenant, meter and hour."""
        stored, recorded = self.told()
        assert recorded == stored, difference("sandbox", recorded, stored)
        self.sidecars.stop()
        stored = redis_totals(self.redis)
        assert recorded == stored, difference("sandbox", recorded, stored)
        kept = all_ledger_hours([os.path.join(sidecar.state, "ledger-0.tgl") for sidecar in self.sidecars.all])
        assert kept == stored, difference("ledgers", kept, stored)


def is_learning(redis_server):
    client = redis_server.client()
    return any(client.hget(key, "until") != "0" for key in client.scan_iter(match="*:life", count=10_000))


def redis_totals(redis_server):
    return without_zeros(redis_hours(redis_server))


def without_zeros(hours):
    """Who never used anything and who gave everything back are alike."""
    return {place: total for place, total in hours.items() if total}


def difference(name, totals, stored):
    lines = [
        f"{place}: {name} {totals.get(place, 0)}, redis {stored.get(place, 0)}"
        for place in sorted({*totals, *stored})
        if totals.get(place, 0) != stored.get(place, 0)
    ]
    return "\n".join([f"{len(lines)} differ", *lines])
