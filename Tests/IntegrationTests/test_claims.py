"""Daemons that share what is to be sent to Stripe: partitions move when one comes, stops or is killed."""

from billed_world import BilledWorld
from billing_modes import MODES
from owed_hours import HOUR
from sidecars import SETTLE_SECONDS
from waiting import wait_until

WINDOW = next(mode for mode in MODES if mode.name == "window")
TENANTS = [f"tenant_{number}" for number in range(12)]
ANSWER_MS = 40


def claimed(*daemons):
    return sorted(int(daemon.metric("tollgate_claimed_partitions")) for daemon in daemons)


def holders(redis_server):
    """Who has claimed how many partitions."""
    client = redis_server.client()
    names = [client.hget(key, "by") for key in client.scan_iter("tg:*:claim", count=1_000)]
    return {name: names.count(name) for name in names if name}


def wait_for(counts, *daemons):
    wait_until(lambda: claimed(*daemons) == counts, f"they have {counts}", 30)


def test_daemons_share_the_partitions_and_take_over_what_a_stopped_or_killed_one_had(
    start_daemon, redis_server, billing
):
    first = start_daemon(redis_url=redis_server.url, holder_id="one", **billing)
    wait_for([256], first)
    second = start_daemon(redis_url=redis_server.url, holder_id="two", **billing)
    third = start_daemon(redis_url=redis_server.url, holder_id="three", **billing)
    wait_for([85, 85, 86], first, second, third)
    assert sorted(holders(redis_server).values()) == [85, 85, 86]
    third.stop()
    assert not any(name.startswith("three.") for name in holders(redis_server)), "a stop gives everything up"
    wait_for([128, 128], first, second)
    second.kill()
    wait_for([256], first)


def test_a_daemon_that_is_killed_and_started_again_goes_on_under_its_name(start_daemon, redis_server, billing):
    daemon = start_daemon(redis_url=redis_server.url, holder_id="one", **billing)
    wait_for([256], daemon)
    before = holders(redis_server)
    daemon.kill()
    daemon.start()
    wait_for([256], daemon)
    assert holders(redis_server) == before


def test_a_daemon_without_a_stripe_key_claims_nothing(start_daemon, redis_server, billing):
    without = start_daemon(redis_url=redis_server.url, holder_id="one")
    sender = start_daemon(redis_url=redis_server.url, holder_id="two", **billing)
    wait_for([256], sender)
    assert claimed(without) == [0] and without.metric("tollgate_flushers") == 0
    assert len(holders(redis_server)) == 1


def test_nothing_is_sent_by_two_at_once_while_partitions_move(directory):
    world = BilledWorld(directory, WINDOW, sidecars=3)
    try:
        world.start().put(*TENANTS)
        world.fault("slow", count=100_000, delay_ms=ANSWER_MS)
        *staying, moving = world.sidecars.all
        for turn in range(6):
            with staying[0].resp() as gate:
                for tenant in TENANTS:
                    assert gate.call("TAKE", tenant, WINDOW.meter, 1)[0] == 1
                    # Another hour of the same customer and meter, which no mark of the first keeps back.
                    earlier = int((world.clock.now() - HOUR) * 1000)
                    assert gate.call("RECORD", tenant, WINDOW.meter, 1, "AT", earlier)[0][1] == 1
            world.sidecars.wait_until_settled()
            for sidecar in world.sidecars.all:
                world.begin_flush(sidecar)
            # It leaves and comes back while all of them send.
            if turn % 2 == 0:
                assert moving.stop() == 0
                moving.start()
            world.wait_until_nothing_is_under_way()
        wait_until(lambda: sorted(claimed(*world.sidecars.all)) == [85, 85, 86], "all have their share", SETTLE_SECONDS)
        world.take_faults_back()
        world.send_everything()
        statuses = {row["status"] for row in world.sandbox.state()["recent_requests"] if row["method"] == "POST"}
        assert statuses == {200}, "Stripe refuses a second event of a customer's meter at the same time with a 429"
        world.assert_all_agree()
    finally:
        world.end()
