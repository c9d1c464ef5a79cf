"""Holds the routes of usage against Stripe's contract data: answers, errors, and the parameters of each version."""

import json
import os
import pathlib

import pytest

from billing import ACACIA, JANUARY, seed_month
from sandbox import HOUR, KEY
from test_contract import FILES, FORM, contract, faults, operation

V2 = "/v2/billing"
EVENT = {"event_name": "messages", "payload": {"stripe_customer_id": "cus_acme", "value": "1"}}
CANCEL = {"event_name": "messages", "type": "cancel", "cancel": {"identifier": "a"}}


def differences(document, method, path, answer):
    """Everything in which an answer differs from its schema; the stream's has none but that it is empty."""
    responses = operation(document, method, path)["responses"]
    content = responses.get(str(answer.status), responses["default"]).get("content")
    schema = content["application/json"]["schema"] if content else {"type": "object", "properties": {}}
    return faults(document, schema, answer.body, f"{method} {path} {answer.status}")


def usage_calls(sandbox, pinned):
    """Every route of usage that all versions have, as (method, path, answer)."""
    session = sandbox.post_json(f"{V2}/meter_event_session", {}, **pinned)
    token = {"Authorization": f"Bearer {session.body['authentication_token']}"}
    yield "POST", f"{V2}/meter_event_session", session
    for path, body, headers in (
        ("meter_events", {**EVENT, "identifier": "a", "timestamp": "2027-01-01T10:00:00Z"}, {}),
        ("meter_events", EVENT, {"Idempotency_Key": "k"}),
        ("meter_events", EVENT, {"Idempotency_Key": "k"}),
        ("meter_event_stream", {"events": [{**EVENT, "identifier": "b"}, EVENT]}, token),
        ("meter_event_adjustments", CANCEL, {}),
    ):
        yield "POST", f"{V2}/{path}", sandbox.post_json(f"{V2}/{path}", body, **headers, **pinned)
    form = {"event_name": "messages", "type": "cancel", "cancel[identifier]": "b"}
    path = "/v1/billing/meter_event_adjustments"
    yield "POST", path, sandbox.post(path, form, **pinned)


@pytest.mark.parametrize("version", FILES)
def test_every_answer_about_usage_fits_its_schema(sandbox, version):
    document, pinned = contract(version), {"Stripe_Version": version}
    seed_month(sandbox, items=[{"id": "si_records", "price": "price_records"}])
    calls = list(usage_calls(sandbox, pinned))
    if version == ACACIA:
        item = "/v1/subscription_items/si_records"
        form = {"quantity": 5, "timestamp": JANUARY + HOUR, "action": "set"}
        calls.append(("POST", f"{item}/usage_records", sandbox.post(f"{item}/usage_records", form, **pinned)))
        summaries = sandbox.get(f"{item}/usage_record_summaries?limit=1", **pinned)
        calls.append(("GET", f"{item}/usage_record_summaries", summaries))
    assert [answer.status for _, _, answer in calls] == [200] * len(calls)
    assert [fault for call in calls for fault in differences(document, *call)] == []


@pytest.mark.parametrize("version", FILES)
def test_every_error_of_the_v2_api_fits_its_schema(seeded, version):
    document, pinned = contract(version), {"Stripe_Version": version}
    path = f"{V2}/meter_events"
    kinds = ("rate_limit", "lock_timeout", "conflict", "error_500", "error_500_after_commit", "unauthorized")
    for kind in kinds:
        seeded.fault(kind, path=path)
    answers = [(path, seeded.post_json(path, EVENT, **pinned)) for _ in kinds]
    for body in ({**EVENT, "event_name": "unheard"}, {**EVENT, "nothing": "1"}, "x", {}, {**EVENT, "payload": "x"}):
        answers.append((path, seeded.post_json(path, body, **pinned)))
    stream = f"{V2}/meter_event_stream"
    token = seeded.post_json(f"{V2}/meter_event_session", {}).body["authentication_token"]
    seeded.advance(900)
    for authorization in (token, KEY):
        headers = {"Authorization": f"Bearer {authorization}", **pinned}
        answers.append((stream, seeded.post_json(stream, {"events": [EVENT]}, **headers)))
    assert sorted(answer.status for _, answer in answers) == [400] * 5 + [401] * 3 + [409, 429, 429, 500, 500]
    assert [fault for path, answer in answers for fault in differences(document, "POST", path, answer)] == []


def properties(document, method, path):
    known = operation(document, method, path)
    query = {entry["name"]: entry["schema"] for entry in known.get("parameters", []) if entry["in"] == "query"}
    content = known.get("requestBody", {}).get("content", {})
    for kind in (FORM, "application/json"):
        query.update(content.get(kind, {}).get("schema", {}).get("properties", {}))
    return query


@pytest.mark.parametrize("version", FILES)
def test_each_route_of_usage_knows_exactly_the_parameters_of_its_contract(sandbox, version):
    document, pinned = contract(version), {"Stripe_Version": version}
    seed_month(sandbox)
    checked = 0
    for path in document["paths"]:
        if "meter_event" not in path and "usage_record" not in path:
            continue
        for method in document["paths"][path]:
            known = set(properties(document, method, path))
            for name in known | {"nothing_of_stripe"}:
                if path.endswith("stream"):
                    continue
                where = path.replace("{subscription_item}", "si_messages").replace("{id}", "mtr_test_none")
                if path.startswith("/v2/"):
                    answer = sandbox.post_json(where, {name: ""}, **pinned)
                elif method == "post":
                    answer = sandbox.post(where, {name: ""}, **pinned)
                else:
                    answer = sandbox.get(f"{where}?{name}=", **pinned)
                checked += 1
                assert (answer.error.get("code") == "parameter_unknown") == (name not in known), (path, name)
    assert checked > 20


def shape(value):
    """The names and types of a value, whatever it says; of a list, those of its first item."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])]
    return type(value).__name__


@pytest.mark.parametrize("kind, name", [("error_report_triggered", "messages"), ("no_meter_found", "unheard")])
def test_an_event_has_the_shape_of_stripes_own(seeded, kind, name):
    path = pathlib.Path(os.environ["STRIPE_CONTRACT_DIR"]) / "events" / f"v1.billing.meter.{kind}.fetched.json"
    assert seeded.event("1", name=name, customer="cus_nobody").status == 200
    (event,) = seeded.end_validation()
    assert shape(event) == shape(json.loads(path.read_text()))
