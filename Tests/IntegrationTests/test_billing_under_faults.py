"""Sidecars are killed, Redis freezes, starts anew and forgets, Stripe misbehaves: what was counted is what is billed.

`make soak` plays many rounds; STRIPE_ROUNDS, SEED and MODE say which.
"""

import os
import random

import pytest

from billed_rounds import play
from billing_modes import MODES

# Few and always the same: what `make test` has time for.
FIXED_ROUNDS = {1: "window_stream", 2: "sum", 3: "usage_record", 4: "window"}
MODES_BY_NAME = {mode.name: mode for mode in MODES}


def rounds():
    count = os.environ.get("STRIPE_ROUNDS")
    if count is None:
        return [(seed, MODES_BY_NAME[name]) for seed, name in FIXED_ROUNDS.items()]
    first = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    return [choose(seed) for seed in range(first, first + int(count))]


def choose(seed):
    """The round of a seed, unless its mode is said."""
    return seed, MODES_BY_NAME[os.environ.get("MODE") or random.Random(seed).choice(list(MODES_BY_NAME))]


@pytest.mark.parametrize(("seed", "mode"), rounds(), ids=str)
def test_every_hour_is_billed_as_it_was_counted(directory, seed, mode):
    play(directory, seed, mode)
