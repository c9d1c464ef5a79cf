import concurrent.futures

import pytest
import stripe


def with_key(key):
    return {"Idempotency_Key": key}


def test_the_same_key_gives_the_first_answer_again(seeded):
    first = seeded.event("1", headers=with_key("k"))
    again = seeded.event("1", headers=with_key("k"))
    assert again.body == first.body and again.status == 200
    assert "idempotent-replayed" not in first.headers and again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"] != again.headers["request-id"]
    assert again.headers["idempotency-key"] == "k"
    assert [row["events"] for row in seeded.state()["usage"]] == [1]


def test_the_sdk_replays_with_its_own_key(sandbox):
    sdk, _ = sandbox.sdk()
    made = [sdk.v1.customers.create({"name": "x"}, {"idempotency_key": "one"}).id for _ in range(2)]
    assert made[0] == made[1] and len(sandbox.state()["customers"]) == 1


def test_a_key_is_good_for_one_set_of_parameters(seeded):
    sdk, _ = seeded.sdk()
    sdk.v1.customers.create({"name": "x"}, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.customers.create({"name": "y"}, {"idempotency_key": "one"})
    assert seeded.event("1", headers=with_key("one")).error["type"] == "idempotency_error"


def test_a_key_lives_for_a_day(sandbox):
    ask = lambda: sandbox.post("/v1/customers", {"name": "x"}, Idempotency_Key="k").body["id"]
    first = ask()
    sandbox.control("POST", "clock", {"advance_seconds": 86_390})
    assert ask() == first
    sandbox.control("POST", "clock", {"advance_seconds": 10})
    assert ask() != first


def test_refusals_by_the_endpoint_are_saved_and_failed_validation_is_not(seeded):
    seeded.settings(validation="sync")
    assert seeded.event("1", name="later", headers=with_key("saved")).status == 400
    seeded.seed(meters=[{"event_name": "later"}])
    saved = seeded.event("1", name="later", headers=with_key("saved"))
    assert saved.status == 400 and saved.headers["idempotent-replayed"] == "true"

    assert seeded.event("1", timestamp="soon", headers=with_key("free")).status == 400
    assert seeded.event("1", headers=with_key("free")).status == 200


def test_401_and_429_are_not_saved(seeded):
    assert seeded.event("1", headers={"Authorization": "", **with_key("k")}).status == 401
    seeded.fault("rate_limit")
    assert seeded.event("1", headers=with_key("k")).status == 429
    assert seeded.event("1", headers=with_key("k")).status == 200


def test_a_key_in_flight_is_409(seeded):
    seeded.fault("slow", delay_ms=1_500)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow = pool.submit(seeded.event, "1", headers=with_key("k"))
        seeded.wait_until_faults_have_struck()
        early = seeded.event("1", headers=with_key("k"))
        assert (early.status, early.error["code"]) == (409, "idempotency_key_in_use")
        assert slow.result().status == 200
    assert seeded.event("1", headers=with_key("k")).headers["idempotent-replayed"] == "true"


def test_a_key_has_at_most_255_characters(sandbox):
    assert sandbox.post("/v1/customers", {}, Idempotency_Key="k" * 255).status == 200
    assert sandbox.post("/v1/customers", {}, Idempotency_Key="k" * 256).status == 400
