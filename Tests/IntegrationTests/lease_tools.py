"""What the lease tests do again and again: sidecars on one Redis, leases that are held, and what Redis knows."""

import os
import signal

from daemon import TESTS
from sidecars import SETTINGS
from usage_totals import RedisTotals
from waiting import wait_until

PLANS = os.path.join(TESTS, "lease_plans.yaml")
TENANT = "acme"
TTL_SECONDS, GRACE_SECONDS = 0.5, 0.1
# For what is only seen when no machine is quick enough: generous, and never waited for in vain.
SLACK_SECONDS = 2
# Nothing comes back by itself while a test runs.
LASTING = {"lease_ttl": "60s", "lease_grace": "10s", "lease_horizon": "10s"}
UNCONFIRMED = "STORE counted here, and Redis has not confirmed it within the deadline"


def start_sidecars(make_daemon, redis_server, count, **settings):
    """Sidecars with short leases, or as the settings say, and a tenant."""
    settings = {**SETTINGS, "plans": PLANS, "redis_url": redis_server.url, **settings}
    sidecars = [make_daemon(holder_id=f"sidecar-{number}", **settings).launch() for number in range(count)]
    for sidecar in sidecars:
        wait_until(sidecar.is_ready, f"{sidecar.directory} is ready", 30)
    sidecars[0].put(TENANT, plan="all")
    return sidecars


def lease(sidecar, redis_server, meter, take, unspent):
    """Takes so many units, in tens, so that the sidecar leases more; returns once it has so much unspent."""
    before = totals(redis_server, meter)
    before = before.used + before.held
    with sidecar.resp() as gate:
        for _ in range(take // 10):
            # More than one ask, so that it shows how fast they are spent.
            assert [answer[0] for answer in gate.pipeline(*[f"TAKE {TENANT} {meter}"] * 10)] == [1] * 10

    def is_leased():
        # Some of what is held may be spent, and Redis not told of it.
        stored = totals(redis_server, meter)
        return stored.used + stored.held >= before + take + unspent

    wait_until(is_leased, f"{unspent} {meter} are unspent")


def freeze(sidecar):
    """Stops all its threads; on a busy machine that takes a moment."""
    sidecar.process.send_signal(signal.SIGSTOP)
    tasks = f"/proc/{sidecar.process.pid}/task"

    def is_stopped(task):
        with open(f"{tasks}/{task}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"

    wait_until(lambda: all(map(is_stopped, os.listdir(tasks))), f"{sidecar.directory} stands still")


def thaw(sidecar):
    sidecar.process.send_signal(signal.SIGCONT)


def totals(redis_server, meter, tenant=TENANT):
    return RedisTotals(redis_server.client(), meter, tenant)


def used(gate, meter, tenant=TENANT):
    return gate.call("CHECK", tenant, meter, 0)[3]


def take_until_refused(gates, meter, tenant=TENANT):
    """Takes one unit after the other, at the gates in turn, until each has refused; how many were allowed."""
    allowed = 0
    open_gates = list(gates)
    while open_gates:
        for gate in list(open_gates):
            answer = gate.call("TAKE", tenant, meter)
            allowed += answer[0]
            if not answer[0]:
                assert answer[1] == "limit_exceeded", answer
                open_gates.remove(gate)
    return allowed


def wait_until_told(redis_server, meter, amount, tenant=TENANT):
    """Returns once Redis knows of so much usage."""
    wait_until(lambda: totals(redis_server, meter, tenant).used == amount, f"Redis knows of {amount} {meter}")
