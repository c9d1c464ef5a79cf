import concurrent.futures
import json

import pytest
import stripe

from billing import ACACIA, JANUARY, seed_month
from sandbox import Sandbox


def reason(answer):
    return answer.headers.get("stripe-rate-limited-reason")


def test_one_event_at_a_time_for_a_customer_and_meter(seeded):
    seeded.fault("slow", delay_ms=1_500)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(seeded.event, "1")
        seeded.wait_until_faults_have_struck()
        second = seeded.event("2")
        assert (second.status, reason(second)) == (429, "resource-specific")
        other = {"stripe_customer_id": "cus_acme", "value": "1"}
        v2 = seeded.post_json("/v2/billing/meter_events", {"event_name": "messages", "payload": other})
        assert (v2.status, v2.error["code"]) == (409, "too_many_concurrent_requests")
        assert seeded.event("1", customer="cus_globex").status == 200
        assert seeded.event("1", name="tokens").status == 200
        assert slow.result().status == 200
    assert seeded.event("2").status == 200


def test_one_write_at_a_time_to_an_object(sandbox):
    seed_month(sandbox, items=[{"id": "si_records", "price": "price_records"}])
    place = "/v1/subscription_items/si_records"

    def write():
        record = {"quantity": "1", "timestamp": JANUARY, "action": "set"}
        return sandbox.post(f"{place}/usage_records", record, Stripe_Version=ACACIA)

    sandbox.fault("slow", path=f"{place}/usage_records", delay_ms=1_500)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(write)
        sandbox.wait_until_faults_have_struck()
        second = write()
        assert (second.status, second.error["code"], reason(second)) == (429, "lock_timeout", None)
        assert sandbox.get(place).status == 200
        assert sandbox.post("/v1/customers/cus_acme", {"name": "x"}).status == 200
        assert slow.result().status == 200
    assert write().status == 200


def test_each_endpoint_has_its_rate(seeded):
    seeded.settings(limits={"endpoint": 2, "meter_events": 3})
    gets = [seeded.get("/v1/customers") for _ in range(5)]
    assert gets[0].status == 200 and gets[-1].status == 429 and reason(gets[-1]) == "endpoint-rate"
    assert seeded.get("/v1/billing/meters").status == 200
    events = [seeded.event("1") for _ in range(8)]
    assert [answer.status for answer in events[:3]] == [200] * 3
    assert {reason(answer) for answer in events if answer.status == 429} == {"endpoint-rate"}


def test_meter_events_with_a_rate_of_their_own_are_no_part_of_the_global_one(seeded):
    seeded.settings(limits={"global": 1, "meter_events": 1_000})
    assert [seeded.event("1").status for _ in range(5)] == [200] * 5
    seeded.settings(limits={"global": 1})
    assert 429 in [seeded.event("1").status for _ in range(5)]


@pytest.mark.parametrize("kind", ["global", "endpoint"])
def test_requests_in_progress_are_limited(seeded, kind):
    seeded.settings(limits={f"{kind}_concurrency": 1})
    seeded.fault("slow", path="/v1/customers", delay_ms=1_500)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(seeded.get, "/v1/customers")
        seeded.wait_until_faults_have_struck()
        refused = seeded.get("/v1/customers")
        assert (refused.status, reason(refused)) == (429, f"{kind}-concurrency")
        assert seeded.get("/v1/billing/meters").status == (429 if kind == "global" else 200)
        assert slow.result().status == 200
    assert seeded.get("/v1/customers").status == 200


def test_stripes_own_limits_are_set_by_name_and_by_flag(sandbox):
    limits = sandbox.settings(limits="stripe")["limits"]
    assert (limits["global"], limits["meter_events"], limits["stream"]) == (100, 1_000, 10_000)
    assert (limits["usage_records"], limits["endpoint"]) == (100, 25)
    assert set(sandbox.settings(limits="none")["limits"].values()) == {None}
    other = Sandbox("--stripe-limits")
    assert other.control("GET", "settings")["limits"] == limits
    assert other.stop() == 0


def test_a_429_keeps_its_key_free(seeded):
    seeded.settings(limits={"meter_events": 1})
    key = {"Idempotency_Key": "k"}
    answers = [seeded.event("1"), seeded.event("1"), seeded.event("1", headers=key)]
    assert answers[-1].status == 429
    seeded.settings(limits="none")
    answer = seeded.event("1", headers=key)
    assert answer.status == 200 and "idempotent-replayed" not in answer.headers


def test_the_sdk_raises_on_each_429(seeded):
    sdk, _ = seeded.sdk()
    reasons = ["global-rate", "global-concurrency", "endpoint-rate", "endpoint-concurrency", "resource-specific"]
    for name in reasons:
        seeded.fault("rate_limit", path="/v1/customers", reason=name)
        with pytest.raises(stripe.RateLimitError) as refused:
            sdk.v1.customers.list()
        assert refused.value.headers["stripe-rate-limited-reason"] == name
    seeded.fault("lock_timeout", path="/v1/customers")
    with pytest.raises(stripe.RateLimitError) as refused:
        sdk.v1.customers.list()
    assert refused.value.error.code == "lock_timeout" and "stripe-rate-limited-reason" not in refused.value.headers


@pytest.mark.parametrize(
    "change",
    [{"validation": "never"}, {"limits": "live"}, {"limits": {"endpoint": 0}}, {"limits": {"x": 1}}, {"delay": 1}],
)
def test_a_wrong_setting_changes_nothing(sandbox, change):
    before = sandbox.control("GET", "settings")
    text = json.dumps({"latency_ms": 5, **change})
    assert sandbox.send("POST", "/_sandbox/settings", text).status == 400
    assert sandbox.control("GET", "settings") == before
