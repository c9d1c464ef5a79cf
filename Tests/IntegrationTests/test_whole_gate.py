"""Reservations, refunds and what is in flight, through redis-py at four sidecars of one Redis."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lease_tools import TENANT, start_sidecars, totals
from waiting import wait_until

LIMIT = 400


@pytest.fixture
def sidecars(make_daemon, redis_server):
    started = start_sidecars(make_daemon, redis_server, 4)
    started[0].put(TENANT, "all", limits={"units": LIMIT})
    return started


def connect(sidecar, protocol):
    return redis.Redis(
        unix_socket_path=sidecar.gate, protocol=protocol, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )


def reserve(client, *arguments):
    """Whether it was allowed, and the id, in either protocol."""
    answer = client.execute_command("RESERVE", TENANT, *arguments)
    if isinstance(answer, dict):
        return answer["allowed"], answer["reservation"]
    return answer[0], answer[6]


@pytest.mark.parametrize("protocol", [2, 3])
def test_four_sidecars_reserve_commit_and_refund_exactly_the_limit(sidecars, redis_server, protocol):
    def work(number):
        client, counted = connect(sidecars[number % 4], protocol), 0
        for turn in range(60):
            allowed, reservation = reserve(client, "units", 3, "in_flight", 1)
            if not allowed:
                continue
            if turn % 5 == 4:
                assert client.execute_command("RELEASE", reservation)
                continue
            counted += client.execute_command("COMMIT", reservation, "units", turn % 4)[0][1]
            if turn % 7 == 6:
                counted -= client.execute_command("REFUND", TENANT, "units", 1)[0][1]
        return counted

    with ThreadPoolExecutor(8) as pool:
        counted = sum(pool.map(work, range(8)))
    assert 0 < counted <= LIMIT
    wait_until(lambda: totals(redis_server, "units").used == counted, "Redis has what was counted", 30)
    client = connect(sidecars[0], protocol)
    wait_until(lambda: reserve(client, "in_flight", 10)[0] == 1, "nothing is in flight any more", 30)
    if counted < LIMIT:
        wait_until(lambda: reserve(client, "units", LIMIT - counted)[0] == 1, "what is left can be reserved", 30)
    assert reserve(client, "units", 1)[0] == 0
