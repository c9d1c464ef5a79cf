"""The wall clock of the programs under test: tollgate, Redis and the sandbox live in a time that a test moves."""

import time

from preloaded import Preloaded

HOUR = 3_600


class ShiftedClock:
    """The wall clock of each program that is started with `environment`, and of the sandboxes that `follow`.

    What counts since boot is not moved: how long a lease lasts, when a request to Stripe has taken too long.
    """

    def __init__(self, directory):
        self.shift = Preloaded("shift_clock.c", "CLOCK_SHIFT_FILE", directory)
        self.sandboxes = []

    @property
    def environment(self):
        return self.shift.environment

    def now(self):
        """Unix seconds."""
        return time.time() + self.shift.read(0) / 1e6

    @property
    def hour(self):
        """The hour since 1970."""
        return int(self.now()) // HOUR

    def follow(self, sandbox):
        """Lets a sandbox's test clock move along; it need not be preloaded."""
        self.sandboxes.append(sandbox)
        self.advance(0)

    def set(self, seconds):
        self.advance(seconds - self.now())

    def advance(self, seconds):
        # The sandbox first: Stripe refuses what is more than five minutes ahead of it.
        for sandbox in self.sandboxes:
            sandbox.control("POST", "clock", {"now": int(self.now() + seconds)})
        self.shift.write(0, self.shift.read(0) + round(seconds * 1e6))

    def go_to_the_next_hour(self, seconds_into_it=1):
        self.set((self.hour + 1) * HOUR + seconds_into_it)
