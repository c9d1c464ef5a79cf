import pytest
import stripe

from billing import ACACIA, BASIL, ENDIVE, SEED, VERSIONS

METERED = {"interval": "month", "usage_type": "metered"}


@pytest.fixture
def planted(sandbox):
    sandbox.seed(**SEED)
    return sandbox


def refusal(call, *arguments):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call(*arguments)
    return refused.value


def test_a_product_is_created_changed_and_listed(sandbox):
    sdk, _ = sandbox.sdk()
    product = sdk.v1.products.create({"name": "Chat", "metadata": {"a": "1"}, "description": "d"})
    changed = sdk.v1.products.update(product.id, {"active": False, "metadata": {"b": "2"}, "description": ""})
    assert (changed.active, changed.metadata.to_dict(), changed.description) == (False, {"a": "1", "b": "2"}, None)
    assert sdk.v1.products.retrieve(product.id) == changed
    other = sdk.v1.products.create({"name": "Other", "id": "prod_other"})
    assert [found.id for found in sdk.v1.products.list({"active": True}).data] == [other.id]
    assert [found.id for found in sdk.v1.products.list({"ids": [product.id]}).data] == [product.id]
    assert refusal(sdk.v1.products.create, {"name": "Again", "id": "prod_other"}).code == "resource_already_exists"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_metered_price_stands_on_a_meter(planted, version):
    sdk, _ = planted.sdk(version)
    meter = sdk.v1.billing.meters.list().data[0].id
    price = sdk.v1.prices.create(
        {
            "currency": "USD",
            "product": "prod_chat",
            "unit_amount_decimal": "0.125",
            "recurring": {**METERED, "meter": meter},
        }
    )
    assert (price.currency, price.unit_amount, price.recurring.meter) == ("usd", None, meter)
    assert str(price.unit_amount_decimal) == "0.125"
    assert ("aggregate_usage" in price.recurring) == (version == ACACIA)
    found = sdk.v1.prices.list({"recurring": {"meter": meter, "usage_type": "metered"}}).data
    assert [each.id for each in found] == [price.id, "price_messages"]


def test_only_acacia_makes_metered_prices_without_a_meter(planted):
    form = {"currency": "usd", "product": "prod_chat", "unit_amount": 2, "recurring": METERED}
    legacy = planted.sdk(ACACIA)[0].v1.prices.create(form)
    assert (legacy.recurring.aggregate_usage, legacy.recurring.meter) == ("sum", None)
    for version in (BASIL, ENDIVE):
        sdk, _ = planted.sdk(version)
        assert refusal(sdk.v1.prices.create, form).param == "recurring[meter]"
        records = {**form, "recurring": {**METERED, "aggregate_usage": "max"}}
        assert refusal(sdk.v1.prices.create, records).code == "parameter_unknown"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"currency": "dollars"}, "currency"),
        ({"product": "prod_none"}, "product"),
        ({"unit_amount_decimal": "1"}, "unit_amount"),
        ({"recurring": {"interval": "month", "meter": "mtr_x"}}, "recurring[meter]"),
        ({"recurring": {**METERED, "meter": "mtr_x"}}, "recurring[meter]"),
        ({"recurring": {"interval": "hour"}}, "recurring[interval]"),
        ({"billing_scheme": "tiered"}, "billing_scheme"),
        ({"custom_unit_amount": {"enabled": True}}, "custom_unit_amount"),
        ({"nothing": "1"}, "nothing"),
    ],
)
def test_a_price_that_cannot_be_is_refused(planted, change, param):
    sdk, _ = planted.sdk()
    form = {"currency": "usd", "product": "prod_chat", "unit_amount": 2, **change}
    assert refusal(sdk.v1.prices.create, form).param == param
    assert len(sdk.v1.prices.list().data) == 3


@pytest.mark.parametrize("amount", ["-1", "1e3", "", "0.1234567890123", "123456789", "1."])
def test_a_decimal_amount_is_plain(planted, amount):
    form = {"currency": "usd", "product": "prod_chat", "unit_amount_decimal": amount}
    assert planted.post("/v1/prices", form).status == 400


def test_what_a_price_costs_never_changes(planted):
    sdk, _ = planted.sdk()
    changed = sdk.v1.prices.update("price_base", {"active": False, "nickname": "old", "metadata": {"a": "1"}})
    assert (changed.active, changed.nickname, changed.metadata["a"]) == (False, "old", "1")
    assert refusal(sdk.v1.prices.update, "price_base", {"unit_amount": 1}).code == "parameter_unknown"
    assert [price.id for price in sdk.v1.prices.list({"active": False}).data] == ["price_base"]


def test_a_lookup_key_belongs_to_one_price(planted):
    sdk, _ = planted.sdk()
    sdk.v1.prices.update("price_base", {"lookup_key": "base"})
    assert refusal(sdk.v1.prices.update, "price_messages", {"lookup_key": "base"}).param == "lookup_key"
    sdk.v1.prices.update("price_messages", {"lookup_key": "base", "transfer_lookup_key": True})
    assert [price.id for price in sdk.v1.prices.list({"lookup_keys": ["base"]}).data] == ["price_messages"]
