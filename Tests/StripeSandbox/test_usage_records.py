import pytest

from billing import ACACIA, BASIL, ENDIVE, FEBRUARY, JANUARY, seed_month
from sandbox import HOUR

DAY = 86_400
ITEM = "/v1/subscription_items/si_records"
PINNED = {"Stripe_Version": ACACIA}


@pytest.fixture
def month(sandbox):
    """A sandbox on the second of January, with an item whose usage comes as records."""
    items = [{"id": "si_base", "price": "price_base"}, {"id": "si_records", "price": "price_records"}]
    seed_month(sandbox, items=items)
    return sandbox


def record(sandbox, quantity, headers=None, item=ITEM, **more):
    return sandbox.post(f"{item}/usage_records", {"quantity": quantity, **more}, **{**PINNED, **(headers or {})})


def totals(sandbox, query=""):
    """The summaries as (period start, total, whether an invoice is named), newest first."""
    answer = sandbox.get(f"{ITEM}/usage_record_summaries{query}", **PINNED)
    assert answer.status == 200, answer.body
    return [
        (row["period"]["start"], row["total_usage"], row["invoice"] is not None) for row in answer.body["data"]
    ]


def test_records_add_up_and_overwrite_their_own_timestamp(month):
    made = record(month, 10, timestamp=JANUARY + HOUR)
    assert (made.status, made.body["object"], made.body["quantity"]) == (200, "usage_record", 10)
    assert made.body["subscription_item"] == "si_records" and made.body["id"].startswith("mbur_")
    record(month, 5, timestamp=JANUARY + HOUR, action="increment")
    record(month, 7, timestamp=JANUARY + 2 * HOUR, action="set")
    assert totals(month) == [(JANUARY, 22, False)]
    record(month, 3, timestamp=JANUARY + HOUR, action="set")
    assert totals(month) == [(JANUARY, 10, False)]
    rows = [(row["timestamp"], row["quantity"]) for row in month.state()["usage_records"]]
    assert rows == [(JANUARY + HOUR, 3), (JANUARY + 2 * HOUR, 7)]


def test_a_record_without_a_timestamp_is_of_now(month):
    now = month.state()["now"]
    assert abs(record(month, 1).body["timestamp"] - now) < 60
    assert abs(record(month, 1, timestamp="now").body["timestamp"] - now) < 60


@pytest.mark.parametrize("timestamp", [JANUARY - 1, JANUARY + DAY + HOUR, FEBRUARY, "soon", "-5"])
def test_a_record_is_of_the_current_period_and_not_of_the_future(month, timestamp):
    answer = record(month, 1, timestamp=timestamp)
    assert (answer.status, answer.error["param"]) == (400, "timestamp")
    assert month.state()["usage_records"] == []


def test_minutes_after_the_turn_the_closed_period_still_takes_records_of_a_sum(month):
    month.control("POST", "clock", {"now": FEBRUARY + 120})
    assert record(month, 4, timestamp=FEBRUARY - HOUR).status == 200
    assert record(month, 1, timestamp=FEBRUARY + 60).status == 200
    assert totals(month) == [(FEBRUARY, 1, False), (JANUARY, 4, True)]
    month.control("POST", "clock", {"now": FEBRUARY + 600})
    assert record(month, 4, timestamp=FEBRUARY - HOUR).status == 400


@pytest.mark.parametrize("aggregate, total", [("max", 9), ("last_during_period", 2), ("last_ever", 2)])
def test_other_aggregates_have_no_grace(sandbox, aggregate, total):
    price = {"id": "price_other", "product": "prod_chat", "unit_amount_decimal": "1", "usage_type": "metered"}
    seed_month(sandbox)
    sandbox.seed(
        prices=[{**price, "aggregate_usage": aggregate}],
        subscriptions=[
            {
                "id": "sub_other",
                "customer": "cus_acme",
                "billing_cycle_anchor": JANUARY,
                "items": [{"id": "si_records", "price": "price_other"}],
            }
        ],
    )
    record(sandbox, 9, timestamp=JANUARY + HOUR)
    record(sandbox, 2, timestamp=JANUARY + 2 * HOUR)
    assert totals(sandbox) == [(JANUARY, total, False)]
    sandbox.control("POST", "clock", {"now": FEBRUARY + 120})
    assert record(sandbox, 4, timestamp=FEBRUARY - HOUR).status == 400


@pytest.mark.parametrize("version", [BASIL, ENDIVE])
def test_newer_versions_have_no_such_url(month, version):
    later = {"Stripe_Version": version}
    answers = [record(month, 1, later), month.get(f"{ITEM}/usage_record_summaries", **later)]
    for answer in answers:
        assert answer.status == 404 and "Unrecognized request URL" in answer.error["message"]


def test_only_a_metered_item_without_a_meter_takes_records(month):
    assert record(month, 1, item="/v1/subscription_items/si_base").status == 400
    assert record(month, 1, item="/v1/subscription_items/si_none").status == 404


@pytest.mark.parametrize(
    "form, param",
    [
        ({}, "quantity"),
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "1", "action": "add"}, "action"),
        ({"quantity": "1", "identifier": "a"}, "identifier"),
    ],
)
def test_a_wrong_record_is_refused_by_parameter(month, form, param):
    answer = month.post(f"{ITEM}/usage_records", form, **PINNED)
    assert (answer.status, answer.error["param"]) == (400, param)


def test_a_key_is_all_that_makes_an_increment_safe_to_repeat(month):
    key = {"Idempotency_Key": "k"}
    for _ in range(2):
        assert record(month, 5, key, timestamp=JANUARY + HOUR).status == 200
    assert totals(month) == [(JANUARY, 5, False)]


def test_records_have_a_rate_of_their_own(month):
    month.settings(limits={"usage_records": 2})
    answers = [record(month, 1, timestamp=JANUARY + HOUR) for _ in range(5)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and {answer.headers["stripe-rate-limited-reason"] for answer in refused} == {"endpoint-rate"}


def test_records_reach_the_invoice(month):
    record(month, 30, timestamp=JANUARY + HOUR)
    month.control("POST", "clock", {"now": FEBRUARY + 2 * HOUR})
    sdk, _ = month.sdk(ACACIA)
    (invoice,) = sdk.v1.invoices.list({"subscription": "sub_acme"}).data
    assert invoice.amount_due == 2_000 + 60
