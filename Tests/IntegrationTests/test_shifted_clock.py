"""tollgate, Redis and the sandbox in a time that the test moves."""

import pytest

from billed_world import BilledWorld
from billing_modes import MODES
from owed_hours import HOUR, owed
from shifted_clock import ShiftedClock
from waiting import wait_until


@pytest.fixture(params=MODES, ids=str)
def world(request, directory):
    world = BilledWorld(directory, request.param)
    try:
        yield world.start()
    finally:
        world.end()


def test_when_an_hour_turns_both_hours_are_owed_and_sent(world):
    world.put("acme")
    first = world.clock.hour
    with world.sidecar.resp() as gate:
        gate.call("TAKE", "acme", world.mode.meter, 5)
        world.sidecars.wait_until_settled()
        world.clock.go_to_the_next_hour()

        def is_counted_in_the_next():
            gate.call("TAKE", "acme", world.mode.meter, 1)
            return (first + 1) * HOUR in {place[2] for place in world.told()[0]}

        wait_until(is_counted_in_the_next, "usage is counted in the next hour")
    rows = owed(world.sidecar)
    assert len(rows) == 2 and rows[0]["owed"] >= 5
    assert world.told()[1] == {}
    world.send_everything()
    assert sorted(place[2] for place in world.told()[1]) == [first * HOUR, (first + 1) * HOUR]
    world.assert_all_agree()


def test_redis_forgets_by_the_clock_that_was_moved(directory, start_redis):
    clock = ShiftedClock(directory)
    client = start_redis(environment=clock.environment).client()
    client.set("kept", "x", ex=2 * HOUR)
    clock.advance(HOUR)
    assert abs(client.time()[0] - clock.now()) < 5
    assert HOUR - 5 <= client.ttl("kept") <= HOUR
    clock.advance(HOUR)
    wait_until(lambda: client.get("kept") is None, "it has run out")
    clock.advance(-3 * HOUR)
    assert abs(client.time()[0] - clock.now()) < 5
