import base64

import pytest
import stripe

from sandbox import KEY


def test_any_test_key_is_taken_by_bearer_and_basic(sandbox):
    basic = base64.b64encode(b"rk_test_x:").decode()
    for header in (f"Bearer {KEY}", "Bearer rk_test_x", f"Basic {basic}", "bearer sk_test_y"):
        assert sandbox.get("/v1/customers", Authorization=header).status == 200


@pytest.mark.parametrize(
    "header", [None, "", KEY, "Bearer", "Bearer sk_live_x", "Bearer sk_test_", "Basic %%", "Digest x"]
)
def test_a_missing_or_wrong_key_is_401(sandbox, header):
    answer = sandbox.get("/v1/customers", Authorization=header)
    assert (answer.status, answer.error["type"]) == (401, "invalid_request_error")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Stripe"'


def test_the_sdk_raises_an_authentication_error(sandbox):
    client = stripe.StripeClient("sk_live_0123456789", base_addresses={"api": sandbox.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError) as refused:
        client.v1.customers.list()
    assert "0123456789" not in str(refused.value)


def test_every_answer_names_its_request_and_its_version(sandbox):
    old = sandbox.get("/v1/customers", Stripe_Version="2024-12-18.acacia")
    plain = sandbox.get("/v1/customers/cus_nobody")
    assert old.headers["stripe-version"] == "2024-12-18.acacia"
    assert plain.headers["stripe-version"] == "2026-10-28.endive"
    assert old.headers["request-id"].startswith("req_") and plain.headers["request-id"] != old.headers["request-id"]


def test_an_unknown_version_is_refused(sandbox):
    answer = sandbox.get("/v1/customers", Stripe_Version="2024-12-18")
    assert answer.status == 400 and "Invalid Stripe API version: 2024-12-18" in answer.error["message"]


def test_an_unknown_url_is_404(sandbox):
    for method, path in [("GET", "/v1/nothing"), ("PUT", "/v1/customers"), ("GET", "/v1/customers/"), ("GET", "/")]:
        answer = sandbox.send(method, path, Authorization=f"Bearer {KEY}")
        assert (answer.status, answer.error["type"]) == (404, "invalid_request_error")


@pytest.mark.parametrize(
    "form, code, param",
    [
        ("foo=1", "parameter_unknown", "foo"),
        ("address[planet]=earth", "parameter_unknown", "address[planet]"),
        ("balance=ten", "parameter_invalid_integer", "balance"),
        ("balance=1.5", "parameter_invalid_integer", "balance"),
        ("invoice_prefix=", "parameter_invalid_empty", "invoice_prefix"),
        ("name[first]=x", None, "name"),
        ("metadata=x", None, "metadata"),
        ("shipping[name]=x", "parameter_missing", "shipping[address]"),
        ("preferred_locales[x]=en", None, "preferred_locales"),
        ("tax_exempt=maybe", None, "tax_exempt"),
        ("source=tok_visa", None, "source"),
        ("expand[]=subscriptions", None, "expand"),
        ("name=1&name[a]=2", None, "name[a]"),
        ("name[=1", None, "name["),
        ("name=%zz", None, None),
        ("name=%ff", None, None),
    ],
)
def test_a_wrong_form_is_refused_in_stripes_words(sandbox, form, code, param):
    answer = sandbox.post("/v1/customers", form)
    assert answer.status == 400 and answer.error["type"] == "invalid_request_error"
    assert (answer.error.get("code"), answer.error.get("param")) == (code, param)
    assert sandbox.state()["customers"] == []


def test_nested_names_lists_and_escapes_are_decoded(sandbox):
    form = "name=A+%26+B%c3%a9&preferred_locales[]=en&preferred_locales[]=de&metadata%5Ba%5D=1&address[city]=K%C3%B6ln"
    made = sandbox.post("/v1/customers", form).body
    assert (made["name"], made["preferred_locales"]) == ("A & Bé", ["en", "de"])
    assert (made["metadata"], made["address"]) == ({"a": "1"}, {"city": "Köln"})


def test_only_forms_are_taken(sandbox):
    answer = sandbox.post("/v1/customers", '{"name": "x"}', Content_Type="application/json")
    assert answer.status == 400 and "application/x-www-form-urlencoded" in answer.error["message"]


def test_a_body_over_a_mebibyte_is_refused(sandbox):
    assert sandbox.post("/v1/customers", "name=" + "x" * (1 << 20)).status == 413
    assert sandbox.get("/v1/customers").status == 200
