import http.client
import json

import pytest
import stripe

from sandbox import Sandbox


def key(name):
    return {"Idempotency_Key": name}


def values(sandbox):
    return [row["value"] for row in sandbox.state()["usage"]]


def test_a_dropped_answer_was_committed_and_is_replayed(seeded):
    seeded.fault("drop_answer_after_commit")
    with pytest.raises(http.client.RemoteDisconnected):
        seeded.event("5", headers=key("k"))
    assert values(seeded) == [5]
    again = seeded.event("5", headers=key("k"))
    assert again.status == 200 and again.headers["idempotent-replayed"] == "true"


def test_a_reset_commits_nothing(seeded):
    seeded.fault("reset")
    with pytest.raises(ConnectionResetError):
        seeded.event("5", headers=key("k"))
    assert values(seeded) == []
    assert "idempotent-replayed" not in seeded.event("5", headers=key("k")).headers


def test_error_500_commits_nothing_and_is_not_saved(seeded):
    seeded.fault("error_500")
    answer = seeded.event("5", headers=key("k"))
    assert (answer.status, answer.error["type"], values(seeded)) == (500, "api_error", [])
    assert seeded.event("5", headers=key("k")).status == 200


def test_error_500_after_commit_is_saved(seeded):
    seeded.fault("error_500_after_commit")
    sdk, _ = seeded.sdk()
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            sdk.v1.billing.meter_events.create(
                {"event_name": "messages", "payload": {"stripe_customer_id": "cus_acme", "value": "5"}},
                {"idempotency_key": "k"},
            )
    assert values(seeded) == [5]


def test_a_slow_request_is_executed_though_its_client_has_gone(seeded):
    seeded.fault("slow", delay_ms=800)
    body = "event_name=messages&payload[value]=5&payload[stripe_customer_id]=cus_acme"
    client = http.client.HTTPConnection(seeded.address, timeout=0.2)
    headers = {"Authorization": "Bearer sk_test_x", "Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", "/v1/billing/meter_events", body, headers)
    with pytest.raises(TimeoutError):
        client.getresponse()
    client.close()
    assert values(seeded) == []
    seeded.wait_until(lambda: values(seeded) == [5], "the event is counted")


def test_a_slow_answer_is_to_what_is_committed_already(seeded):
    seeded.fault("slow_answer", delay_ms=60_000)
    form = "event_name=messages&payload[value]=5&payload[stripe_customer_id]=cus_acme"
    client = http.client.HTTPConnection(seeded.address, timeout=10)
    headers = {"Authorization": "Bearer sk_test_x", "Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", "/v1/billing/meter_events", form, headers)
    seeded.wait_until(lambda: values(seeded) == [5], "the event is counted")
    assert seeded.state()["under_way"] == 1
    client.close()


def test_a_fault_strikes_only_what_it_matches(seeded):
    seeded.fault("error_500", match="cus_globex")
    seeded.fault("rate_limit")
    customers = ("cus_acme", "cus_globex", "cus_globex")
    assert [seeded.event("1", customer=customer).status for customer in customers] == [429, 500, 200]


def test_rate_limit_names_its_reason(seeded):
    seeded.fault("rate_limit", path="/v1/customers/{id}", count=2)
    sdk, _ = seeded.sdk()
    for customer in ("cus_acme", "cus_globex"):
        with pytest.raises(stripe.RateLimitError) as refused:
            sdk.v1.customers.retrieve(customer)
        assert refused.value.headers["stripe-rate-limited-reason"] == "global-rate"
    assert sdk.v1.customers.retrieve("cus_acme").name == "Acme"


def test_faults_strike_in_order_and_can_be_taken_back(seeded):
    seeded.fault("error_500")
    seeded.fault("rate_limit")
    assert [seeded.event("1").status for _ in range(3)] == [500, 429, 200]
    seeded.fault("error_500", count=9)
    assert seeded.control("DELETE", "faults") == {"faults": []}
    assert seeded.event("1").status == 200


def test_a_misspelt_fault_is_refused(sandbox):
    good = '{"path": "/v1/customers", "kind": "slow"}'
    for body in ("{", "[1]", good.replace("slow", "slew"), good.replace("kind", "kinds"), good.replace("/v1", "v1")):
        answer = sandbox.send("POST", "/_sandbox/faults", body)
        assert answer.status == 400 and answer.error["message"]
    assert sandbox.state()["faults"] == []


def test_the_limiter_answers_429_above_its_rate():
    sandbox = Sandbox("--requests-per-second", "3")
    try:
        answers = [sandbox.get("/v1/customers") for _ in range(12)]
        refused = [answer for answer in answers if answer.status == 429]
        assert answers[0].status == 200 and refused
        assert {answer.headers["stripe-rate-limited-reason"] for answer in refused} == {"global-rate"}
    finally:
        assert sandbox.stop() == 0


def test_a_partial_body_was_committed(seeded):
    seeded.fault("partial_body")
    with pytest.raises(http.client.IncompleteRead) as cut:
        seeded.event("5", headers=key("k"))
    assert len(cut.value.partial) > 20 and values(seeded) == [5]
    assert seeded.event("5", headers=key("k")).headers["idempotent-replayed"] == "true"


def test_error_500_saved_is_all_its_key_answers(seeded):
    seeded.fault("error_500_saved")
    assert [seeded.event("5", headers=key("k")).status for _ in range(2)] == [500, 500]
    assert values(seeded) == []
    assert seeded.event("5", headers=key("other")).status == 200


@pytest.mark.parametrize(
    "kind, status, code",
    [("lock_timeout", 429, "lock_timeout"), ("conflict", 409, "idempotency_key_in_use"), ("unauthorized", 401, None)],
)
def test_a_refusal_on_command_commits_and_saves_nothing(seeded, kind, status, code):
    seeded.fault(kind)
    answer = seeded.event("5", headers=key("k"))
    assert (answer.status, answer.error.get("code"), values(seeded)) == (status, code, [])
    assert "stripe-rate-limited-reason" not in answer.headers
    assert "idempotent-replayed" not in seeded.event("5", headers=key("k")).headers


def test_a_fault_may_let_some_pass_and_strike_one_in_so_many(seeded):
    seeded.fault("error_500", after=2, every=3, count=2)
    assert [seeded.event("1").status for _ in range(9)] == [200] * 4 + [500, 200, 200, 500, 200]
    assert seeded.state()["faults"] == []


def test_a_fault_may_say_whether_to_retry_and_stand_for_all_paths(seeded):
    seeded.fault("error_500", path="*", should_retry=False)
    seeded.fault("conflict", path="*", should_retry=True)
    assert seeded.get("/v1/customers").headers["stripe-should-retry"] == "false"
    assert seeded.get("/v1/billing/meters").headers["stripe-should-retry"] == "true"


def statuses(sandbox, seed):
    sandbox.control("POST", "chaos", {"seed": seed, "percent": 50, "kinds": ["error_500", "rate_limit"]})
    return [sandbox.get("/v1/customers").status for _ in range(30)]


def test_chaos_is_the_same_for_the_same_seed(seeded):
    first = statuses(seeded, 7)
    assert set(first) == {200, 429, 500} and statuses(seeded, 7) == first != statuses(seeded, 8)
    struck = seeded.control("GET", "chaos")["struck"]
    assert sum(struck.values()) > 5 and set(struck) == {"error_500", "rate_limit"}
    seeded.control("POST", "chaos", {"percent": 0})
    assert [seeded.get("/v1/customers").status for _ in range(10)] == [200] * 10


def test_chaos_of_all_kinds_never_counts_an_event_twice(seeded):
    seeded.control("POST", "chaos", {"seed": 3, "percent": 60, "delay_ms": 5})
    for number in range(20):
        event = {"identifier": f"event-{number}", "name": "tokens"}
        for attempt in range(200):
            try:
                answer = seeded.event("1", headers=key(f"{number}-{attempt}"), **event)
            except (OSError, http.client.HTTPException):
                continue
            if answer.status == 200 or "already exists" in answer.error["message"]:
                break
        else:
            pytest.fail("no attempt of 200 came through")
    assert sum(values(seeded)) == 20


@pytest.mark.parametrize("change", [{"reason": "global-rate"}, {"path": "/v3/x"}, {"every": 0}, {"should_retry": 1}])
def test_a_fault_that_makes_no_sense_is_refused(sandbox, change):
    fault = {"path": "/v1/customers", "kind": "slow", **change}
    assert sandbox.send("POST", "/_sandbox/faults", json.dumps(fault)).status == 400
