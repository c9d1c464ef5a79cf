"""The ways in which usage is written to Stripe, as the tests that go through all of them need to know them."""

from dataclasses import dataclass, field

HOUR = 3_600
EVENTS = "/v1/billing/meter_events"
EVENTS_V2 = "/v2/billing/meter_events"
STREAM = "/v2/billing/meter_event_stream"
RECORDS = "/v1/subscription_items/{}/usage_records"


@dataclass(frozen=True)
class BillingMode:
    """One way; it joins the fault matrix and the rounds by a line below."""

    name: str
    meter: str  # in billed_plans.yaml, and the event name at Stripe
    path: str  # where its usage goes, with {} for a subscription item
    settings: dict = field(default_factory=dict, compare=False)  # of the daemon

    def __str__(self):
        return self.name

    @property
    def is_by_item(self):
        return "{}" in self.path

    @property
    def hours_in_a_request(self):
        return 100 if self.path == STREAM else 1

    def place(self, tenant):
        """Which requests of it a fault is to strike; `tenant` may be None for all of them."""
        if self.is_by_item:
            return {"path": self.path.format(item(tenant) if tenant else "{id}")}
        return {"path": self.path, **({"match": customer(tenant)} if tenant else {})}

    def usage(self, sandbox):
        """What the account has: {(meter, customer, hour's start): value}."""
        if not self.is_by_item:
            usage = sandbox.usage()
            return {place: value for place, value in usage.items() if place[0] == self.meter}
        hours = {}
        for row in sandbox.state()["usage_records"]:
            tenant = row["subscription_item"].removeprefix(item(""))
            place = (self.meter, customer(tenant), row["timestamp"] // HOUR * HOUR)
            hours[place] = hours.get(place, 0) + row["quantity"]
        return hours

    def oldest(self, sandbox, tenant):
        """Where the tenant's period begins, if only hours of it are taken."""
        if not self.is_by_item:
            return None
        subscriptions = {subscription["id"]: subscription for subscription in sandbox.state()["subscriptions"]}
        return subscriptions[f"sub_{tenant}"]["items"]["data"][0]["current_period_start"]


MODES = [
    BillingMode("window", "windowed", EVENTS),
    BillingMode("window_v2", "windowed", EVENTS_V2, {"stripe_meter_events": "v2"}),
    BillingMode("window_stream", "windowed", STREAM, {"stripe_stream_above": 0}),
    BillingMode("sum", "summed", EVENTS),
    BillingMode("sum_v2", "summed", EVENTS_V2, {"stripe_meter_events": "v2"}),
    BillingMode("sum_stream", "summed", STREAM, {"stripe_stream_above": 0}),
    BillingMode("usage_record", "recorded", RECORDS),
]


def customer(tenant):
    return f"cus_{tenant}"


def item(tenant):
    return f"si_{tenant}"


ACCOUNT = {
    "meters": [{"event_name": "windowed", "event_time_window": "hour"}, {"event_name": "summed"}],
    "products": [{"id": "prod_tests"}],
    "prices": [{"id": "price_recorded", "product": "prod_tests", "usage_type": "metered"}],
}


def customers(tenants, anchor):
    """What the account needs of tenants, whose periods are counted from `anchor`."""
    return {
        "customers": [{"id": customer(tenant)} for tenant in tenants],
        "subscriptions": [
            {
                "id": f"sub_{tenant}",
                "customer": customer(tenant),
                "items": [{"id": item(tenant), "price": "price_recorded"}],
                "billing_cycle_anchor": anchor,
            }
            for tenant in tenants
        ],
    }
