"""Notices: signed, in order, tried again, and delivered by one daemon at a time."""

import json
import os

import pytest

from daemon import TESTS
from notice_receiver import OTHER_SECRET, SECRET, NoticeReceiver
from redis_server import free_port
from sidecars import SETTINGS
from waiting import wait_until

PLANS = os.path.join(TESTS, "alert_plans.yaml")
SECONDS = 60
NOTICES = "tollgate_notices_waiting"


@pytest.fixture
def receiver():
    receiver = NoticeReceiver()
    yield receiver
    receiver.close()
    assert receiver.problems == []


@pytest.fixture
def start_sidecars(make_daemon, redis_server):
    """Starts so many sidecars on one Redis, which send notices to a URL."""

    def start(count, url, secret=SECRET, **settings):
        settings = {"plans": PLANS, "redis_url": redis_server.url, **SETTINGS, "redis_deadline": "2s", **settings}
        sidecars = [
            make_daemon(
                holder_id=f"sidecar-{number}", notify_url=url, environment={"TOLLGATE_NOTIFY_SECRET": secret},
                **settings,
            ).launch()
            for number in range(count)
        ]  # fmt: skip
        for sidecar in sidecars:
            wait_until(sidecar.is_ready, f"{sidecar.directory} is ready", 30)
        for tenant in ("acme", "globex"):
            sidecars[0].put(tenant, plan="all")
        return sidecars

    return start


def use(sidecar, *amounts, tenant="acme"):
    """Uses units one call after the other, each told before the next."""
    for amount in amounts:
        with sidecar.resp() as gate:
            assert gate.call("TAKE", tenant, "units", amount)[0] == 1
        sidecar.http("POST", "/v1/billing/flush")


def crossed(sidecars):
    return sum(sidecar.metric("tollgate_gate_thresholds_crossed_total") for sidecar in sidecars)


def test_a_notice_is_signed_and_says_what_was_crossed(start_sidecars, receiver):
    sidecars = start_sidecars(2, receiver.url)
    use(sidecars[1], 85)
    wait_until(lambda: receiver.notices, "a notice", SECONDS)
    wait_until(lambda: sidecars[0].metric(NOTICES) == 0, "none waits", SECONDS)
    ((_, notice),) = receiver.notices
    assert notice["type"] == "threshold.crossed"
    assert notice["timestamp"].startswith("20") and notice["timestamp"].endswith("Z")
    data = notice["data"]
    assert (data.pop("period_start")[7:], data.pop("period_end")[7:]) == ("-01T00:00:00Z", "-01T00:00:00Z")
    assert data == {
        "tenant": "acme", "meter": "units", "threshold": "80%", "direction": "up", "used": 85, "limit": 100,
        "plan": "all",
    }  # fmt: skip
    assert sum(sidecar.metric("tollgate_notifier") for sidecar in sidecars) == 1
    assert sum(sidecar.metric("tollgate_notices_delivered_total") for sidecar in sidecars) == 1


def test_each_crossing_is_delivered_once_whoever_sees_and_sends_it(start_sidecars, receiver):
    sidecars = start_sidecars(3, receiver.url)
    for sidecar in sidecars:
        use(sidecar, 30)
    use(sidecars[0], 10)
    wait_until(lambda: len(receiver.notices) == 2, "both notices", SECONDS)
    wait_until(lambda: sidecars[0].metric(NOTICES) == 0, "none waits", SECONDS)
    assert [told[:3] for told in receiver.told("acme")] == [("units", "80%", "up"), ("units", "100%", "up")]
    assert len(receiver.attempts) == 2


def test_while_the_receiver_is_down_notices_wait_in_order(start_sidecars):
    port = free_port()
    sidecars = start_sidecars(2, f"http://127.0.0.1:{port}/notices")
    use(sidecars[0], 80, 20)
    use(sidecars[1], 80, tenant="globex")
    wait_until(lambda: sidecars[0].metric(NOTICES) == 3, "three notices wait", SECONDS)
    wait_until(
        lambda: sum(sidecar.metric("tollgate_notices_failed_total") for sidecar in sidecars) >= 3,
        "they were tried", SECONDS)  # fmt: skip
    receiver = NoticeReceiver(port)
    try:
        wait_until(lambda: len(receiver.notices) == 3, "all are delivered", SECONDS)
        assert [told[1] for told in receiver.told("acme")] == ["80%", "100%"]
    finally:
        receiver.close()
    assert receiver.problems == []


def test_a_notice_that_is_refused_keeps_its_id_and_holds_up_its_own_tenant_alone(start_sidecars, receiver):
    receiver.answer = lambda tenant: 302 if tenant == "acme" else 204
    (sidecar,) = start_sidecars(1, receiver.url)
    use(sidecar, 80, 20)
    use(sidecar, 80, tenant="globex")
    wait_until(lambda: receiver.told("globex"), "the other's is delivered", SECONDS)
    wait_until(lambda: len([1 for _, tenant, _ in receiver.attempts if tenant == "acme"]) >= 2, "a retry", SECONDS)
    assert len({name for name, tenant, _ in receiver.attempts if tenant == "acme"}) == 1
    receiver.answer = 200
    wait_until(lambda: len(receiver.told("acme")) == 2, "all are delivered", SECONDS)
    assert [told[1] for told in receiver.told("acme")] == ["80%", "100%"]


def test_what_waits_outlives_every_daemon(start_sidecars, redis_server):
    port = free_port()
    (sidecar,) = start_sidecars(1, f"http://127.0.0.1:{port}/notices")
    use(sidecar, 80)
    wait_until(lambda: sidecar.metric(NOTICES) == 1, "the notice waits", SECONDS)
    sidecar.kill()
    receiver = NoticeReceiver(port)
    try:
        sidecar.start()
        wait_until(lambda: len(receiver.notices) == 1, "it is delivered", SECONDS)
    finally:
        receiver.close()


def test_when_the_daemon_that_delivers_dies_another_takes_over(start_sidecars, receiver):
    sidecars = start_sidecars(2, receiver.url)
    wait_until(lambda: sum(sidecar.metric("tollgate_notifier") for sidecar in sidecars) == 1, "one delivers", SECONDS)
    deliverer = max(sidecars, key=lambda sidecar: sidecar.metric("tollgate_notifier"))
    other = next(sidecar for sidecar in sidecars if sidecar is not deliverer)
    deliverer.kill()
    use(other, 80)
    wait_until(lambda: len(receiver.notices) == 1, "the other delivers", SECONDS)


def test_while_the_secret_changes_the_receiver_may_know_either(start_sidecars):
    receivers = [NoticeReceiver(secret=secret) for secret in (SECRET, OTHER_SECRET)]
    try:
        for number, receiver in enumerate(receivers):
            (sidecar,) = start_sidecars(
                1, receiver.url, secret=f"{OTHER_SECRET},{SECRET}", redis_key_prefix=f"r{number}:")
            use(sidecar, 80)
            wait_until(lambda receiver=receiver: receiver.notices, "it is verified", SECONDS)
            assert sidecar.stop() == 0
            assert receiver.problems == []
    finally:
        for receiver in receivers:
            receiver.close()


def test_a_receiver_that_does_not_know_the_secret_gets_it_again(start_sidecars):
    receiver = NoticeReceiver(secret=OTHER_SECRET)
    try:
        (sidecar,) = start_sidecars(1, receiver.url)
        use(sidecar, 80)
        wait_until(lambda: len(receiver.problems) >= 2, "two attempts", SECONDS)
        assert receiver.notices == [] and sidecar.metric(NOTICES) == 1
    finally:
        receiver.close()


def test_notices_that_nobody_takes_do_not_grow_without_bound(start_sidecars, redis_server):
    (sidecar,) = start_sidecars(1, f"http://127.0.0.1:{free_port()}/notices", redis_partitions=1)
    client = redis_server.client()
    with client.pipeline(transaction=False) as pipeline:
        for _ in range(10_000):
            pipeline.xadd("tg:{p000}:notices", {"type": "test", "tenant": "globex", "data": "{}"})
        pipeline.execute()
    use(sidecar, 80)
    wait_until(lambda: sidecar.metric("tollgate_gate_notices_dropped_total") == 1, "it had no room", SECONDS)
    assert client.xlen("tg:{p000}:notices") == 10_000
    actions = [(entry["action"], entry["reason"]) for _, entry in client.xrange("tg:{p000}:audit")]
    assert actions[-2:] == [("threshold.crossed", ""), ("notice.dropped", "10000 notices wait")]


@pytest.mark.parametrize(
    "settings, environment, message",
    [
        ({"notify_url": "https://hooks.example"}, {}, "notify.url needs a secret to sign with"),
        ({}, {"TOLLGATE_NOTIFY_SECRET": "top-secret"}, "TOLLGATE_NOTIFY_SECRET: must be whsec_"),
        ({"notify_url": "http://hooks.example"}, {"TOLLGATE_NOTIFY_SECRET": SECRET}, "notify.allow_http"),
    ],
)
def test_settings_that_cannot_be_signed_or_are_not_safe_stop_the_start(make_daemon, settings, environment, message):
    daemon = make_daemon(environment=environment, **settings).launch()
    assert daemon.end_code() == 2
    assert message in daemon.log
    assert "top-secret" not in daemon.log and SECRET not in daemon.log


def test_the_secret_is_in_no_log_no_doctor_and_no_metric(start_sidecars, receiver):
    receiver.answer = 500
    (sidecar,) = start_sidecars(1, receiver.url, log_level="trace")
    use(sidecar, 80)
    wait_until(lambda: sidecar.metric("tollgate_notices_failed_total") >= 1, "an attempt failed", SECONDS)
    shown = sidecar.log + json.dumps(sidecar.run("doctor", "--json").json) + sidecar.http("GET", "/metrics")[1]
    assert "a notice was not delivered" in shown
    assert SECRET not in shown and SECRET.removeprefix("whsec_") not in shown
