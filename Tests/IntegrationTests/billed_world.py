"""Sidecars, their Redis and a Stripe sandbox in a time that a test moves, and whether their totals agree."""

import contextlib
import os
import threading
from collections import defaultdict
from datetime import UTC, datetime

from sandbox import Sandbox

from billing_modes import ACCOUNT, customer, customers
from daemon import TESTS
from owed_hours import HOUR, owed, redis_hours
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
# How long Stripe's summaries follow behind, and how long that is waited for.
SUMMARY_DELAY_SECONDS, SUMMARY_LAG_SECONDS = 5, 10
LEDGER_DAYS = 35
SETTINGS = {
    "stripe_timeout": f"{TIMEOUT_MS}ms",
    "stripe_flush_interval": "1h",
    "stripe_summary_lag": f"{SUMMARY_LAG_SECONDS}s",
    "ledger_retention": f"{LEDGER_DAYS}d",
}
PERIOD_BEGAN_DAYS_AGO = 10
START_OF_TESTS = 600  # seconds into an hour, so that it turns only when a test says so


class BilledWorld:
    """All of them, for one way to write usage."""

    def __init__(self, directory, mode, sidecars=1, **settings):
        self.mode = mode
        self.clock = ShiftedClock(directory)
        self.clock.go_to_the_next_hour(START_OF_TESTS)
        self.sandbox = Sandbox()
        self.clock.follow(self.sandbox)
        self.sandbox.control("POST", "settings", {"summary_delay_seconds": SUMMARY_DELAY_SECONDS})
        self.sandbox.seed(**ACCOUNT)
        self.anchor = int(self.clock.now()) // HOUR * HOUR - PERIOD_BEGAN_DAYS_AGO * 86_400
        billing = {"STRIPE_SECRET_KEY": "sk_test_integration"}
        self.sidecars = Sidecars(
            directory, sidecars, plans=PLANS, environment={**self.clock.environment, **billing},
            stripe_api_base=self.sandbox.url, **{**SETTINGS, **mode.settings, **settings})  # fmt: skip
        self.redis = self.sidecars.redis
        self.flushes = []
        self.reports = []  # of the last flush; None where it failed
        self.planned = {}  # faults of tenants: where, and how often

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

    def put(self, *tenants, anchor=None, period=None):
        """Puts tenants that are customers, with periods as the account counts them from `anchor`."""
        self.sandbox.seed(**customers(tenants, anchor or self.anchor))
        fields = dict(zip(("period_start", "period_end"), map(utc_text, period or ())))
        for tenant in tenants:
            self.sidecar.put(tenant, plan="all", customer=customer(tenant), subscription=f"sub_{tenant}", **fields)

    def fault(self, kind, tenant=None, **more):
        """Strikes what is sent of a tenant, or of any."""
        place = self.mode.place(tenant)
        if tenant:
            self.planned[tenant] = (place, more.get("count", 1))
        self.sandbox.fault(kind, **place, **more)

    def take_faults_back(self):
        """Takes back what is left of all faults."""
        self.sandbox.control("DELETE", "faults")
        self.sandbox.control("POST", "chaos", {"percent": 0})
        self.planned = {}

    def waiting(self):
        """The tenants whose own fault has not struck yet."""
        faults = self.sandbox.state()["faults"]

        def left(place):
            return sum(fault["count"] for fault in faults if place.items() <= fault.items())

        return {tenant for tenant, (place, count) in self.planned.items() if left(place) == count}

    def begin_flush(self, sidecar):
        """Asks for a round and does not wait for its end, which the sidecar may not live to see."""

        def ask():
            with contextlib.suppress(OSError, EOFError):
                sidecar.http("POST", "/v1/billing/flush")

        self.flushes.append(threading.Thread(target=ask, daemon=True))
        self.flushes[-1].start()

    def is_flushing(self):
        """Whether a round that was asked for is not over."""
        return any(thread.is_alive() for thread in self.flushes)

    def flush(self):
        """Lets each sidecar that lives send what is its own, whatever comes of it; nothing is under way afterwards.
        Answers as the last one does, and keeps what the others answered."""
        self.reports = []
        # Nothing is sent of a partition that learns, and it begins anew when the time is moved meanwhile.
        self.wait_until_redis_has_learned()
        for sidecar in filter(is_alive, self.sidecars.all):
            status, report = sidecar.http("POST", "/v1/billing/flush")
            if status == 200 and any(group["state"] == "elsewhere" for group in report["waiting"]):
                # When the time is moved claims run out, and that is noticed when they are used.
                status, report = sidecar.http("POST", "/v1/billing/flush")
            self.reports.append(report if status == 200 else None)
        self.wait_until_nothing_is_under_way()
        return status, report

    def wait_until_redis_has_learned(self):
        wait_until(lambda: not is_learning(self.redis), "Redis has learned what it forgot", SETTLE_SECONDS)

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
        """Flushes, and lets marks run out, until nothing is owed that can be sent."""
        self.sidecars.wait_until_settled()
        for _ in range(MOST_FLUSHES):
            _, report = self.flush()
            if self.has_sent_everything():
                return
            self.advance(MARK_SECONDS)
        raise AssertionError(f"still owed: {owed(self.sidecar)}\n{report}")

    def has_sent_everything(self):
        """Whether the last flush found nothing to send, but what waits for what may never come."""
        if not all(self.reports) or self.reports[-1]["owed"] == 0:
            return all(self.reports)
        is_over = not any(report["sent"] for report in self.reports)
        return is_over and {row["state"] for row in owed(self.sidecar)} <= {"credit", "no_customer"}

    def told(self, *tenants):
        """What Stripe is to have by Redis, and what the sandbox has of each tenant's hours, or of these tenants'."""
        of_all = due_totals(self.redis), without_zeros(self.mode.usage(self.sandbox))
        return [of_tenants(tenants, hours) if tenants else hours for hours in of_all]

    def credits(self):
        """What was given back, and billed before, and waits for usage that it lowers."""
        if not self.mode.is_by_item:
            return {}
        hours = {place: total(used, rows, states) for place, used, rows, states in hours_of(self.redis)
                 if "late" not in states}  # fmt: skip
        credits = {place: -due for place, due in hours.items() if due < 0}
        for place in credits:
            later = {other: due for other, due in hours.items() if other[:2] == place[:2] and other > place}
            billed = {other: due for other, due in later.items() if due > 0}
            assert not billed, f"the credit {place} of {credits[place]} lowers none of {billed}"
        return credits

    def assert_told(self, *tenants):
        """Stripe has of each tenant (or of these), meter and hour what it is to have, and of hours that came late in
        all."""
        stored, recorded = self.told(*tenants)
        late_groups = late_hours(self.redis)
        for group, late in (of_tenants(tenants, late_groups) if tenants else late_groups).items():
            # How much of them Stripe had before, Redis may have forgotten; the rest is in the row.
            has = late["row"] + sum(recorded.pop(place, 0) for place in late["places"])
            for place in late["places"]:
                stored.pop(place, None)
            recorded, stored = {**recorded, group: has}, {**stored, group: late["used"]}
        assert recorded == stored, f"{difference('sandbox', recorded, stored)}\n{hours_text(self.redis)}"
        self.credits()

    def assert_all_agree(self):
        """Ends the sidecars in order. *Redis = ledgers = sandbox*, of each tenant, meter and hour."""
        self.assert_told()
        recorded = self.told()[1]
        self.sidecars.stop()
        self.assert_told()
        assert recorded == self.told()[1], "the stop has changed something"
        stored = redis_totals(self.redis)
        billed = sum(recorded.values()) - sum(self.credits().values())
        assert billed == sum(stored.values()), "not all that was used is billed"
        self.assert_ledgers_agree()

    def assert_ledgers_agree(self):
        """The ledgers of sidecars that have ended have what Redis has, as far back as they keep it."""
        oldest = self.clock.now() - LEDGER_DAYS * 86_400 + HOUR
        ledgers = all_ledger_hours([os.path.join(sidecar.state, "ledger-0.tgl") for sidecar in self.sidecars.all])
        kept, stored = ({place: used for place, used in totals.items() if place[2] > oldest}
                        for totals in (ledgers, redis_totals(self.redis)))  # fmt: skip
        assert kept == stored, difference("ledgers", kept, stored)


def is_alive(sidecar):
    return sidecar.process.poll() is None


def utc_text(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_learning(redis_server):
    client = redis_server.client()
    return any(client.hget(key, "until") != "0" for key in client.scan_iter(match="*:life", count=10_000))


def redis_totals(redis_server):
    """What was used."""
    return without_zeros(redis_hours(redis_server))


def hours_of(redis_server):
    """Place, usage, late rows and the other fields of each hour."""
    client = redis_server.client()
    for key in client.scan_iter(match="*:h:*", count=10_000):
        _, _, _, meter, day, tenant = key.split(":")
        fields = client.hgetall(key)
        for hour in {field[:2] for field in fields}:
            used = sum(int(value) for field, value in fields.items() if field.startswith(f"{hour}:"))
            rows = {field[3:]: int(value) for field, value in fields.items() if field.startswith(f"{hour}^")}
            states = {field[3:]: value for field, value in fields.items() if field.startswith(f"{hour}=")}
            yield (meter, customer(tenant), int(day) * 86_400 + int(hour) * HOUR), used, rows, states


def hours_text(redis_server):
    """All that Redis has of each hour, for whoever has to find out what went wrong: it may not come again."""
    return "\n".join(f"{place}: used {used} {rows} {states}" for place, used, rows, states in hours_of(redis_server))


def due_totals(redis_server):
    """What Stripe is to hold: what was used, where it goes out once the books of its own period have closed."""
    hours = {}
    for place, used, rows, states in hours_of(redis_server):
        if "late" in states:
            hours[place] = int(states.get("acked", "0").split()[0])
        else:
            # The period before was billed a part of it. An item has no hour below zero.
            here = total(used, rows, states)
            hours[place] = (max(0, here) if is_of_an_item(states) else here) + int(states.get("earlier", 0))
    return without_zeros(hours)


def total(used, rows, states):
    """What the hour's own period is to be billed for it; below zero it is a credit."""
    used, late = max(0, used), sum(rows.values())
    earlier = int(states.get("earlier", 0))
    written_off = int(states.get("dropped", 0)) - earlier
    kept = max(0, used + max(0, late) - written_off)
    return kept - earlier + min(0, late) + int(states.get("lent", 0)) + int(states.get("waived", 0))


def is_of_an_item(states):
    """Whether it went out as usage records."""
    return states.get("to", "").startswith("si_")


def late_hours(redis_server):
    """Of each period whose books have closed: the hours that came late, what was used in them, and the row for them."""
    groups = defaultdict(lambda: {"places": [], "used": 0, "row": 0})
    for place, used, rows, states in hours_of(redis_server):
        for period, amount in rows.items():
            groups[(*place[:2], f"late for {period}")]["row"] += amount
        if "late" in states:
            group = groups[(*place[:2], f"late for {states['late'].split()[1]}")]
            group["places"].append(place)
            group["used"] += total(used, rows, states) + int(states.get("earlier", 0))
    return groups


def of_tenants(tenants, hours):
    """Those of `hours` that are these tenants'."""
    return {place: value for place, value in hours.items() if place[1].removeprefix(customer("")) in tenants}


def without_zeros(hours):
    """Who never used anything and who gave everything back are alike."""
    return {place: total for place, total in hours.items() if total}


def difference(name, totals, stored):
    lines = [
        f"{place}: {name} {totals.get(place, 0)}, redis {stored.get(place, 0)}"
        for place in sorted({*totals, *stored}, key=str)
        if totals.get(place, 0) != stored.get(place, 0)
    ]
    return "\n".join([f"{len(lines)} differ", *lines])
