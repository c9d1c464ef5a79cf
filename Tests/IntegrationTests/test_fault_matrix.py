"""Each way to write usage, each fault of Stripe's, each moment to die: what Redis counted is what Stripe recorded.

A sidecar is killed at a moment of the sends of several tenants. It starts again, usage goes up or back to nothing,
and each tenant's next send meets a fault of its own.
"""

import pytest

from billed_world import BilledWorld
from billing_modes import MODES
from resp_socket import ErrorReply
from stripe_faults import FAULTS
from waiting import wait_until

HELD_MS = 1_000
SENDS_AT_ONCE = 8
FIRST, MORE, LAST = 10, 7, 3


@pytest.fixture(scope="module", params=MODES, ids=str)
def world(request, make_directory):
    world = BilledWorld(make_directory(), request.param)
    try:
        yield world.start()
        world.assert_all_agree()
    finally:
        world.end()


def marks(world):
    client = world.redis.client()
    keys = client.scan_iter(match=f"*:h:{world.mode.meter}:*", count=10_000)
    return sum(field.endswith("=send") for key in keys for field in client.hkeys(key))


def restart(world):
    world.sidecar.kill()
    world.sidecar.launch()
    world.sidecars.wait_until_ready()


def killed_before_send(world, tenants):
    """All hours but the first are marked as being sent and wait for their turn, one a second."""
    usual = dict(world.sidecar.environment)
    # Usage records keep the pace of all requests, meter events one of their own. The wait for a turn is part of the
    # time a request may take.
    for name, value in {"REQUESTS_PER_SECOND": "1", "METER_EVENTS_PER_SECOND": "1", "TIMEOUT": "30s"}.items():
        world.sidecar.environment[f"TOLLGATE_STRIPE_{name}"] = value
    restart(world)
    world.sidecar.environment = usual
    use(world, tenants)
    world.begin_flush(world.sidecar)
    wait_until(lambda: marks(world) >= len(tenants) - 1, "all hours but the first are marked")
    restart(world)


def killed_after_send(world, tenants):
    """Stripe has the requests, and carries them out when nobody is there any more."""
    use(world, tenants)
    for tenant in tenants:
        world.fault("slow", tenant, delay_ms=HELD_MS)
    world.begin_flush(world.sidecar)
    wait_until(lambda: world.sandbox.state()["under_way"] == len(tenants), "all requests are there")
    restart(world)
    world.wait_until_nothing_is_under_way()


def killed_after_commit(world, tenants):
    """Stripe has recorded everything, and nobody has heard of it."""
    use(world, tenants)
    for tenant in tenants:
        world.fault("slow_answer", tenant, delay_ms=HELD_MS)
    world.begin_flush(world.sidecar)
    customers = {f"cus_{tenant}" for tenant in tenants}
    wait_until(lambda: customers <= {row[1] for row in world.sandbox.usage()}, "all is recorded")
    restart(world)


def killed_after_acknowledge(world, tenants):
    use(world, tenants)
    world.send_everything()
    restart(world)


def forgotten_after_acknowledge(world, tenants):
    """Redis is back where it was before the usage, and so are its acknowledgements."""
    world.redis.keep_snapshot()
    use(world, tenants)
    world.send_everything()
    world.redis.kill_and_go_back()
    restart(world)


MOMENTS = [
    killed_before_send, killed_after_send, killed_after_commit, killed_after_acknowledge, forgotten_after_acknowledge,
]  # fmt: skip


def use(world, tenants):
    with world.sidecar.resp() as gate:
        for tenant in tenants:
            assert gate.call("TAKE", tenant, world.mode.meter, FIRST)[0] == 1
    world.sidecars.wait_until_settled()


def give_back(gate, meter, tenant):
    # After a Redis that forgot nothing is given back until all is told again.
    def is_given_back():
        answer = gate.call("REFUND", tenant, meter, FIRST)
        assert not isinstance(answer, ErrorReply) or answer.startswith("STORE"), answer
        return not isinstance(answer, ErrorReply)

    wait_until(is_given_back, f"{tenant} has given back what it used")


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_stripe_records_what_redis_counted(world, moment):
    # No name is the beginning of another.
    tenants = {f"{fault}__{moment.__name__}": fault for fault in ["none", *FAULTS]}
    assert len(tenants) <= SENDS_AT_ONCE
    world.put(*tenants)
    moment(world, list(tenants))
    world.struck()
    expected = {}
    with world.sidecar.resp() as gate:
        for number, (tenant, fault) in enumerate(tenants.items()):
            if fault in FAULTS:
                world.fault(tenant=tenant, **FAULTS[fault])
            if number % 2:
                give_back(gate, world.mode.meter, tenant)
            else:
                assert gate.call("TAKE", tenant, world.mode.meter, MORE)[0] == 1
            expected[f"cus_{tenant}"] = 0 if number % 2 else FIRST + MORE
        world.send_everything()
        assert world.struck() == {f"cus_{tenant}" for tenant, fault in tenants.items() if fault in FAULTS}
        assert recorded(world, expected) == expected
        for tenant in tenants:
            assert gate.call("TAKE", tenant, world.mode.meter, LAST)[0] == 1
        world.send_everything()
    assert recorded(world, expected) == {customer: total + LAST for customer, total in expected.items()}
    stored, sent = world.told()
    assert sent == stored


def recorded(world, customers):
    totals = dict.fromkeys(customers, 0)
    for (_, customer, _), value in world.sandbox.usage().items():
        if customer in totals:
            totals[customer] += value
    return totals
