"""Stripe's events as Stripe sends them: signed by Stripe's own library, and by hand where it would not."""

import contextlib
import hashlib
import hmac
import http.client
import json
import time

import stripe

SECRET = "whsec_integration_one"
OTHER_SECRET = "whsec_integration_two"
PATH = "/webhooks/stripe"


def header(body, secret=SECRET, at=None):
    """The signature that Stripe's library makes."""
    at = int(time.time()) if at is None else at
    text = body.decode()
    code = stripe.WebhookSignature._compute_signature(f"{at}.{text}", secret)  # noqa: SLF001
    assert code == hmac.new(secret.encode(), f"{at}.{text}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"


def snapshot(event, kind, thing, version="2026-10-28.endive"):
    """A snapshot event about an object."""
    return json.dumps(
        {
            "id": event, "object": "event", "api_version": version, "created": int(time.time()), "livemode": False,
            "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
            "data": {"object": thing},
        }
    ).encode()  # fmt: skip


def thin(event, kind, meter=None):
    """A thin event, which only names what it is about."""
    related = meter and {"id": meter, "type": "billing.meter", "url": f"/v1/billing/meters/{meter}"}
    return json.dumps(
        {
            "id": event, "object": "v2.core.event", "type": kind, "created": "2026-01-15T10:20:52.051Z",
            "livemode": False, "context": None, "reason": None, "related_object": related,
        }
    ).encode()  # fmt: skip


def invoice(name="in_1", customer="cus_acme", cause="subscription_cycle"):
    return {"id": name, "object": "invoice", "customer": customer, "billing_reason": cause}


class Sender:
    """Sends to the listener at a port of loopback."""

    def __init__(self, port):
        self.port = port

    def send(self, body, signature=None, method="POST", path=PATH, seconds=20):
        """The status and the answer's document; signed well unless a signature is given."""
        fields = {"Stripe-Signature": header(body) if signature is None else signature}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)) as connection:
            connection.request(method, path, body=body, headers=fields)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
