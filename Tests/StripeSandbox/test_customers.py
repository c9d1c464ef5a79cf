import pytest
import stripe

from billing import SUBSCRIPTION, VERSIONS, seed_month


def test_a_customer_is_created_changed_and_deleted(sandbox):
    sdk, _ = sandbox.sdk()
    made = sdk.v1.customers.create({"email": "a@example.com", "metadata": {"tenant_id": "acme", "tier": "1"}})
    assert made.id.startswith("cus_") and len(made.id) == len("cus_") + 14
    assert made.metadata["tenant_id"] == "acme"

    changed = sdk.v1.customers.update(made.id, {"name": "Acme", "metadata": {"tier": ""}, "email": ""})
    assert (changed.name, changed.email) == ("Acme", None)
    assert changed.metadata.to_dict() == {"tenant_id": "acme"}

    assert sdk.v1.customers.delete(made.id).deleted is True
    assert sdk.v1.customers.retrieve(made.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.customers.update(made.id, {"name": "again"})
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_an_unknown_customer_is_not_found(sandbox):
    sdk, _ = sandbox.sdk()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.customers.retrieve("cus_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_customers_are_listed_newest_first_and_paged(sandbox):
    sdk, _ = sandbox.sdk()
    made = [sdk.v1.customers.create({"email": f"{n % 2}@example.com"}).id for n in range(5)]
    newest_first = made[::-1]

    first = sdk.v1.customers.list({"limit": 2})
    assert [customer.id for customer in first.data] == newest_first[:2] and first.has_more
    assert [customer.id for customer in first.auto_paging_iter()] == newest_first
    back = sdk.v1.customers.list({"limit": 2, "ending_before": newest_first[4]})
    assert [customer.id for customer in back.data] == newest_first[2:4] and back.has_more
    even = sdk.v1.customers.list({"email": "0@example.com"})
    assert [customer.id for customer in even.data] == [made[4], made[2], made[0]] and not even.has_more


def test_metadata_has_stripes_limits(sandbox):
    too_long_key = sandbox.post("/v1/customers", {"metadata[" + "k" * 41 + "]": "v"})
    too_long_value = sandbox.post("/v1/customers", {"metadata[k]": "v" * 501})
    too_many = sandbox.post("/v1/customers", {f"metadata[k{n}]": "v" for n in range(51)})
    assert [answer.status for answer in (too_long_key, too_long_value, too_many)] == [400, 400, 400]
    assert sandbox.state()["customers"] == []


def test_customers_are_listed_with_their_current_subscriptions_when_asked(sandbox):
    seed_month(sandbox)
    [plain] = sandbox.get("/v1/customers").body["data"]
    assert "subscriptions" not in plain
    for version in VERSIONS:
        [row] = sandbox.get("/v1/customers?expand[]=data.subscriptions", Stripe_Version=version).body["data"]
        assert row["subscriptions"]["data"] == [
            sandbox.get("/v1/subscriptions/sub_acme", Stripe_Version=version).body
        ]
        assert row["subscriptions"]["has_more"] is False
    for number in range(11):
        more = {**SUBSCRIPTION, "id": f"sub_{number}", "items": [{"price": "price_base"}]}
        sandbox.seed(subscriptions=[more])
    [row] = sandbox.get("/v1/customers?expand[]=data.subscriptions").body["data"]
    assert len(row["subscriptions"]["data"]) == 10 and row["subscriptions"]["has_more"] is True
    refused = sandbox.get("/v1/customers?expand[]=data.sources")
    assert refused.status == 400 and refused.error["param"] == "expand"
