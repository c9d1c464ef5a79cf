"""Each way to write usage, each fault of Stripe's, each moment to die: what Redis counted is what Stripe recorded."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from billed_world import BilledWorld
from billing_modes import MODES
from fault_matrix import MOMENTS, play

# The programs wait most of the time, so some modes are played side by side. With all of them a busy machine takes
# longer to answer than the daemons wait.
MODES_AT_ONCE = 3
ALL = [(mode, moment) for mode in MODES for moment in MOMENTS]


def name(value):
    return getattr(value, "__name__", str(value))


@pytest.fixture(scope="module")
def played(request, make_directory):
    """What went wrong, by mode and moment; only those are played that are asked for."""
    asked = [item.callspec.params for item in request.session.items if item.path == request.path]
    asked = [(params["mode"], params["moment"]) for params in asked]
    with ThreadPoolExecutor(MODES_AT_ONCE) as pool:
        plays = {
            mode: pool.submit(play_mode, make_directory, mode, [moment for other, moment in asked if other == mode])
            for mode in dict.fromkeys(mode for mode, _ in asked)
        }
        return {mode: future.result() for mode, future in plays.items()}


def play_mode(make_directory, mode, moments):
    """Plays one moment after the other in one world, as long as nothing is wrong."""
    outcomes = {}
    world = None
    for moment in moments:
        try:
            if world is None:
                world = BilledWorld(make_directory(), mode).start()
            play(world, moment)
            if moment == moments[-1]:
                world.assert_all_agree()
        except Exception as error:  # It is raised again by the test of this moment.
            outcomes[moment] = error
            if world:
                world.end()
                world = None
    if world:
        world.end()
    return outcomes


@pytest.mark.parametrize(("mode", "moment"), ALL, ids=name)
def test_stripe_records_what_redis_counted(played, mode, moment):
    error = played[mode].get(moment)
    if error:
        raise error
