import json

import pytest
import stripe

from billing import ACACIA, BASIL, ENDIVE, FEBRUARY, JANUARY, MARCH, SEED, SUBSCRIPTION, VERSIONS, period, seed_month


@pytest.fixture
def monthly(sandbox):
    seed_month(sandbox)
    return sandbox


@pytest.fixture
def planted(sandbox):
    sandbox.control("POST", "clock", {"now": JANUARY + 12 * 3_600})
    sandbox.seed(**SEED)
    return sandbox


def refusal(call, *arguments):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call(*arguments)
    return refused.value


@pytest.mark.parametrize("version", VERSIONS)
def test_the_period_stands_where_the_version_has_it(monthly, version):
    sdk, _ = monthly.sdk(version)
    subscription = sdk.v1.subscriptions.retrieve("sub_acme")
    item = sdk.v1.subscription_items.retrieve("si_messages")
    assert ("current_period_end" in subscription) == (version == ACACIA)
    assert ("current_period_end" in item) == (version != ACACIA)
    assert period(subscription) == (JANUARY, FEBRUARY)
    assert item.price.id == "price_messages" and item.subscription == "sub_acme"
    assert "quantity" not in item
    listed = sdk.v1.subscription_items.list({"subscription": "sub_acme"}).data
    assert sorted(each.id for each in listed) == ["si_base", "si_messages"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_subscription_is_created_and_bills_its_licensed_items_at_once(planted, version):
    sdk, _ = planted.sdk(version)
    now = planted.state()["now"]
    subscription = sdk.v1.subscriptions.create(
        {
            "customer": "cus_acme",
            "items": [{"price": "price_base", "quantity": 3, "metadata": {"a": "1"}}, {"price": "price_messages"}],
            "metadata": {"tenant_id": "acme"},
        }
    )
    start, end = period(subscription)
    assert now <= start < now + 60 and end - start == 31 * 86_400
    assert subscription.billing_cycle_anchor == start and subscription.status == "active"
    invoice = sdk.v1.invoices.retrieve(subscription.latest_invoice)
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("paid", 6_000, "subscription_create")


def test_an_anchor_ahead_makes_a_short_first_period(planted):
    sdk, _ = planted.sdk()
    form = {"customer": "cus_acme", "items": [{"price": "price_base"}], "billing_cycle_anchor": JANUARY + 86_400}
    subscription = sdk.v1.subscriptions.create(form)
    assert period(subscription)[1] == JANUARY + 86_400
    prorated = sdk.v1.invoices.retrieve(subscription.latest_invoice)
    # Half a day, or a little less, of the 31 that the price is for.
    assert 0 < prorated.total <= 2_000 * 12 // (31 * 24) + 1
    assert sdk.v1.subscriptions.create({**form, "proration_behavior": "none"}).latest_invoice
    assert sdk.v1.invoices.list({"limit": 1}).data[0].total == 0
    for anchor in (JANUARY, JANUARY + 40 * 86_400):
        assert refusal(sdk.v1.subscriptions.create, {**form, "billing_cycle_anchor": anchor}).param == (
            "billing_cycle_anchor"
        )


@pytest.mark.parametrize(
    ("items", "param"),
    [
        ([], "items"),
        ([{"price": "price_none"}], "items[0][price]"),
        ([{"quantity": 1}], "items[0][price]"),
        ([{"price": "price_base"}, {"price": "price_base"}], "items[1][price]"),
        ([{"price": "price_messages", "quantity": 1}], "items[0][quantity]"),
        ([{"price": "price_base"}, {"price": "price_daily"}], "items[1][price]"),
        ([{"price": "price_records"}], "items[0][price]"),
        ([{"price": "price_base", "plan": "x"}], "items[0][plan]"),
    ],
)
def test_items_that_cannot_be_are_refused(planted, items, param):
    planted.seed(prices=[{"id": "price_daily", "product": "prod_chat", "interval": "day"}])
    sdk, _ = planted.sdk()
    assert refusal(sdk.v1.subscriptions.create, {"customer": "cus_acme", "items": items}).param == param
    assert planted.state()["subscriptions"] == []


def test_an_inactive_price_and_an_unknown_customer_are_refused(planted):
    sdk, _ = planted.sdk()
    sdk.v1.prices.update("price_base", {"active": False})
    form = {"customer": "cus_acme", "items": [{"price": "price_base"}]}
    assert "inactive" in str(refusal(sdk.v1.subscriptions.create, form))
    assert refusal(sdk.v1.subscriptions.create, {**form, "customer": "cus_none"}).param == "customer"


def test_only_acacia_attaches_legacy_metered_prices(planted):
    form = {"customer": "cus_acme", "items": [{"price": "price_records"}]}
    for version in (BASIL, ENDIVE):
        refusal(planted.sdk(version)[0].v1.subscriptions.create, form)
    made = planted.sdk(ACACIA)[0].v1.subscriptions.create(form)
    # What acacia made, newer versions can read.
    item = planted.sdk(ENDIVE)[0].v1.subscriptions.retrieve(made.id)["items"].data[0]
    assert item.price.recurring.usage_type == "metered" and "aggregate_usage" not in item.price.recurring


def test_periods_turn_with_the_clock(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "clock", {"now": FEBRUARY - 60})
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (JANUARY, FEBRUARY)
    monthly.control("POST", "clock", {"now": FEBRUARY})
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (FEBRUARY, MARCH)


@pytest.mark.parametrize(
    ("version", "form_of"), [(ACACIA, str), (BASIL, str), (ENDIVE, lambda kind: {"type": kind})], ids=str)
def test_a_new_period_begins_at_once_where_that_is_asked_for(monthly, version, form_of):
    sdk, _ = monthly.sdk(version)
    middle = JANUARY + 10 * 86_400
    monthly.control("POST", "clock", {"now": middle})
    form = {"billing_cycle_anchor": form_of("now"), "proration_behavior": "none"}
    changed = sdk.v1.subscriptions.update("sub_acme", form)
    at = changed.billing_cycle_anchor
    # The clock goes on meanwhile.
    assert middle <= at < middle + 60 and period(changed) == (at, at + 31 * 86_400)
    invoice = sdk.v1.invoices.retrieve(changed.latest_invoice)
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert (invoice.period_start, invoice.period_end) == (JANUARY, at)
    same = sdk.v1.subscriptions.update("sub_acme", {"billing_cycle_anchor": form_of("unchanged")})
    assert period(same) == period(changed)


def test_the_end_of_a_long_month_is_kept_through_a_short_one(planted):
    thirty_first = JANUARY + 30 * 86_400
    planted.control("POST", "clock", {"now": thirty_first})
    planted.seed(subscriptions=[{**SUBSCRIPTION, "billing_cycle_anchor": thirty_first}])
    sdk, _ = planted.sdk()
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (thirty_first, MARCH - 86_400)
    planted.control("POST", "clock", {"now": MARCH})
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (MARCH - 86_400, MARCH + 30 * 86_400)


@pytest.mark.parametrize(
    ("interval", "count", "end"),
    [("day", 3, 3 * 86_400), ("week", 2, 14 * 86_400), ("month", 3, 90 * 86_400), ("year", 1, 365 * 86_400)],
)
def test_periods_have_the_length_of_their_prices_interval(planted, interval, count, end):
    price = {"id": "price_other", "product": "prod_chat", "interval": interval, "interval_count": count}
    items = [{"price": "price_other"}]
    planted.seed(prices=[price], subscriptions=[{**SUBSCRIPTION, "items": items}])
    sdk, _ = planted.sdk()
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (JANUARY, JANUARY + end)
    planted.control("POST", "clock", {"now": JANUARY + end})
    assert period(sdk.v1.subscriptions.retrieve("sub_acme"))[0] == JANUARY + end


def test_a_jump_over_more_periods_than_are_settled_at_once_is_caught_up_with(planted):
    items = [{"price": "price_daily"}]
    price = {"id": "price_daily", "product": "prod_chat", "interval": "day"}
    planted.seed(prices=[price], subscriptions=[{**SUBSCRIPTION, "items": items}])
    planted.control("POST", "clock", {"now": JANUARY + 700 * 86_400})
    sdk, _ = planted.sdk()

    def caught_up():
        return period(sdk.v1.subscriptions.retrieve("sub_acme"))[0] == JANUARY + 700 * 86_400

    planted.wait_until(caught_up, "every period has turned")
    assert len(planted.state()["invoices"]) == 700


def test_subscriptions_are_listed_by_status_customer_and_price(monthly):
    sdk, _ = monthly.sdk()
    monthly.seed(
        customers=[{"id": "cus_globex"}],
        subscriptions=[
            {"id": "sub_late", "customer": "cus_globex", "items": [{"price": "price_base"}], "status": "past_due"},
            {"id": "sub_gone", "customer": "cus_globex", "items": [{"price": "price_base"}], "status": "canceled"},
        ],
    )

    def ids(**filters):
        return [each.id for each in sdk.v1.subscriptions.list(filters).data]

    assert ids() == ["sub_late", "sub_acme"]
    assert ids(status="all") == ["sub_gone", "sub_late", "sub_acme"]
    assert ids(status="ended") == ids(status="canceled") == ["sub_gone"]
    assert ids(status="past_due") == ids(customer="cus_globex") == ["sub_late"]
    assert ids(price="price_messages") == ["sub_acme"]
    page = sdk.v1.subscriptions.list({"limit": 1})
    assert page.has_more and [each.id for each in page.auto_paging_iter()] == ["sub_late", "sub_acme"]


def test_items_are_changed_added_and_removed(monthly):
    sdk, _ = monthly.sdk()
    items = [{"id": "si_base", "quantity": 4}, {"id": "si_messages", "deleted": True}]
    assert "prorations" in str(refusal(sdk.v1.subscriptions.update, "sub_acme", {"items": items}))
    changed = sdk.v1.subscriptions.update(
        "sub_acme", {"items": items, "proration_behavior": "none", "metadata": {"plan": "b"}}
    )
    assert [(item.id, item.quantity) for item in changed["items"].data] == [("si_base", 4)]
    assert changed.metadata.to_dict() == {"plan": "b", "tenant_id": "acme"}
    assert refusal(sdk.v1.subscription_items.retrieve, "si_messages").code == "resource_missing"
    again = sdk.v1.subscriptions.update("sub_acme", {"items": [{"price": "price_messages"}]})
    assert period(again) == (JANUARY, FEBRUARY) and len(again["items"].data) == 2
    nothing = [{"id": item.id, "deleted": True} for item in again["items"].data]
    refusal(sdk.v1.subscriptions.update, "sub_acme", {"items": nothing, "proration_behavior": "none"})


def test_a_subscription_ends_with_its_period_when_it_is_told_to(monthly):
    sdk, _ = monthly.sdk()
    marked = sdk.v1.subscriptions.update("sub_acme", {"cancel_at_period_end": True})
    assert marked.cancel_at_period_end and marked.cancel_at == FEBRUARY and marked.status == "active"
    kept = sdk.v1.subscriptions.update("sub_acme", {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    sdk.v1.subscriptions.update("sub_acme", {"cancel_at_period_end": True})
    monthly.control("POST", "clock", {"now": FEBRUARY})
    ended = sdk.v1.subscriptions.retrieve("sub_acme")
    assert (ended.status, ended.ended_at) == ("canceled", FEBRUARY)
    assert refusal(sdk.v1.subscriptions.update, "sub_acme", {"metadata": {"a": "1"}}).code == "resource_missing"


def test_a_subscription_can_be_canceled_at_once(monthly):
    sdk, _ = monthly.sdk()
    ended = sdk.v1.subscriptions.cancel("sub_acme", {"cancellation_details": {"comment": "bye"}})
    assert (ended.status, ended.cancellation_details.comment) == ("canceled", "bye")
    assert refusal(sdk.v1.subscriptions.cancel, "sub_acme").code == "resource_missing"
    monthly.control("POST", "clock", {"now": MARCH})
    assert monthly.state()["invoices"] == []


def test_deleting_a_customer_cancels_what_it_has(monthly):
    sdk, _ = monthly.sdk()
    sdk.v1.customers.delete("cus_acme")
    assert sdk.v1.subscriptions.retrieve("sub_acme").status == "canceled"


def test_paused_subscriptions_stand_still(sandbox):
    seed_month(sandbox, status="paused")
    sandbox.control("POST", "clock", {"now": MARCH})
    sdk, _ = sandbox.sdk()
    assert period(sdk.v1.subscriptions.retrieve("sub_acme")) == (JANUARY, FEBRUARY)
    assert sandbox.state()["invoices"] == []


def test_a_seed_that_does_not_fit_changes_nothing(sandbox):
    for change in ({"customer": "cus_none"}, {"items": [{"price": "price_none"}]}):
        seed = {**SEED, "subscriptions": [{**SUBSCRIPTION, **change}]}
        assert sandbox.send("POST", "/_sandbox/seed", json.dumps(seed)).status == 409
    assert sandbox.state()["prices"] == []
    assert sandbox.seed(**SEED, subscriptions=[SUBSCRIPTION])["created"] == 7
    assert sandbox.seed(**SEED, subscriptions=[SUBSCRIPTION])["created"] == 0
