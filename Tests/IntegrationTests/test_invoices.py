"""What Stripe bills in the end: usage is on the invoice of its period, and what comes late on the next one."""

import calendar
from datetime import UTC, datetime

import pytest

from billing_modes import MODES, customers
from owed_hours import HOUR
from sidecars import SETTLE_SECONDS
from waiting import wait_until

TENANT = "acme"
DAY = 86_400
# The test of refunds is over within one day, by which usage is counted there.
HOURS_OF_A_REFUND = 7


def put_subscriber(world, edge):
    """Puts a tenant that is billed by the mode's meter, and whose period ends at `edge`."""
    seeds = customers([TENANT], edge)
    if not world.mode.is_by_item:
        price = {"id": "price_metered", "product": "prod_tests", "unit_amount_decimal": "2", "meter": world.mode.meter}
        world.sandbox.seed(prices=[price])
        for subscription in seeds["subscriptions"]:
            subscription["items"][0]["price"] = price["id"]
    world.sandbox.seed(**seeds)
    world.put(TENANT, anchor=edge, period=(edge - 30 * DAY, edge))


def units_billed(world):
    """Of each period so far, the oldest first; of the one that runs what an invoice would bill now."""
    billed = [units for _, units in invoices(world)]
    return [*billed, sum(world.mode.usage(world.sandbox).values()) - sum(billed)]


def invoices(world):
    """Status and units of each that bills usage, the oldest first."""
    return [
        (invoice["status"], sum(line["quantity"] for line in invoice["lines"]["data"]))
        for invoice in world.sandbox.state()["invoices"]
    ]


def a_month_after(instant):
    date = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(date.year * 12 + date.month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return int(date.replace(year=year, month=month + 1, day=min(date.day, last)).timestamp())


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_last_totals_are_on_the_periods_invoice_and_late_ones_on_the_next(start_world, mode):
    world = start_world(mode)
    edge = (world.clock.hour + 1) * HOUR
    put_subscriber(world, edge)
    with world.sidecar.resp() as gate:
        assert gate.call("TAKE", TENANT, mode.meter, 5)[0] == 1
        world.sidecars.wait_until_settled()
        # The period is over, and its invoice a draft.
        world.clock.set(edge + 60)
        world.send_everything()
        assert invoices(world) == [("draft", 5)]

        def is_recorded():
            # A sidecar learns from its next sync that the time was moved.
            return gate.call("RECORD", TENANT, mode.meter, 3, "AT", edge * 1000)[0][1:2] == [3]

        wait_until(is_recorded, "the usage is counted", SETTLE_SECONDS)
        world.send_everything()
        assert invoices(world) == [("draft", 5)]
        world.clock.set(edge + 2 * HOUR)
        world.wait_until_redis_has_learned()
        gate.call("RECORD", TENANT, mode.meter, 7, "AT", (edge - HOUR) * 1000)
        world.send_everything()
    assert invoices(world) == [("paid", 5)]
    end = a_month_after(edge)
    world.put(TENANT, anchor=edge, period=(edge, end))
    world.clock.set(end + 2 * HOUR)
    assert invoices(world) == [("paid", 5), ("paid", 10)]


def test_how_long_the_last_totals_have_is_told_while_stripe_is_away(start_world):
    [mode] = [mode for mode in MODES if mode.name == "window"]
    world = start_world(mode)
    edge = (world.clock.hour + 1) * HOUR
    put_subscriber(world, edge)
    world.sandbox.fault("error_500", path="/v1/billing/meters", count=1_000)
    with world.sidecar.resp() as gate:
        assert gate.call("TAKE", TENANT, mode.meter, 5)[0] == 1
    world.clock.set(edge + 60)
    world.flush()
    # Stripe finalises an hour after the period's end, and the books close five minutes before.
    assert 3_300 - 60 - 30 < world.sidecar.metric("tollgate_books_close_seconds") <= 3_300 - 60
    assert world.sidecar.metric("tollgate_owed_oldest_seconds") >= HOUR + 60
    world.take_faults_back()
    world.send_everything()
    assert invoices(world) == [("draft", 5)]
    assert world.sidecar.metric("tollgate_books_close_seconds") == -1
    assert world.sidecar.metric("tollgate_owed_oldest_seconds") == 0


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.is_by_item], ids=str)
def test_what_is_given_back_of_a_billed_period_is_taken_off_what_is_used_next(start_world, mode):
    world = start_world(mode)
    while world.clock.hour % 24 > 24 - HOURS_OF_A_REFUND:
        world.advance(HOUR)
    edge = (world.clock.hour + 1) * HOUR
    put_subscriber(world, edge)
    with world.sidecar.resp() as gate:
        assert gate.call("TAKE", TENANT, mode.meter, 20)[0] == 1
        world.send_everything()
        world.clock.set(edge + 2 * HOUR)
        world.put(TENANT, anchor=edge, period=(edge, a_month_after(edge)))
        world.wait_until_redis_has_learned()
        # The limit counts by days, and the invoice by the subscription's period.
        assert gate.call("REFUND", TENANT, mode.meter, 12) == [[mode.meter, 12, 8, 0]]
        world.send_everything()
        assert units_billed(world) == [20, 0]
        [row] = world.sidecar.run("outbox", "--json").json["owed"]
        assert (row["total"], row["state"]) == (-12, "credit")
        for used, billed in ((5, 0), (6, 0), (7, 6)):
            gate.call("TAKE", TENANT, mode.meter, used)
            world.send_everything()
            assert units_billed(world) == [20, billed]
            world.advance(HOUR)
            world.wait_until_redis_has_learned()
    assert world.sidecar.run("outbox", "--json").json["owed"] == []
    world.assert_all_agree()
