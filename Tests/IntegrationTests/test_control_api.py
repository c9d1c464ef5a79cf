"""The control API on its Unix socket, and on TCP with a token."""

import http.client
import json

import pytest

from daemon import UnixHTTPConnection
from redis_server import free_port

TOKEN = "a-token-of-the-tests-0123456789abcdef"


def test_health_readiness_and_metrics_answer(shared_daemon):
    assert shared_daemon.http("GET", "/healthz") == (200, {"status": "ok"})
    status, body = shared_daemon.http("GET", "/readyz")
    assert status == 200
    assert body == {"status": "ready", "redis": "ok", "flusher": "ok", "gate": "ok"}
    status, page = shared_daemon.http("GET", "/metrics")
    assert status == 200
    names = [line.split()[2] for line in page.splitlines() if line.startswith("# TYPE ")]
    assert len(names) == len(set(names)) and all(name.startswith("tollgate_") for name in names)
    for line in page.splitlines():
        if not line.startswith("#"):
            float(line.rsplit(" ", 1)[1])


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("GET", "/nowhere", None, 404), ("POST", "/healthz", None, 405),
        ("GET", "/v1/tenants/nobody", None, 404), ("DELETE", "/v1/tenants/nobody", None, 404),
        ("GET", "/v1/tenants?colour=red", None, 400), ("GET", "/v1/tenants?limit=0", None, 400),
        ("PUT", "/v1/tenants/a%20b", {"plan": "starter"}, 400), ("PUT", "/v1/tenants/new", {}, 400),
        ("PUT", "/v1/tenants/new", {"plan": "gold"}, 400), ("PUT", "/v1/tenants/new", {"plan": 5}, 400),
        ("PUT", "/v1/tenants/new", {"plan": "starter", "colour": "red"}, 400), ("PUT", "/v1/tenants/new", [], 400),
        ("GET", "/v1/billing/outbox?after=x", None, 400),
    ],
)  # fmt: skip
def test_errors_are_problem_documents(shared_daemon, method, path, body, status):
    found, problem = shared_daemon.http(method, path, body)
    assert found == status
    assert problem["status"] == status and problem["title"] and problem["detail"]


def test_a_body_that_is_no_json_is_refused(shared_daemon):
    connection = UnixHTTPConnection(shared_daemon.control, 10)
    for body in (b"{", b"", b"\xff\xfe", b'{"plan": "starter", "plan": ', b"[" * 100_000):
        connection.request("PUT", "/v1/tenants/new", body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status in (400, 413), body[:20]
        assert answer.getheader("Content-Type").startswith("application/problem+json")
        answer.read()
        connection.close()


def test_openapi_describes_the_routes_that_answer(shared_daemon):
    status, document = shared_daemon.http("GET", "/openapi.json")
    assert status == 200 and document["openapi"].startswith("3.1")
    routes = ("/healthz", "/readyz", "/metrics", "/v1/tenants", "/v1/tenants/{id}", "/v1/billing/outbox")
    assert {*routes, "/v1/billing/flush"} <= set(document["paths"])


@pytest.fixture
def listening(start_daemon, redis_server):
    port = free_port()
    daemon = start_daemon(
        redis_url=redis_server.url,
        control_listen=f"127.0.0.1:{port}",
        environment={"TOLLGATE_CONTROL_TOKEN": TOKEN},
    )
    return daemon, port


def over_tcp(port, path, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_over_tcp_a_token_is_asked_for_and_the_socket_needs_none(listening):
    daemon, port = listening
    assert over_tcp(port, "/v1/tenants", TOKEN)[0] == 200
    for token in (None, "wrong", TOKEN[:-1], TOKEN + "x"):
        status, text = over_tcp(port, "/v1/tenants", token)
        assert status == 401
        assert json.loads(text)["status"] == 401
    assert daemon.http("GET", "/v1/tenants")[0] == 200
    assert TOKEN not in daemon.log


def test_listening_on_tcp_without_a_token_is_refused_at_the_start(make_daemon, redis_server):
    daemon = make_daemon(redis_url=redis_server.url, control_listen=f"127.0.0.1:{free_port()}").launch()
    assert daemon.end_code() == 2
    assert "TOLLGATE_CONTROL_TOKEN" in daemon.log


def test_the_outbox_is_paged(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    tenants = [f"t{number}" for number in range(12)]
    with daemon.resp() as gate:
        for tenant in tenants:
            gate.call("RECORD", tenant, "tokens", 1)
    found, after = [], ""
    while True:
        status, page = daemon.http("GET", f"/v1/billing/outbox?limit=5{after}")
        assert status == 200 and page["count"] == 12 and len(page["owed"]) <= 5
        found += [row["tenant"] for row in page["owed"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(found) == sorted(tenants)
    assert len(daemon.run("outbox", "--limit", "5", "--all", "--json").json["owed"]) == 12
