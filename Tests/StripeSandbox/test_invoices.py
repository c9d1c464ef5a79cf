import pytest
import stripe

from billing import ACACIA, FEBRUARY, JANUARY, MARCH, VERSIONS, invoices, seed_month
from sandbox import HOUR, Sandbox


@pytest.fixture
def monthly(sandbox):
    seed_month(sandbox)
    return sandbox


def use(sandbox, value, at):
    """One message event with a timestamp, which must be accepted."""
    answer = sandbox.event(value, timestamp=at)
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("version", VERSIONS)
def test_a_period_that_ends_makes_a_draft_with_its_usage_and_the_next_period_in_advance(monthly, version):
    sdk, _ = monthly.sdk(version)
    use(monthly, "5", JANUARY + HOUR)
    use(monthly, "7", JANUARY + 2 * HOUR)
    monthly.control("POST", "clock", {"now": FEBRUARY})
    (draft,) = invoices(sdk)
    assert (draft.status, draft.total, draft.amount_due) == ("draft", 2_006, 2_006)
    assert (draft.period_start, draft.period_end, draft.created) == (JANUARY, FEBRUARY, FEBRUARY)
    assert draft.automatically_finalizes_at == FEBRUARY + HOUR and draft.auto_advance
    lines = {line.quantity: (line.amount, line.period.start, line.period.end) for line in draft.lines.data}
    assert lines == {1: (2_000, FEBRUARY, MARCH), 12: (6, JANUARY, FEBRUARY)}
    if version == ACACIA:
        assert draft.subscription == "sub_acme" and draft.subscription_details.metadata["tenant_id"] == "acme"
        assert draft.lines.data[0].price.id == "price_base" and "parent" not in draft
    else:
        details = draft.parent.subscription_details
        assert (details.subscription, details.metadata["tenant_id"]) == ("sub_acme", "acme")
        assert draft.lines.data[0].pricing.price_details.price == "price_base" and "subscription" not in draft


def test_usage_counts_until_the_draft_is_finalised(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "clock", {"now": FEBRUARY + 3_000})
    use(monthly, "100", FEBRUARY - 1)
    use(monthly, "1000", FEBRUARY)
    assert invoices(sdk)[0].total == 2_050
    monthly.control("POST", "clock", {"now": FEBRUARY + HOUR})
    use(monthly, "300", FEBRUARY - HOUR - 1)
    (invoice,) = invoices(sdk)
    assert (invoice.status, invoice.total, invoice.amount_paid) == ("paid", 2_050, 2_050)
    transitions = invoice.status_transitions
    assert transitions.finalized_at == transitions.paid_at == FEBRUARY + HOUR
    assert invoice.automatically_finalizes_at is None and invoice.number


def test_everything_happens_at_its_own_time_however_far_the_clock_jumps(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "clock", {"now": MARCH + 2 * HOUR})
    second, first = invoices(sdk)
    assert [first.created, second.created] == [FEBRUARY, MARCH]
    assert [each.status_transitions.finalized_at for each in (first, second)] == [FEBRUARY + HOUR, MARCH + HOUR]


def test_a_period_whose_total_is_negative_bills_nothing(monthly):
    sdk, _ = monthly.sdk()
    use(monthly, "-40", JANUARY + HOUR)
    monthly.control("POST", "clock", {"now": FEBRUARY + HOUR})
    (invoice,) = invoices(sdk)
    assert invoice.total == 2_000
    assert sorted((line.quantity, line.amount) for line in invoice.lines.data) == [(-40, 0), (1, 2_000)]


def test_half_a_unit_of_the_currency_rounds_up(monthly):
    sdk, _ = monthly.sdk()
    use(monthly, "3", JANUARY + HOUR)
    monthly.control("POST", "clock", {"now": FEBRUARY})
    assert invoices(sdk)[0].total == 2_002


def test_the_wait_before_finalisation_can_be_set(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "invoices", {"finalize_after_seconds": 72 * HOUR})
    monthly.control("POST", "clock", {"now": FEBRUARY + 71 * HOUR})
    assert invoices(sdk)[0].status == "draft"
    monthly.control("POST", "clock", {"now": FEBRUARY + 72 * HOUR})
    assert invoices(sdk)[0].status == "paid"


def test_an_invoice_can_be_finalised_early_and_paid_later(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "clock", {"now": FEBRUARY})
    (draft,) = invoices(sdk)
    opened = sdk.v1.invoices.finalize_invoice(draft.id, {"auto_advance": False})
    assert (opened.status, opened.amount_remaining) == ("open", 2_000)
    with pytest.raises(stripe.InvalidRequestError, match="already finalized"):
        sdk.v1.invoices.finalize_invoice(draft.id)
    assert [each.id for each in sdk.v1.invoices.list({"status": "open"}).data] == [draft.id]
    assert sdk.v1.invoices.pay(draft.id).status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        sdk.v1.invoices.pay(draft.id)


def test_invoices_stay_open_when_payment_waits(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "invoices", {"pay_automatically": False})
    monthly.control("POST", "clock", {"now": FEBRUARY + HOUR})
    assert invoices(sdk)[0].status == "open"


def test_invoices_are_listed_by_customer_subscription_and_status(monthly):
    sdk, _ = monthly.sdk()
    monthly.control("POST", "clock", {"now": FEBRUARY + HOUR})
    for filters in ({}, {"customer": "cus_acme"}, {"subscription": "sub_acme"}, {"status": "paid"}):
        assert len(sdk.v1.invoices.list(filters).data) == 1
    for filters in ({"customer": "cus_x"}, {"subscription": "sub_x"}, {"status": "draft"}):
        assert sdk.v1.invoices.list(filters).data == []


def test_a_subscription_that_ends_bills_its_last_usage(monthly):
    sdk, _ = monthly.sdk()
    sdk.v1.subscriptions.update("sub_acme", {"cancel_at_period_end": True})
    use(monthly, "8", JANUARY + HOUR)
    monthly.control("POST", "clock", {"now": FEBRUARY})
    assert [(each.status, each.total) for each in invoices(sdk)] == [("draft", 4)]
    monthly.control("POST", "clock", {"now": MARCH + HOUR})
    assert [(each.status, each.total) for each in invoices(sdk)] == [("paid", 4)]


def test_a_subscription_canceled_at_once_bills_its_usage_when_asked(monthly):
    sdk, _ = monthly.sdk()
    use(monthly, "8", JANUARY + HOUR)
    sdk.v1.subscriptions.cancel("sub_acme", {"invoice_now": True})
    assert [(each.status, each.total) for each in invoices(sdk)] == [("paid", 4)]


def test_what_is_due_survives_a_restart(tmp_path):
    path = str(tmp_path / "account.json")
    first = Sandbox("--state", path)
    seed_month(first)
    use(first, "10", JANUARY + HOUR)
    assert first.stop() == 0
    second = Sandbox("--state", path)
    second.control("POST", "clock", {"now": FEBRUARY + HOUR})
    assert [(each.status, each.total) for each in invoices(second.sdk()[0])] == [("paid", 2_005)]
    assert second.stop() == 0
