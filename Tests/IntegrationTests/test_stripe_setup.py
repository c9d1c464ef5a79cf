"""`tollgate stripe setup`: what the catalogue needs at Stripe is there, is made once, or is said to be in conflict."""

import os

import pytest

from owed_hours import flush
from terminal import on_terminal

PLANS = """
meters:
  messages: { kind: counter, per: period, stripe: { mode: window, event_name: messages_used } }
  tokens:
    kind: counter
    per: period
    cost: { per: 1000000, amount: 200, currency: usd }
    stripe: { mode: window, event_name: tokens_used }
  pages: { kind: counter, per: period, stripe: { mode: sum, event_name: pages_used } }
  exports: { kind: counter, per: period, stripe: { mode: usage_record, price: price_exports } }
plans:
  starter:
    name: Starter
    prices: { monthly: price_month, yearly: price_year }
    limits: { messages: -1, tokens: -1, pages: -1, exports: -1 }
"""


def seed_prices(sandbox, **more):
    prices = [
        {"id": "price_month", "product": "prod_plan", "unit_amount_decimal": "900"},
        {"id": "price_year", "product": "prod_plan", "unit_amount_decimal": "9000", "interval": "year"},
        {"id": "price_exports", "product": "prod_plan", "aggregate_usage": "sum"},
    ]
    sandbox.seed(products=[{"id": "prod_plan"}], prices=prices, **more)


@pytest.fixture
def daemon(start_daemon, redis_server, billing, directory):
    plans = os.path.join(directory, "plans.yaml")
    with open(plans, "w", encoding="utf-8") as file:
        file.write(PLANS)
    return start_daemon(redis_url=redis_server.url, plans=plans, **billing)


def states(ran):
    return {item["subject"]: item["state"] for item in ran.json["items"]}


def made(sandbox):
    """How much was made at Stripe by POST."""
    requests = sandbox.state()["requests"]
    paths = ("billing/meters", "products", "prices")
    return [requests.get(f"POST /v1/{path}", 0) for path in paths]


def test_looking_makes_nothing_and_exits_with_4(daemon, sandbox):
    seed_prices(sandbox)
    before = made(sandbox)
    ran = daemon.run("stripe", "setup", "--json")
    assert ran.code == 4, ran.err
    assert states(ran) == {
        "meters.messages": "create",
        "meters.tokens": "create",
        "meters.tokens.cost": "create",
        "meters.pages": "create",
        "meters.exports": "warning",
        "plans.starter.prices.monthly": "ok",
        "plans.starter.prices.yearly": "ok",
    }
    assert ran.json["differs"] is True and ran.json["applied"] is False
    assert made(sandbox) == before
    text = daemon.run("stripe", "setup")
    assert text.code == 4 and "--apply makes what is missing" in text.out


def test_applying_makes_what_is_missing_and_a_second_run_makes_nothing(daemon, sandbox):
    seed_prices(sandbox, customers=[{"id": "cus_one"}])
    ran = daemon.run("stripe", "setup", "--apply", "--json")
    assert ran.code == 0, ran.out + ran.err
    assert set(states(ran).values()) == {"ok", "created", "warning"}
    meters = {meter["event_name"]: meter for meter in sandbox.state()["meters"]}
    assert meters["messages_used"]["event_time_window"] == "hour"
    assert meters["pages_used"]["event_time_window"] is None
    [price] = sandbox.get("/v1/prices?lookup_keys[]=tollgate_tokens").body["data"]
    assert price["unit_amount_decimal"] == "0.0002" and price["recurring"]["meter"] == meters["tokens_used"]["id"]
    assert price["metadata"] == {"tollgate_meter": "tokens"}
    count = made(sandbox)
    for arguments in ((), ("--apply",)):
        again = daemon.run("stripe", "setup", "--json", *arguments)
        assert again.code == 0 and set(states(again).values()) == {"ok", "warning"}
    assert made(sandbox) == count


def test_usage_goes_to_the_meters_that_were_made(daemon, sandbox):
    seed_prices(sandbox, customers=[{"id": "cus_one"}])
    assert daemon.run("stripe", "setup", "--apply").code == 0
    daemon.put("one", customer="cus_one")
    with daemon.resp() as gate:
        gate.call("TAKE", "one", "messages", 3)
        gate.call("TAKE", "one", "tokens", 500)
    assert flush(daemon)["acknowledged"] == 2
    held = {name: value for (name, _, _), value in sandbox.usage().items()}
    assert held == {"messages_used": 3, "tokens_used": 500}


def test_what_stripe_lets_nobody_change_is_a_conflict_and_is_left_alone(daemon, sandbox):
    seed_prices(
        sandbox,
        meters=[
            {"event_name": "messages_used"},
            {"event_name": "pages_used", "event_time_window": "hour"},
            {"event_name": "tokens_used", "event_time_window": "hour", "formula": "count"},
        ],
    )
    before = made(sandbox)
    ran = daemon.run("stripe", "setup", "--apply", "--json")
    assert ran.code == 4
    found = states(ran)
    assert [found[f"meters.{name}"] for name in ("messages", "pages", "tokens")] == ["conflict"] * 3
    assert "meters.tokens.cost" not in found
    assert made(sandbox) == before
    text = daemon.run("stripe", "setup").out
    assert "create another meter" in text and "event_time_window" in text


def test_prices_that_are_missing_or_wrong_are_named_with_the_way_out(daemon, sandbox):
    sandbox.seed(
        products=[{"id": "prod_plan"}],
        prices=[
            {"id": "price_year", "product": "prod_plan"},
            {"id": "price_exports", "product": "prod_plan", "aggregate_usage": "max"},
        ],
    )
    ran = daemon.run("stripe", "setup", "--json")
    details = {item["subject"]: item["detail"] for item in ran.json["items"] if item["state"] == "conflict"}
    assert "its id cannot be chosen" in details["plans.starter.prices.monthly"]
    assert "not yearly" in details["plans.starter.prices.yearly"]
    assert "must be sum" in details["meters.exports"]


@pytest.mark.parametrize(
    "path, match", [("prices", "lookup_key="), ("products", "name=tokens"), ("billing/meters", "tokens_used")]
)
def test_an_answer_lost_after_the_commit_makes_nothing_twice(daemon, sandbox, path, match):
    seed_prices(sandbox)
    sandbox.fault("drop_answer_after_commit", path=f"/v1/{path}", match=match)
    codes = [daemon.run("stripe", "setup", "--apply").code]
    if codes != [0]:
        codes.append(daemon.run("stripe", "setup", "--apply").code)
    assert codes[-1] == 0
    sandbox.wait_until_faults_have_struck()
    assert len(sandbox.get("/v1/prices?lookup_keys[]=tollgate_tokens").body["data"]) == 1
    assert len([row for row in sandbox.get("/v1/products").body["data"] if row["name"] == "tokens"]) == 1
    assert len([meter for meter in sandbox.state()["meters"] if meter["event_name"] == "tokens_used"]) == 1


def test_a_price_for_usage_records_that_no_subscription_has_is_a_warning(daemon, sandbox):
    seed_prices(sandbox, customers=[{"id": "cus_one"}])
    assert states(daemon.run("stripe", "setup", "--json"))["meters.exports"] == "warning"
    items = [{"price": "price_month"}, {"price": "price_exports"}]
    anchor = 1_767_225_600
    sandbox.seed(
        subscriptions=[{"id": "sub_one", "customer": "cus_one", "items": items, "billing_cycle_anchor": anchor}]
    )
    assert states(daemon.run("stripe", "setup", "--json"))["meters.exports"] == "ok"


def test_subscriptions_that_do_not_begin_on_a_full_hour_are_a_warning(daemon, sandbox):
    hour = 1_767_225_600
    seed_prices(
        sandbox,
        customers=[{"id": "cus_one"}],
        subscriptions=[
            {
                "id": f"sub_{name}",
                "customer": "cus_one",
                "items": [{"price": "price_month"}],
                "billing_cycle_anchor": anchor,
            }
            for name, anchor in (("even", hour), ("odd", hour + 1_023))
        ],
    )
    assert daemon.run("stripe", "setup", "--apply").code == 0
    ran = daemon.run("stripe", "setup", "--json")
    assert ran.code == 0
    [warning] = [item for item in ran.json["items"] if item["kind"] == "subscription"]
    assert warning["subject"] == "sub_odd" and "2026-01-01T00:17:03Z" in warning["detail"]


def test_a_bar_shows_progress_on_a_terminal_and_is_gone_at_the_end(daemon, sandbox):
    seed_prices(sandbox)
    code, drawn = on_terminal(daemon, "stripe", "setup", "--apply")
    assert code == 0
    assert "setting Stripe up [" in drawn and "100%" in drawn
    assert "%" not in drawn.rsplit("\x1b[K", 1)[1]


def test_without_a_key_it_is_refused_with_what_to_do(shared_daemon):
    ran = shared_daemon.run("stripe", "setup")
    assert ran.code == 1 and "STRIPE_SECRET_KEY" in ran.err


def test_the_secret_key_is_in_nothing_it_says(daemon, sandbox):
    sandbox.fault("error_500", path="/v1/billing/meters", count=100)
    ran = daemon.run("stripe", "setup")
    assert ran.code == 3
    assert "sk_test_integration" not in ran.out + ran.err + daemon.log
