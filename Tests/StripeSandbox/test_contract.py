"""Holds the sandbox against Stripe's contract data: what it answers, and which parameters it knows."""

import json
import os
import pathlib

import pytest

from sandbox import HOUR

FILES = {
    "2024-12-18.acacia": "openapi-acacia.json",
    "2025-03-31.basil": "openapi-basil-2025-03-31.json",
    "2026-10-28.endive": "openapi-basil-or-newer.json",
}
FORM = "application/x-www-form-urlencoded"
TYPES = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int, "number": (int, float)}


def contract(version):
    text = (pathlib.Path(os.environ["STRIPE_CONTRACT_DIR"]) / FILES[version]).read_text()
    return json.loads(text)


def operation(document, method, path):
    """The operation of a request's path, in which each `{…}` stands for one segment."""
    parts = path.split("/")
    for pattern, operations in document["paths"].items():
        segments = pattern.split("/")
        pairs = zip(segments, parts)
        if len(segments) == len(parts) and all(a == b or a.startswith("{") for a, b in pairs):
            return operations[method.lower()]
    raise AssertionError(f"the contract has no {method} {path}")


def resolved(document, schema):
    if "$ref" not in schema:
        return schema
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]


def faults(document, schema, value, where):
    """Everything in which a value differs from its schema; an unlisted property is a fault."""
    schema = resolved(document, schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{where} is null"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{where} is {value!r}, not {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    if isinstance(value, list):
        found = [faults(document, schema["items"], item, f"{where}[]") for item in value]
        return [fault for some in found for fault in some]
    if isinstance(value, dict) and "properties" not in schema and isinstance(value.get("object"), str):
        # The contract data calls a nested object only an object; it says itself which one it is.
        schema = document["components"]["schemas"].get(value["object"], schema)
    if isinstance(value, dict) and schema.get("x-list"):
        found = [faults(document, {}, item, f"{where}.data[]") for item in value["data"]]
        return [fault for some in found for fault in some]
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        found = [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in known:
                found += faults(document, known[name], member, f"{where}.{name}")
            else:
                found.append(f"{where}.{name} is no property of the schema")
        return found
    return []


def answer_faults(document, method, path, status, body):
    responses = operation(document, method, path)["responses"]
    schema = responses.get(str(status), responses["default"])["content"]["application/json"]["schema"]
    if body.get("deleted") is True:
        # The contract data gives a deleted customer the customer's schema; Stripe's stub has one property more.
        body = {name: value for name, value in body.items() if name != "deleted"}
    return faults(document, schema, body, f"{method} {path} {status}")


def every_call(sdk, now):
    """Each operation the sandbox has, once or more, through the SDK; all of them must succeed."""
    hour = now - now % HOUR
    customers, billing = sdk.v1.customers, sdk.v1.billing
    address = {"city": "Berlin", "country": "DE", "line1": "Weg 1", "postal_code": "10115"}
    customer = customers.create(
        {
            "address": address,
            "balance": -100,
            "description": "d",
            "email": "a@example.com",
            "metadata": {"tenant_id": "acme"},
            "name": "Acme",
            "phone": "+49 30 1",
            "preferred_locales": ["de", "en"],
            "shipping": {"address": address, "name": "Acme"},
            "tax_exempt": "none",
            "expand": ["default_source"],
        }
    )
    customers.create()
    customers.update(customer.id, {"name": "", "metadata": "", "address": "", "shipping": ""})
    customers.retrieve(customer.id, {"expand": ["test_clock"]})
    customers.list({"limit": 1})
    customers.list({"email": "a@example.com", "starting_after": customers.list({"limit": 1}).data[0].id})
    for number, window in enumerate(({}, {"event_time_window": "hour"}, {"event_time_window": "day"})):
        name = f"meter{number}"
        meter = billing.meters.create(
            {
                "display_name": name,
                "event_name": name,
                "default_aggregation": {"formula": "count" if number == 0 else "sum"},
                "customer_mapping": {"type": "by_id", "event_payload_key": "who"},
                "value_settings": {"event_payload_key": "n"},
                **window,
            }
        )
        event = {"event_name": name, "payload": {"who": customer.id, "n": "12.5"}, "timestamp": hour}
        billing.meter_events.create(event)
        billing.meter_events.create({**event, "identifier": f"{name}-2"}, {"idempotency_key": f"{name}-2"})
        billing.meter_events.create({**event, "identifier": f"{name}-2"}, {"idempotency_key": f"{name}-2"})
        question = {"customer": customer.id, "start_time": hour - 86_400, "end_time": hour + HOUR}
        billing.meters.event_summaries.list(meter.id, question)
        billing.meters.event_summaries.list(meter.id, {**question, "value_grouping_window": "hour", "limit": 100})
        billing.meters.update(meter.id, {"display_name": "new"})
        billing.meters.deactivate(meter.id)
        billing.meters.retrieve(meter.id)
        billing.meters.reactivate(meter.id)
    billing.meters.list({"status": "active", "limit": 2})
    customers.delete(customer.id)
    customers.retrieve(customer.id)


@pytest.mark.parametrize("version", FILES)
def test_every_sdk_call_is_taken_and_every_answer_fits_its_schema(sandbox, version):
    document = contract(version)
    assert document["info"]["version"] == version
    sdk, client = sandbox.sdk(version)
    every_call(sdk, sandbox.state()["now"])
    assert {status for _, _, status, _ in client.exchanges} == {200}
    found = [fault for exchange in client.exchanges for fault in answer_faults(document, *exchange)]
    assert found == []
    assert len(sandbox.state()["requests"]) == 13, "every_call leaves a route out"


@pytest.mark.parametrize("version", FILES)
def test_every_error_fits_its_schema(seeded, version):
    document = contract(version)
    pinned = {"Stripe_Version": version}
    seeded.settings(validation="sync")
    seeded.fault("rate_limit")
    seeded.fault("error_500")
    seeded.fault("error_500_after_commit")
    answers = [
        seeded.event("1", headers={**pinned, **extra})
        for extra in (
            *({}, {}, {}),
            {"Authorization": "x"},
            {"Content_Type": "text/plain"},
            {"Idempotency_Key": "k" * 256},
        )
    ]
    answers += [seeded.event(value, headers=pinned, **more) for value, more in [("x", {}), ("1", {"nothing": "1"})]]
    assert sorted(answer.status for answer in answers) == [400, 400, 400, 400, 401, 429, 500, 500]
    for answer in answers:
        assert answer_faults(document, "POST", "/v1/billing/meter_events", answer.status, answer.body) == []


@pytest.mark.parametrize("version", FILES)
def test_no_parameter_of_the_contract_is_called_unknown(seeded, version):
    document = contract(version)
    # Of acacia only; the sandbox, which has no discounts, never had them.
    removed = {"coupon", "promotion_code"}
    meter = seeded.state()["meters"][0]["id"]
    paths = {"{customer}": "cus_acme", "{id}": meter}
    checked = 0
    for pattern, operations in document["paths"].items():
        if not pattern.startswith(("/v1/customers", "/v1/billing/meter")) or "search" in pattern:
            continue
        path = "/".join(paths.get(part, part) for part in pattern.split("/"))
        for method, known in operations.items():
            if method not in ("get", "post"):
                continue
            names = [entry["name"] for entry in known.get("parameters", []) if entry["in"] == "query"]
            body = known.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
            for name in names + list(body.get("properties", {})):
                ask = seeded.get(f"{path}?{name}=") if method == "get" else seeded.post(path, {name: ""})
                if ask.status == 404 and "Unrecognized request URL" in ask.error["message"]:
                    break
                checked += 1
                unknown = ask.status == 400 and ask.error.get("code") == "parameter_unknown"
                assert not unknown or name in removed, f"{method} {path} does not know {name}"
    assert checked > 60
