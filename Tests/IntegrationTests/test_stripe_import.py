"""`tollgate stripe import`: an account's customers become tenants, once, and what only people can settle is said."""

import json
import os

import pytest

from terminal import on_terminal

PLANS = """
default_plan: free
meters:
  messages: { kind: counter, per: month, stripe: { mode: window, event_name: messages_used } }
plans:
  free: { name: Free, limits: { messages: 3 } }
  starter: { name: Starter, prices: { monthly: price_month, yearly: price_year }, limits: { messages: 100 } }
"""

# 31 January 2026, 10:17:00 UTC.
ANCHOR = 1_769_854_620


@pytest.fixture
def daemon(start_daemon, redis_server, billing, directory):
    plans = os.path.join(directory, "plans.yaml")
    with open(plans, "w", encoding="utf-8") as file:
        file.write(PLANS)
    return start_daemon(redis_url=redis_server.url, plans=plans, **billing)


def subscription(name, customer, price="price_month", tenant=None, **more):
    return {
        "id": f"sub_{name}",
        "customer": customer,
        "items": [{"price": price}],
        "billing_cycle_anchor": ANCHOR,
        "metadata": {"tenant_id": tenant} if tenant else {},
        **more,
    }


def customer(name, tenant=None):
    return {"id": f"cus_{name}", "metadata": {"tenant_id": tenant} if tenant else {}}


def seed(sandbox, customers, subscriptions=()):
    sandbox.seed(
        products=[{"id": "prod_plan"}],
        prices=[
            {"id": "price_month", "product": "prod_plan"},
            {"id": "price_year", "product": "prod_plan", "interval": "year"},
            {"id": "price_other", "product": "prod_plan"},
        ],
        customers=customers,
        subscriptions=list(subscriptions),
    )


def run(daemon, *arguments):
    """The items by customer, the summary, and the exit code."""
    ran = daemon.run("stripe", "import", "--json", *arguments)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines, ran.err
    return {item["customer"]: item for item in lines[:-1]}, lines[-1], ran.code


def test_looking_writes_nothing_and_exits_with_4(daemon, sandbox):
    seed(sandbox, [customer("a", "alpha"), customer("n")], [subscription("a", "cus_a")])
    items, last, code = run(daemon)
    assert code == 4 and items["cus_a"]["state"] == "create" and items["cus_a"]["plan"] == "starter"
    assert last["summary"]["create"] == 1 and last["summary"]["foreign"] >= 1 and last["applied"] is False
    assert daemon.http("GET", "/v1/tenants/alpha")[0] == 404
    text = daemon.run("stripe", "import")
    assert text.code == 4 and "--apply writes it" in text.out


def test_applying_makes_tenants_of_customers_and_subscriptions_once(daemon, sandbox):
    seed(
        sandbox,
        [customer("a", "alpha"), customer("b"), customer("c", "gamma")],
        [subscription("a", "cus_a"), subscription("b", "cus_b", "price_year", tenant="beta")],
    )
    items, last, code = run(daemon, "--apply", "--reason", "moving in")
    assert code == 0, items
    assert {item["tenant"]: item["state"] for item in items.values()} == {
        "alpha": "created", "beta": "created", "gamma": "created",
    }
    record = daemon.http("GET", "/v1/tenants/alpha")[1]
    at_stripe = sandbox.get("/v1/subscriptions/sub_a").body
    item = at_stripe["items"]["data"][0]
    assert (record["plan"], record["customer"], record["subscription"]) == ("starter", "cus_a", "sub_a")
    assert record["status"] == "active"
    assert daemon.http("GET", "/v1/tenants/gamma")[1]["plan"] == "free"
    entries = daemon.http("GET", "/v1/tenants/alpha/audit")[1]["entries"]
    assert [(entry["action"], entry["reason"]) for entry in entries] == [("tenant.import", "moving in")]
    assert str(item["current_period_start"]) == entries[0]["after"]["period_start"]
    assert str(ANCHOR) == entries[0]["after"]["anchor"]
    items, last, code = run(daemon, "--apply")
    assert code == 0 and {item["state"] for item in items.values()} == {"unchanged"}
    assert len(daemon.http("GET", "/v1/tenants/alpha/audit")[1]["entries"]) == 1
    assert run(daemon)[2] == 0


@pytest.mark.parametrize(
    "name, text",
    [
        ("tenants.csv", 'customer,tenant\ncus_a,alpha\n"cus_b","b:1"\n'),
        ("tenants.yaml", "---\n# ours\ncus_a: alpha\n'cus_b': b:1\n"),
    ],
)
def test_a_mapping_file_names_customers_without_metadata(daemon, sandbox, directory, name, text):
    seed(sandbox, [customer("a"), customer("b")], [subscription("a", "cus_a")])
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "cus_gone: gone\n")
    items, last, code = run(daemon, "--mapping", path, "--apply")
    assert code == 0
    assert (items["cus_a"]["tenant"], items["cus_b"]["tenant"]) == ("alpha", "b:1")
    assert last["summary"]["not_found"] == ["cus_gone"]
    assert "not at Stripe: cus_gone" in daemon.run("stripe", "import", "--mapping", path).out


def test_a_wrong_mapping_file_is_a_usage_error_that_names_the_line(daemon, directory):
    path = os.path.join(directory, "map")
    for text, words in (
        ("cus_a: alpha\nnonsense\n", "map:2"),
        ("cus_a: alpha\nsub_1: beta\n", "no customer's id"),
        ("cus_a: alpha\ncus_a: beta\n", "alpha already"),
        ("cus_a:\n", "map:1"),
    ):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        ran = daemon.run("stripe", "import", "--mapping", path)
        assert ran.code == 2 and words in ran.err, ran.err
    assert daemon.run("stripe", "import", "--mapping", path + "-not-there").code == 2


def test_conflicts_are_said_one_by_one_and_hold_up_nobody_else(daemon, sandbox):
    seed(
        sandbox,
        [
            customer("fine", "fine"), customer("twin1", "twin"), customer("twin2", "twin"), customer("taken", "taken"),
            customer("bad", "no spaces"), customer("odd", "odd"), customer("payer"), customer("two", "two"),
        ],
        [
            subscription("fine", "cus_fine"), subscription("odd", "cus_odd", "price_other"),
            subscription("payer", "cus_payer"), subscription("two1", "cus_two"), subscription("two2", "cus_two"),
        ],
    )
    daemon.put("taken", customer="cus_somebody")
    items, last, code = run(daemon, "--apply")
    assert code == 4
    assert {item["customer"]: item.get("code") or item["state"] for item in items.values()} == {
        "cus_fine": "created",
        "cus_twin1": "several_customers",
        "cus_twin2": "several_customers",
        "cus_taken": "other_customer",
        "cus_bad": "invalid_tenant",
        "cus_odd": "unknown_price",
        "cus_payer": "no_tenant",
        "cus_two": "several_subscriptions",
    }
    assert daemon.http("GET", "/v1/tenants/twin")[0] == 404
    assert daemon.http("GET", "/v1/tenants/taken")[1]["customer"] == "cus_somebody"
    assert last["summary"]["conflict"] == 7
    text = daemon.run("stripe", "import").out
    assert "conflict" in text and "price_other" in text


def test_customers_of_different_pages_that_want_one_tenant_are_seen(daemon, sandbox):
    customers = [customer(str(number), f"t{number}") for number in range(250)]
    customers[5] = customer("5", "twin")
    customers[245] = customer("245", "twin")
    seed(sandbox, customers)
    items, last, code = run(daemon, "--apply")
    assert code == 4 and last["summary"] == {**last["summary"], "created": 248, "conflict": 2}
    assert items["cus_5"]["code"] == items["cus_245"]["code"] == "several_customers"
    assert daemon.http("GET", "/v1/tenants/twin")[0] == 404
    assert daemon.http("GET", "/v1/tenants/t249")[1]["customer"] == "cus_249"


def test_a_run_that_broke_off_says_where_and_goes_on_from_there(daemon, sandbox):
    seed(sandbox, [customer(str(number), f"t{number}") for number in range(150)])
    sandbox.fault("error_500", path="/v1/customers", match="starting_after", count=100)
    ran = daemon.run("stripe", "import", "--apply")
    assert ran.code == 3 and "--after cus_" in ran.err
    place = ran.err.split("--after ")[1].split()[0]
    sandbox.control("DELETE", "faults")
    items, last, code = run(daemon, "--apply", "--after", place)
    assert code == 0 and set(item["state"] for item in items.values()) == {"created"}
    items, last, code = run(daemon, "--apply")
    assert code == 0 and last["summary"]["created"] + last["summary"]["unchanged"] >= 150


def test_progress_is_shown_on_a_terminal(daemon, sandbox):
    seed(sandbox, [customer(str(number), f"t{number}") for number in range(120)])
    code, drawn = on_terminal(daemon, "stripe", "import", "--apply")
    assert code == 0
    assert "reading customers… 1" in drawn and "importing customers… 1" in drawn
    assert "120 made" in drawn
