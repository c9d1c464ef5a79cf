"""Waiting for conditions, never for time."""

import time

SHORT_SECONDS = 10


def wait_until(condition, what, seconds=SHORT_SECONDS):
    """Asks until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.005)


def wait_for_room(period_seconds, needed_seconds):
    """Returns when the current UTC minute or hour has this much left, so that no edge falls into the test."""
    wait_until(
        lambda: period_seconds - time.time() % period_seconds > needed_seconds,
        f"a period of {period_seconds} s with {needed_seconds} s left",
        seconds=needed_seconds + 5,
    )
