"""What tests of billing begin with: a month that is seeded, and the shapes of the versions read in one way."""

ACACIA = "2024-12-18.acacia"
BASIL = "2025-03-31.basil"
ENDIVE = "2026-10-28.endive"
VERSIONS = (ACACIA, BASIL, ENDIVE)
JANUARY = 1_798_761_600  # 2027-01-01T00:00:00Z
FEBRUARY = JANUARY + 31 * 86_400
MARCH = FEBRUARY + 28 * 86_400

SEED = {
    "customers": [{"id": "cus_acme", "email": "acme@example.com"}],
    "meters": [{"event_name": "messages", "event_time_window": "hour"}],
    "products": [{"id": "prod_chat", "name": "Chat"}],
    "prices": [
        {"id": "price_base", "product": "prod_chat", "unit_amount_decimal": "2000"},
        {"id": "price_messages", "product": "prod_chat", "unit_amount_decimal": "0.5", "meter": "messages"},
        {"id": "price_records", "product": "prod_chat", "unit_amount_decimal": "2", "usage_type": "metered"},
    ],
}
SUBSCRIPTION = {
    "id": "sub_acme",
    "customer": "cus_acme",
    "billing_cycle_anchor": JANUARY,
    "metadata": {"tenant_id": "acme"},
    "items": [{"id": "si_base", "price": "price_base"}, {"id": "si_messages", "price": "price_messages"}],
}


def seed_month(sandbox, **subscription):
    """Puts the clock into January and seeds Acme with a monthly subscription."""
    sandbox.control("POST", "clock", {"now": JANUARY + 86_400})
    sandbox.seed(**SEED, subscriptions=[{**SUBSCRIPTION, **subscription}])


def period(subscription):
    """The current period of a subscription, wherever its version has it."""
    plain = subscription.to_dict()
    holder = plain if "current_period_start" in plain else plain["items"]["data"][0]
    return holder["current_period_start"], holder["current_period_end"]


def invoices(sdk, subscription="sub_acme"):
    return sdk.v1.invoices.list({"subscription": subscription}).data
