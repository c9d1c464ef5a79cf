import pytest

from sandbox import HOUR, Sandbox


@pytest.fixture
def used(seeded, hour):
    """Two meters, two customers, three hours each."""
    for name in ("messages", "tokens"):
        for customer in ("cus_acme", "cus_globex"):
            for back in range(3):
                for second in (0, 90):
                    event = {"name": name, "customer": customer, "timestamp": hour - back * HOUR + second}
                    assert seeded.event(str(back + 1), **event).status == 200
    return seeded


def pages(sandbox, query):
    """Every page of a question."""
    after, found = "", []
    while True:
        page = sandbox.control("GET", f"usage?{query}{after}")
        found.append(page["usage"])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def key(row):
    return (row["meter"], row["customer"], row["hour"])


@pytest.mark.parametrize("limit", [1, 5, 12, 100])
def test_pages_hold_every_row_once_and_in_order(used, limit):
    whole = used.state()["usage"]
    assert len(whole) == 12
    found = [row for page in pages(used, f"limit={limit}") for row in page]
    assert [key(row) for row in found] == sorted(key(row) for row in whole)
    assert sorted(map(str, found)) == sorted(map(str, whole))


def test_pages_can_be_of_one_customer_and_of_one_meter(used):
    meter = next(meter["id"] for meter in used.state()["meters"] if meter["event_name"] == "tokens")
    rows = [row for page in pages(used, f"customer=cus_acme&meter={meter}&limit=2") for row in page]
    assert [(row["customer"], row["event_name"]) for row in rows] == [("cus_acme", "tokens")] * 3
    assert [row["value"] for row in rows] == [6, 4, 2]
    assert pages(used, "customer=cus_nobody") == [[]]


def test_the_state_can_be_asked_without_usage(used):
    state = used.control("GET", "state?usage=0")
    assert "usage" not in state and len(state["customers"]) == 2


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "after=x", "nothing=1", "limit[a]=1"])
def test_a_wrong_question_is_refused(sandbox, query):
    assert sandbox.send("GET", f"/_sandbox/usage?{query}").status == 400
    assert sandbox.send("GET", "/_sandbox/state?usage=2").status == 400


def test_what_was_received_cancelled_and_reported_outlives_the_process(tmp_path):
    path = str(tmp_path / "account.json")
    first = Sandbox("--state", path)
    first.seed(customers=[{"id": "cus_acme"}], meters=[{"event_name": "tokens"}])
    first.event("1", name="tokens", identifier="a b")
    first.event("2.5", name="tokens", identifier="0123456789abcdef0123456789abcdef")
    first.event("4", name="tokens", identifier="37c741d8-1f7e-4adc-af16-afdca1d73b37")
    form = {"event_name": "tokens", "type": "cancel", "cancel[identifier]": "a b"}
    assert first.post("/v1/billing/meter_event_adjustments", form).status == 200
    assert first.event("1", name="tokens", customer="cus_nobody").status == 200
    (event,) = first.end_validation()
    token = first.post_json("/v2/billing/meter_event_session", {}).body["authentication_token"]
    before = first.state()
    assert first.stop() == 0

    second = Sandbox("--state", path)
    assert second.state()["usage"] == before["usage"]
    assert before["usage"][0]["last_identifier"] == "37c741d8-1f7e-4adc-af16-afdca1d73b37"
    assert second.get(f"/v2/core/events/{event['id']}").body == event
    assert second.post("/v1/billing/meter_event_adjustments", form).status == 400
    for identifier in ("a b", "0123456789abcdef0123456789abcdef"):
        assert second.event("1", name="tokens", identifier=identifier).status == 400
    payload = {"stripe_customer_id": "cus_acme", "value": "1"}
    events = {"events": [{"event_name": "tokens", "payload": payload}]}
    stream = second.post_json("/v2/billing/meter_event_stream", events, Authorization=f"Bearer {token}")
    assert stream.status == 200
    assert second.stop() == 0
