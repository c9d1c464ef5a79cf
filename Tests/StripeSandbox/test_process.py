import http.client
import json
import os
import socket
import subprocess
import time

import pytest

from sandbox import Sandbox


def run(*arguments):
    return subprocess.run(
        [os.environ["STRIPE_SANDBOX_BIN"], *arguments], capture_output=True, text=True, timeout=20, check=False
    )


def test_the_state_outlives_the_process(tmp_path):
    path = str(tmp_path / "account.json")
    first = Sandbox("--state", path)
    first.seed(customers=[{"id": "cus_acme"}], meters=[{"event_name": "messages", "event_time_window": "hour"}])
    first.seed(meters=[{"event_name": "tokens"}])
    first.control("POST", "clock", {"advance_seconds": 7_200})
    for value in ("0.1", "0.2", "99999999999.9999"):
        assert first.event(value, name="tokens").status == 200
    event = first.event("41", identifier="i", headers={"Idempotency_Key": "k"})
    before = first.state()
    assert first.stop() == 0
    assert 100_000_000_000.2999 in [row["value"] for row in before["usage"]]

    second = Sandbox("--state", path)
    after = second.state()
    assert [after[part] for part in ("customers", "meters", "usage")] == [
        before[part] for part in ("customers", "meters", "usage")
    ]
    assert 0 <= after["now"] - before["now"] < 60
    assert second.event("41", identifier="i", headers={"Idempotency_Key": "k"}).body == event.body
    assert second.event("42", identifier="i").status == 400
    assert second.stop() == 0


def test_changes_reach_the_file_while_it_runs(sandbox, tmp_path):
    path = tmp_path / "account.json"
    made = sandbox.post("/v1/customers", {"name": "x"}).body["id"]
    sandbox.wait_until(lambda: made in path.read_text(), "the change is written")
    assert made in json.loads(path.read_text())["customers"]["order"]


def test_a_foreign_state_file_stops_the_start_and_is_left_alone(tmp_path):
    path = tmp_path / "account.json"
    path.write_text("not ours")
    result = run("--listen", "127.0.0.1:0", "--state", str(path))
    assert result.returncode == 1 and str(path) in result.stderr
    assert path.read_text() == "not ours"


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "192.0.2.1:80", "[::]:0", "example.com:80", "127.0.0.1", "127.0.0.1:x"]
)
def test_only_loopback_is_listened_on(address):
    result = run("--listen", address)
    assert result.returncode == 2 and "--listen" in result.stderr and result.stdout == ""


def test_a_taken_port_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert result.returncode == 1 and "cannot listen on 127.0.0.1:" in result.stderr


def test_it_stops_while_a_request_waits(seeded):
    seeded.fault("slow", delay_ms=60_000)
    with socket.create_connection(seeded.address.split(":"), timeout=10) as client:
        body = "event_name=messages&payload[value]=1&payload[stripe_customer_id]=cus_acme"
        client.sendall(
            b"POST /v1/billing/meter_events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_test_x\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        seeded.wait_until_faults_have_struck()
        assert seeded.stop() == 0


def test_it_stops_at_once_while_a_connection_is_idle(sandbox):
    client = http.client.HTTPConnection(sandbox.address, timeout=10)
    client.request("GET", "/_sandbox/state")
    client.getresponse().read()
    start = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - start < 1.5
    client.close()


def test_seeding_again_changes_nothing(sandbox):
    things = {
        "customers": [{"id": "cus_acme", "name": "Acme", "metadata": {"tenant_id": "acme"}}],
        "meters": [{"event_name": "messages", "event_time_window": "hour"}],
    }
    first = sandbox.seed(**things)
    again = sandbox.seed(**things)
    assert (first["created"], again["created"]) == (2, 0)
    assert first["meters"] == again["meters"] and first["customers"] == ["cus_acme"]
    other = {"meters": [{"event_name": "messages"}], "customers": [{"id": "cus_new"}]}
    assert sandbox.send("POST", "/_sandbox/seed", json.dumps(other)).status == 409
    assert len(sandbox.state()["customers"]) == 1


@pytest.mark.parametrize("name", ["acme", "cus_", "cus_a b", "cus_\u00e9", "cus_a/b", "cus_" + "x" * 61])
def test_a_seeded_id_has_stripes_form(sandbox, name):
    assert sandbox.send("POST", "/_sandbox/seed", json.dumps({"customers": [{"id": name}]})).status == 400


def test_the_dump_tells_what_was_asked(seeded):
    seeded.event("1", headers={"User_Agent": "tests/1", "Idempotency_Key": "k"})
    seeded.get("/v1/customers/cus_acme")
    state = seeded.state()
    assert state["requests"] == {"POST /v1/billing/meter_events": 1, "GET /v1/customers/{id}": 1}
    event = state["recent_requests"][0]
    assert (event["method"], event["path"], event["status"]) == ("POST", "/v1/billing/meter_events", 200)
    assert (event["headers"]["user-agent"], event["headers"]["idempotency-key"]) == ("tests/1", "k")
    assert event["parameters"]["payload[value]"] == "1"
    assert "contract" not in event["headers"]["authorization"]
