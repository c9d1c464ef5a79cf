"""The ways in which usage is written to Stripe, as the tests that go through all of them need to know them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BillingMode:
    """One way; it joins the fault matrix and the rounds by a line below."""

    name: str
    meter: str  # in billed_plans.yaml, and the event name at Stripe
    path: str  # where its usage goes: what the sandbox's faults strike
    settings: dict = field(default_factory=dict)  # of the daemon

    def __str__(self):
        return self.name


MODES = [
    BillingMode("window", "windowed", "/v1/billing/meter_events"),
]
METERS = [
    {"event_name": "windowed", "event_time_window": "hour"},
]
