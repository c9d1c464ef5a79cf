"""Holds the billing side of the sandbox against Stripe's contract data, and what that leaves out against the SDK."""

import pytest
import stripe

from billing import ACACIA, FEBRUARY, JANUARY, seed_month
from receiver import receiving
from sandbox import HOUR
from test_contract import FILES, FORM, contract, faults, operation

PREFIXES = ("/v1/products", "/v1/prices", "/v1/subscription", "/v1/invoices", "/v1/events")
# What a POST must have beside the parameter in question, so that nothing else is refused first.
FORMS = {
    "/v1/products": {"name": "x"},
    "/v1/prices": {"currency": "usd", "product": "prod_chat", "unit_amount": "1", "recurring[interval]": "month"},
    "/v1/subscriptions": {"customer": "cus_acme", "items[0][price]": "price_base"},
}
# Objects that the contract data has no schema for.
SDK_CLASSES = {
    "line_item": stripe.InvoiceLineItem,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


def schema_of(document, method, path, body):
    """The schema of an answer: the operation's, or, where the contract data leaves it out, the object's own."""
    try:
        responses = operation(document, method, path)["responses"]
    except (AssertionError, KeyError):
        return document["components"]["schemas"].get(body["object"], {})
    return responses["200"]["content"]["application/json"]["schema"]


def differences(document, method, path, status, body):
    assert status == 200, body
    found = faults(document, schema_of(document, method, path, body), body, f"{method} {path}")
    return found + [fault for name, members in unlisted(body) for fault in sdk_faults(name, members)]


def unlisted(value):
    """Every object within a value that the contract data has no schema for."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str) and value["object"] in SDK_CLASSES:
            yield value["object"], value
        for member in value.values():
            yield from unlisted(member)
    elif isinstance(value, list):
        for item in value:
            yield from unlisted(item)


def sdk_faults(name, members):
    known = set(SDK_CLASSES[name].__annotations__) | {"deleted"}
    return [f"{name}.{member} is not in the SDK" for member in members if member not in known]


def every_call(sdk, sandbox, url):
    """Each billing operation, through the SDK; all of them must succeed."""
    v1 = sdk.v1
    product = v1.products.create({"name": "x", "description": "d", "metadata": {"a": "1"}})
    v1.products.update(product.id, {"unit_label": "message"})
    v1.products.retrieve(product.id)
    v1.products.list({"active": True, "limit": 1})
    recurring = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    form = {"currency": "usd", "unit_amount": 100, "recurring": recurring}
    price = v1.prices.create({**form, "product": product.id, "nickname": "n", "lookup_key": "k"})
    v1.prices.create({"currency": "eur", "unit_amount_decimal": "0.5", "product_data": {"name": "y"}})
    v1.prices.update(price.id, {"metadata": {"a": "1"}})
    v1.prices.retrieve("price_records")
    v1.prices.list({"type": "recurring", "currency": "usd"})
    made = v1.subscriptions.create({"customer": "cus_acme", "items": [{"price": price.id, "quantity": 2}]})
    v1.subscriptions.update(made.id, {"cancel_at_period_end": True, "description": "d"})
    v1.subscriptions.retrieve(made.id)
    v1.subscriptions.list({"status": "all", "customer": "cus_acme"})
    v1.subscription_items.list({"subscription": "sub_acme"})
    v1.subscription_items.retrieve("si_messages")
    v1.subscriptions.cancel(made.id)
    sandbox.event("5", timestamp=JANUARY + HOUR)
    sandbox.control("POST", "clock", {"now": FEBRUARY})
    (draft,) = v1.invoices.list({"subscription": "sub_acme"}).data
    v1.invoices.finalize_invoice(draft.id, {"auto_advance": False})
    v1.invoices.pay(draft.id)
    v1.invoices.retrieve(draft.id)
    events = v1.events.list({"limit": 100})
    for event in events.data:
        v1.events.retrieve(event.id)
    endpoint = v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"], "description": "d"})
    v1.webhook_endpoints.update(endpoint.id, {"enabled_events": ["invoice.paid"]})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)


@pytest.mark.parametrize("version", FILES)
def test_every_billing_call_is_taken_and_every_answer_fits_its_schema(sandbox, version):
    document = contract(version)
    seed_month(sandbox)
    sdk, client = sandbox.sdk(version)
    every_call(sdk, sandbox, "http://127.0.0.1:9/")
    if version == ACACIA:
        # The SDK here is of the newest version, whose lines differ; test_acacia_sdk.py holds the old ones.
        exchanges = [exchange for exchange in client.exchanges if "/invoices" not in exchange[1]]
        lines = [exchange for exchange in client.exchanges if "/invoices" in exchange[1]]
        found = [fault for method, path, _, body in lines for fault in faults(document, {}, body, f"{method} {path}")]
    else:
        exchanges, found = client.exchanges, []
    found += [fault for exchange in exchanges for fault in differences(document, *exchange)]
    assert found == []
    assert len([name for name in sandbox.state()["requests"] if "meter" not in name]) == 26, "a route is left out"


@pytest.mark.parametrize("version", FILES)
def test_every_object_of_an_event_fits_the_schema_of_its_version(sandbox, version):
    document = contract(version)
    seed_month(sandbox)
    with receiving() as receiver:
        sandbox.control("POST", "webhooks", {"url": receiver.url, "api_version": version})
        sdk, _ = sandbox.sdk(version)
        customer = sdk.v1.customers.create({"name": "x"})
        sdk.v1.customers.update(customer.id, {"name": "y"})
        sdk.v1.customers.delete(customer.id)
        product = sdk.v1.products.create({"name": "x"})
        price = {"currency": "usd", "unit_amount": 100, "product": product.id, "recurring": {"interval": "month"}}
        items = [{"price": sdk.v1.prices.create(price).id}]
        made = sdk.v1.subscriptions.create({"customer": "cus_acme", "items": items})
        sdk.v1.subscriptions.cancel(made.id)
        sandbox.control("POST", "clock", {"now": FEBRUARY + HOUR})
        events = [received.event for received in receiver.wait_for(16)]
    # Their order is the order they happened in: every endpoint gets one at a time.
    assert len({event["type"] for event in events}) == 12
    found = [faults(document, {"$ref": "#/components/schemas/event"}, event, event["type"]) for event in events]
    found += [faults(document, {}, event["data"]["object"], event["type"]) for event in events]
    assert [fault for some in found for fault in some] == []


def names(schema, path=""):
    """Every parameter of a schema, those nested in objects and lists too, as a form writes them."""
    for name, inner in schema.get("properties", {}).items():
        full = f"{path}[{name}]" if path else name
        yield full
        shapes = [inner, *inner.get("anyOf", [])]
        for shape in shapes:
            yield from names(shape, full)
            yield from names(shape.get("items", {}), f"{full}[0]")


def parameters(operation):
    query = {"properties": {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}}
    body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    return set(names(query)) | set(names(body))


def served(sandbox):
    """The operations of the contract that the sandbox has, in any version, by method and pattern."""
    found = {}
    for version in FILES:
        for pattern, operations in contract(version)["paths"].items():
            # These two would be taken for ids.
            if not pattern.startswith(PREFIXES) or pattern.endswith(("/search", "/upcoming")):
                continue
            for method, operation in operations.items():
                found.setdefault((method, pattern), {})[version] = parameters(operation)
    for method, pattern in list(found):
        answer = sandbox.send(method.upper(), path_of(pattern), Authorization="Bearer sk_test_x")
        if answer.status == 404 and "Unrecognized request URL" in answer.error["message"]:
            del found[method, pattern]
    return found


def path_of(pattern):
    return "/".join("none" if part.startswith("{") else part for part in pattern.split("/"))


def is_unknown(sandbox, version, method, pattern, name):
    path, headers = path_of(pattern), {"Stripe_Version": version}
    if method == "post":
        answer = sandbox.post(path, {**FORMS.get(path, {}), name: ""}, **headers)
    else:
        answer = sandbox.send(method.upper(), f"{path}?{name}=", Authorization="Bearer sk_test_x", **headers)
    assert answer.status in (200, 400, 404), answer.body
    return answer.status == 400 and answer.error.get("code") == "parameter_unknown"


def test_each_version_knows_the_parameters_of_its_contract_and_no_others(sandbox):
    seed_month(sandbox)
    operations = served(sandbox)
    assert len(operations) == 18
    wrong, checked = [], 0
    for (method, pattern), versions in operations.items():
        every = set().union(*versions.values())
        for version, known in versions.items():
            for name in sorted(every | {"nothing_of_stripe"}):
                # A list of an object's members is of the object's own kind: its contract stands elsewhere.
                nested = any(name != other and name.startswith(f"{other}[") for other in every)
                unknown = is_unknown(sandbox, version, method, pattern, name)
                checked += 1
                if unknown and name in known or not unknown and name not in known and not nested:
                    wrong.append((version, method, pattern, name, "unknown" if unknown else "known"))
    assert wrong == [] and checked > 900


def is_nested(schema):
    return any(shape.get("type") in ("array", "object") for shape in [schema, *schema.get("anyOf", [])])


def test_what_is_nested_by_the_contract_of_a_version_is_so_here(sandbox):
    seed_month(sandbox)
    wrong, checked = [], 0
    for method, pattern in served(sandbox):
        for version in FILES if method == "post" else ():
            operation = contract(version)["paths"].get(pattern, {}).get(method, {})
            body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
            for name, schema in body.get("properties", {}).items():
                path = path_of(pattern)
                others = {key: value for key, value in FORMS.get(path, {}).items() if not key.startswith(f"{name}[")}
                answer = sandbox.post(path, {**others, name: "x"}, Stripe_Version=version)
                message = "" if answer.status == 200 else answer.error["message"]
                if "does not support" in message:
                    continue
                checked += 1
                if message.startswith("Invalid hash") != is_nested(schema):
                    wrong.append((version, pattern, name, message))
    assert wrong == [] and checked > 100
