"""Exactly the limit, from many connections and sidecars, and no unit lost or invented by a kill."""

import threading

from resp_socket import Closed, encode
from waiting import wait_until

CONNECTIONS = 64


def take_until_refused(daemon, tenant, admitted, barrier):
    """Takes one unit at a time until a refusal; adds how many were allowed."""
    with daemon.resp() as gate:
        barrier.wait(timeout=30)
        count = 0
        while True:
            answer = gate.call("TAKE", tenant, "messages")
            if answer[0] == 0:
                admitted.append((count, answer))
                return
            count += 1


def assert_exactly_the_limit_is_admitted(daemons, tenant, limit, taken=0):
    admitted = []
    barrier = threading.Barrier(CONNECTIONS)
    threads = [
        threading.Thread(target=take_until_refused, args=(daemons[number % len(daemons)], tenant, admitted, barrier))
        for number in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == CONNECTIONS
    assert {answer[1] for _, answer in admitted} == {"limit_exceeded"}
    assert taken + sum(count for count, _ in admitted) == limit
    with daemons[0].resp() as gate:
        assert gate.call("CHECK", tenant, "messages", 0)[3] == limit


def test_64_connections_against_a_limit_of_1000_admit_exactly_1000(shared_daemon, tenant):
    assert_exactly_the_limit_is_admitted([shared_daemon], tenant, 1000)


def test_two_sidecars_with_one_redis_admit_exactly_the_limit(shared_daemon, start_daemon, shared_redis, tenant):
    second = start_daemon(redis_url=shared_redis.url, holder_id="second")
    for daemon in (shared_daemon, second):
        # On a busy machine one of them may not get a turn before the other has taken everything.
        with daemon.resp() as gate:
            assert gate.call("TAKE", tenant, "messages", 100)[0] == 1
    assert_exactly_the_limit_is_admitted([shared_daemon, second], tenant, 1000, taken=200)
    keys = list(shared_redis.client().scan_iter(match=f"*:h:messages:*:{tenant}", count=10_000))
    totals = [shared_redis.client().hgetall(key) for key in keys]
    assert sum(int(value) for total in totals for value in total.values()) == 1000
    holders = {field.split(":", 1)[1] for total in totals for field in total}
    assert len(holders) == 2


def test_64_connections_pipelining_several_meters_take_all_or_none(shared_daemon, tenant):
    """Each call takes one message and ten tokens; the messages run out first."""
    results = []

    def run():
        with shared_daemon.resp() as gate:
            gate.write(encode("TAKE", tenant, "tokens", 10, "messages", 1) * 30)
            results.extend(gate.read()[0] for _ in range(30))

    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 1000 and len(results) == CONNECTIONS * 30
    with shared_daemon.resp() as gate:
        assert gate.call("CHECK", tenant, "messages", 0)[3] == 1000
        assert gate.call("CHECK", tenant, "tokens", 0)[3] == 10_000


class Load:
    """Connections that record one unit a call until the gate is gone, each call with at most one unanswered."""

    def __init__(self, daemon, tenants, connections=8):
        self.answered = {tenant: 0 for tenant in tenants}
        self.unanswered = {tenant: 0 for tenant in tenants}
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.run, args=(daemon.resp(), tenants[number % len(tenants)]))
            for number in range(connections)
        ]
        for thread in self.threads:
            thread.start()

    def run(self, gate, tenant):
        allowed = 0
        try:
            while True:
                gate.send("TAKE", tenant, "tokens")
                allowed += gate.read()[0]
        except (Closed, OSError):
            pass
        with self.lock:
            self.answered[tenant] += allowed
            self.unanswered[tenant] += 1

    def wait(self):
        for thread in self.threads:
            thread.join(timeout=20)
            assert not thread.is_alive()


def test_kill_9_during_load_loses_nothing_and_invents_nothing_and_the_bill_equals_redis(make_daemon, sandbox, billing):
    """Three kills on one managed Redis: what was answered is in it, and the flush makes Stripe equal to it."""
    daemon = make_daemon(redis_url="managed", **billing).start()
    tenants = ["acme", "globex"]
    for tenant in tenants:
        daemon.put(tenant, customer=f"cus_{tenant}")
    redis_process = daemon.managed_redis_pid()
    answered = dict.fromkeys(tenants, 0)
    unanswered = dict.fromkeys(tenants, 0)
    for _ in range(3):
        load = Load(daemon, tenants)
        target = daemon.metric("tollgate_gate_allowed_total") + 500
        wait_until(lambda: daemon.metric("tollgate_gate_allowed_total") > target, "the load runs")
        daemon.kill()
        load.wait()
        for tenant in tenants:
            answered[tenant] += load.answered[tenant]
            unanswered[tenant] += load.unanswered[tenant]
        daemon.start()
        assert "found the redis-server of an earlier run" in daemon.log
        assert daemon.managed_redis_pid() == redis_process
    with daemon.resp() as gate:
        used = {tenant: gate.call("CHECK", tenant, "tokens", 0)[3] for tenant in tenants}
    for tenant in tenants:
        assert answered[tenant] <= used[tenant] <= answered[tenant] + unanswered[tenant]
    assert daemon.http("POST", "/v1/billing/flush")[1]["owed"] == 0
    billed = {}
    for (name, customer, _), value in sandbox.usage().items():
        assert name == "tokens"
        billed[customer] = billed.get(customer, 0) + value
    assert billed == {f"cus_{tenant}": used[tenant] for tenant in tenants}
    assert daemon.stop() == 0
