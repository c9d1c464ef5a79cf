"""`durability: power`: what is answered is on the disk, as a library sees that is preloaded into the daemon."""

import pytest

from lease_tools import LASTING, TENANT, start_sidecars
from preloaded import PreloadedCounter
from resp_socket import Closed

CALLS = 20


class SyncCounter(PreloadedCounter):
    """Counts how often the gate's thread waits for the disk, and has that fail."""

    def __init__(self, directory):
        super().__init__("count_syncs.c", "SYNC_COUNT_FILE", directory)

    def fail(self):
        self.tell(1)


@pytest.fixture
def counter(directory):
    return SyncCounter(directory)


@pytest.fixture
def start(make_daemon, redis_server, counter):
    """Starts a daemon whose gate's syncs of the disk are counted, with leases that last."""

    def start(durability):
        [daemon] = start_sidecars(
            make_daemon, redis_server, 1, durability=durability, environment=counter.environment, **LASTING
        )
        return daemon

    return start


def syncs_of_calls(daemon, counter):
    """How often the gate put the ledger on the disk before each answer."""
    counts = []
    with daemon.resp() as gate:
        assert gate.call("TAKE", TENANT, "free")[1] == "ok"
        for _ in range(CALLS):
            before = counter.count
            assert gate.call("TAKE", TENANT, "free")[1] == "ok"
            counts.append(counter.count - before)
    return counts


def test_power_puts_each_turn_on_the_disk_before_it_answers(start, counter):
    daemon = start("power")
    assert min(syncs_of_calls(daemon, counter)) >= 1
    with daemon.resp() as gate:
        counter.fail()
        gate.send("TAKE", TENANT, "free")
        # Nothing is known of what the disk has, so nothing is said.
        with pytest.raises(Closed):
            gate.read()
    assert daemon.end_code() != 0
    assert "fdatasync" in daemon.log


def test_process_waits_for_no_disk(start, counter):
    daemon = start("process")
    assert syncs_of_calls(daemon, counter) == [0] * CALLS
    assert daemon.stop() == 0
