"""Stripe's events, into the real daemon: signed, stored before they are acknowledged, and applied."""

import concurrent.futures
import contextlib
import json
import signal
import socket
import time

import pytest

from redis_server import free_port
from sandbox import KEY
from waiting import wait_until
from webhook_sender import OTHER_SECRET, PATH, SECRET, Sender, header, invoice, snapshot, thin

SECONDS = 30
EVENTS = "tg:{webhooks}:events"


@pytest.fixture
def hooked(make_daemon, redis_server):
    """Starts a daemon that listens for events; `with_key` also applies them, at Stripe's stand-in."""

    def start(secret=SECRET, **settings):
        environment = {"STRIPE_WEBHOOK_SECRET": secret, **settings.pop("environment", {})}
        port = free_port()
        settings = {"redis_url": redis_server.url, "webhook_listen": f"127.0.0.1:{port}", **settings}
        daemon = make_daemon(environment=environment, **settings).start()
        daemon.webhooks = Sender(port)
        return daemon

    return start


def stored(redis_server):
    return [entry["id"] for _, entry in redis_server.client().xrange(EVENTS)]


def counted(daemon, kind, outcome):
    page = daemon.http("GET", "/metrics")[1]
    line = f'tollgate_webhook_events_total{{type="{kind}",outcome="{outcome}"}} '
    return sum(float(row.split()[-1]) for row in page.splitlines() if row.startswith(line))


def test_events_are_stored_once_before_they_are_acknowledged(hooked, redis_server):
    daemon = hooked()
    created = snapshot("evt_1", "invoice.created", invoice(), version="2024-12-18.acacia")
    assert daemon.webhooks.send(created) == (200, {"outcome": "stored"})
    assert daemon.webhooks.send(created) == (200, {"outcome": "known"})
    assert daemon.webhooks.send(thin("evt_2", "v1.billing.meter.no_meter_found"))[0] == 200
    assert daemon.webhooks.send(snapshot("evt_3", "charge.succeeded", {"id": "ch_1"})) == (200, {"outcome": "ignored"})
    assert stored(redis_server) == ["evt_1", "evt_2"]
    assert redis_server.client().pttl("tg:{webhooks}:seen:evt_1") > 30 * 86_400_000
    assert counted(daemon, "invoice.created", "known") == 1 and counted(daemon, "other", "ignored") == 1
    assert daemon.metric("tollgate_webhook_pending") == 2 and daemon.is_ready()


def test_what_is_stored_outlives_redis_and_tollgate(hooked, redis_server):
    daemon = hooked()
    assert daemon.webhooks.send(snapshot("evt_1", "invoice.created", invoice()))[0] == 200
    daemon.process.send_signal(signal.SIGKILL)
    redis_server.kill()
    redis_server.start()
    daemon.kill()
    daemon.start()
    assert stored(redis_server) == ["evt_1"]
    assert daemon.webhooks.send(snapshot("evt_1", "invoice.created", invoice())) == (200, {"outcome": "known"})


def test_only_what_stripe_signed_with_a_known_secret_comes_in(hooked, redis_server):
    daemon = hooked(secret=f"{SECRET},{OTHER_SECRET}", webhook_tolerance="60s")
    body = snapshot("evt_1", "invoice.created", invoice())
    now = int(time.time())
    for bad in (
        "", "t=1,v1=2", header(body, "whsec_unknown_secret"), header(body + b" "), header(body, at=now - 90),
        header(body, at=now + 90), header(body).replace("v1=", "v0="),
    ):  # fmt: skip
        status, problem = daemon.webhooks.send(body, bad)
        assert (status, problem["code"]) == (400, "bad_signature"), bad
    assert stored(redis_server) == []
    both = header(body, "whsec_unknown_secret", now) + "," + header(body, OTHER_SECRET, now).split(",")[1]
    assert daemon.webhooks.send(body, both) == (200, {"outcome": "stored"})
    assert daemon.webhooks.send(body, header(body, SECRET)) == (200, {"outcome": "known"})
    assert daemon.webhooks.send(b"{}", header(b"{}"))[1]["code"] == "bad_event"
    shown = daemon.log + str(daemon.http("GET", "/metrics")) + str(daemon.http("GET", "/v1/webhooks"))
    for secret in (SECRET, OTHER_SECRET, "whsec_", "billing_reason"):
        assert secret not in shown


def test_nothing_else_is_served_there_and_nothing_of_it_elsewhere(hooked):
    daemon = hooked()
    for path in ("/", "/metrics", "/v1/tenants", PATH + "/", "/v1/webhooks"):
        assert daemon.webhooks.send(b"", path=path)[0] == 404
    assert daemon.webhooks.send(b"", method="PUT")[0] == 405
    assert daemon.http("POST", PATH)[0] == 404
    large = b" " * ((1 << 20) + 1)
    assert daemon.webhooks.send(large)[0] == 413
    whole = b" " * (1 << 20)
    assert daemon.webhooks.send(whole)[1]["code"] == "bad_event"


def test_a_request_that_does_not_come_whole_is_cut_off_and_others_are_served(hooked, redis_server):
    daemon = hooked()
    body = snapshot("evt_slow", "invoice.created", invoice())
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nStripe-Signature: {header(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", daemon.webhooks.port))) for _ in range(10)]
        for number, connection in enumerate(slow):
            connection.settimeout(SECONDS)
            connection.sendall((head if number % 2 else head[:20]).encode())
        assert daemon.webhooks.send(snapshot("evt_1", "invoice.created", invoice()))[0] == 200
        for number, connection in enumerate(slow):
            # A byte now and then does not help.
            with contextlib.suppress(OSError):
                connection.sendall(b"{" if number % 2 else b"x")
            answer = b""
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(4096):
                    answer += part
            assert answer.startswith(b"HTTP/1.1 408 ") if number % 2 else answer == b"", answer
    assert stored(redis_server) == ["evt_1"]
    assert counted(daemon, "none", "too_slow") == 5


def test_while_redis_is_away_stripe_is_to_send_again(hooked, redis_server):
    daemon = hooked()
    body = snapshot("evt_1", "invoice.created", invoice())
    redis_server.kill()
    assert daemon.webhooks.send(body, seconds=SECONDS)[0] == 503
    redis_server.start()
    wait_until(daemon.is_ready, "the daemon is ready again", SECONDS)
    assert daemon.webhooks.send(body)[0] == 200
    assert stored(redis_server) == ["evt_1"]
    redis_server.client().config_set("appendonly", "no")
    assert daemon.webhooks.send(snapshot("evt_2", "invoice.created", invoice()))[1]["code"] == "store"
    assert "has no append-only file" in daemon.log


def test_a_storm_of_the_same_events_stores_each_once(hooked, redis_server):
    daemon = hooked()
    bodies = [snapshot(f"evt_{number % 50}", "invoice.updated", invoice(f"in_{number % 50}")) for number in range(200)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert {status for status, _ in pool.map(daemon.webhooks.send, bodies)} == {200}
    assert sorted(stored(redis_server)) == sorted(f"evt_{number}" for number in range(50))


def test_secrets_are_followed_at_a_reload(hooked, directory):
    path = f"{directory}/secret"

    def write(secret):
        with open(path, "w", encoding="utf-8") as file:
            file.write(secret + "\n")

    write(SECRET)
    daemon = hooked(secret="", environment={"STRIPE_WEBHOOK_SECRET_FILE": path})
    body = snapshot("evt_1", "invoice.created", invoice())
    assert daemon.webhooks.send(body, header(body, OTHER_SECRET))[0] == 400
    write(OTHER_SECRET)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.metric("tollgate_reloads_total") == 1, "the settings are reloaded", SECONDS)
    assert daemon.webhooks.send(body)[0] == 400
    assert daemon.webhooks.send(body, header(body, OTHER_SECRET))[0] == 200


@pytest.mark.parametrize("secret", [" ", "whsec_", "nothing", f"{SECRET},"])
def test_a_secret_that_is_none_stops_the_start(make_daemon, secret):
    daemon = make_daemon(environment={"STRIPE_WEBHOOK_SECRET": secret}).launch()
    assert daemon.end_code() == 2
    assert "STRIPE_WEBHOOK_SECRET: must be signing secrets of endpoints at Stripe" in daemon.log


def test_without_a_secret_nothing_listens(make_daemon, redis_server):
    port = free_port()
    daemon = make_daemon(
        redis_url=redis_server.url, webhook_listen=f"127.0.0.1:{port}",
        environment={"STRIPE_SECRET_KEY": KEY, "TOLLGATE_STRIPE_API_BASE": "http://127.0.0.1:9"}).start()  # fmt: skip
    assert "no webhooks of Stripe's are taken: STRIPE_WEBHOOK_SECRET is not set" in daemon.log
    with pytest.raises(ConnectionRefusedError):
        Sender(port).send(b"")


def test_an_event_that_cannot_be_applied_is_listed_and_tried_again_when_said(hooked, sandbox, billing):
    environment = billing.pop("environment")
    daemon = hooked(environment=environment, **billing)
    assert daemon.webhooks.send(thin("evt_unknown", "v1.billing.meter.error_report_triggered", "mtr_1"))[0] == 200
    wait_until(lambda: daemon.metric("tollgate_webhook_dead") == 1, "it is given up", SECONDS)
    ran = daemon.run("webhooks", "--dead", "--json")
    assert ran.code == 0 and ran.json["pending"] == 0
    [event] = ran.json["events"]
    assert (event["event"], event["object"], event["attempts"]) == ("evt_unknown", "mtr_1", 1)
    assert event["reason"] and event["reason"] in daemon.run("webhooks", "list", "--dead").out
    assert daemon.run("webhooks").out == "waiting: 0, given up: 1\n"
    assert daemon.run("webhooks", "retry", "evt_unknown").out == "evt_unknown waits to be applied\n"
    wait_until(lambda: counted(daemon, event["type"], "dead") == 2, "it is given up again", SECONDS)
    assert daemon.run("webhooks", "retry", "evt_none").code == 2


def test_an_event_that_waits_for_stripe_is_applied_by_the_next_daemon(hooked, redis_server, sandbox):
    nowhere = f"http://127.0.0.1:{free_port()}"
    settings = {"environment": {"STRIPE_SECRET_KEY": KEY}}
    daemon = hooked(stripe_api_base=nowhere, **json.loads(json.dumps(settings)))
    daemon.put("acme", customer="cus_acme")
    assert daemon.webhooks.send(snapshot("evt_1", "invoice.deleted", invoice("in_gone")))[0] == 200
    wait_until(lambda: counted(daemon, "invoice.deleted", "failed") >= 1, "it was tried", SECONDS)
    [event] = daemon.run("webhooks", "--json").json["events"]
    assert event["event"] == "evt_1" and event["attempts"] >= 1 and event["reason"]
    daemon.kill()
    other = hooked(stripe_api_base=sandbox.url, **settings)
    wait_until(lambda: stored(redis_server) == [], "the other applies it", SECONDS)
    assert counted(other, "invoice.deleted", "applied") == 1
