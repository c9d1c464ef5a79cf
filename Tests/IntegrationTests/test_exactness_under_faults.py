"""Four sidecars against one limit, while they are killed and Redis freezes or forgets: never more, and nothing lost.

`make soak` plays many rounds; ROUNDS, SEED, SCENARIO and LIMIT say which.
"""

import os
import random

import pytest

from exactness_rounds import LIMITS, SCENARIOS, play

# Few and always the same: what `make test` has time for.
FIXED_ROUNDS = [
    *((1, "quiet", limit) for limit in LIMITS),
    (2, "kills", 10),
    (3, "kills", 1000),
    (4, "freezes", 1),
    (5, "freezes", 1000),
    (6, "rollbacks", 10),
    (7, "rollbacks", 1000),
]


def rounds():
    if "ROUNDS" not in os.environ:
        return FIXED_ROUNDS
    first = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    return [choose(seed) for seed in range(first, first + int(os.environ["ROUNDS"]))]


def choose(seed):
    """The round of a seed, unless it is said which."""
    chance = random.Random(seed)
    scenario, limit = chance.choice(list(SCENARIOS)), chance.choice(LIMITS)
    return seed, os.environ.get("SCENARIO") or scenario, int(os.environ.get("LIMIT") or limit)


@pytest.mark.parametrize(("seed", "scenario", "limit"), rounds())
def test_the_limit_is_admitted_and_every_total_agrees(directory, seed, scenario, limit):
    play(directory, seed, scenario, limit)
