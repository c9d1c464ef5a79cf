"""Several sidecars on one Redis whose snapshots a test keeps and goes back to."""

import os
import shutil

from daemon import TESTS, Daemon
from managed_redis import ManagedRedis
from redis_server import RedisServer
from waiting import wait_until

PLANS = os.path.join(TESTS, "limits_plans.yaml")
METER = "units"
TTL_SECONDS = 0.5
# As short as the settings allow, so that leases end and learning is over while a test runs.
SETTINGS = {
    "lease_ttl": "500ms",
    "lease_grace": "100ms",
    "lease_horizon": "50ms",
    # Long, since a machine that does other things takes its time to recall.
    "lease_recall_deadline": "400ms",
    "redis_deadline": "100ms",
    "ledger_slots": 4096,
    "shutdown_timeout": "20s",
}
SETTLE_SECONDS = 30


class SnapshotRedis(RedisServer):
    """A Redis without an append-only file: when it is killed it forgets all since the snapshot it starts from."""

    def __init__(self, directory, environment=None):
        super().__init__(directory, "--appendonly", "no", environment=environment)
        self.kept = os.path.join(directory, "kept.rdb")

    def keep_snapshot(self):
        self.client().save()
        shutil.copy(os.path.join(self.directory, "dump.rdb"), self.kept)

    def kill_and_go_back(self):
        """Kills it and launches it on the snapshot that was kept, without waiting until it answers."""
        self.kill()
        shutil.copy(self.kept, os.path.join(self.directory, "dump.rdb"))
        self.launch()


class Sidecars:
    """Sidecars with a state directory, sockets and a holder id each, and their Redis; one alone may run it itself."""

    def __init__(self, directory, count, plans=PLANS, environment=None, is_managed=False, **settings):
        self.redis = (
            ManagedRedis(environment) if is_managed else SnapshotRedis(os.path.join(directory, "r"), environment)
        )
        settings = {**SETTINGS, "redis_url": self.redis.url, **settings}
        self.all = [
            Daemon(
                os.path.join(directory, f"s{number}"), plans=plans, environment=environment,
                holder_id=f"sidecar-{number}", **settings)
            for number in range(count)
        ]  # fmt: skip
        if is_managed:
            [self.redis.sidecar] = self.all

    def start(self):
        for sidecar in self.all:
            sidecar.launch()
        self.wait_until_ready()

    def wait_until_ready(self):
        for sidecar in self.all:
            wait_until(sidecar.is_ready, f"{sidecar.directory} is ready", SETTLE_SECONDS)

    def end(self):
        """Ends everything, whatever state it is in."""
        for sidecar in self.all:
            sidecar.kill()
        self.redis.kill()

    def stop(self):
        """Stops all sidecars in order; their ledgers are closed then."""
        for sidecar in self.all:
            assert sidecar.stop() == 0, sidecar.log
        if isinstance(self.redis, ManagedRedis):
            self.redis.start()

    def wait_until_settled(self):
        """Returns once Redis has every total of every ledger."""
        for sidecar in self.all:
            wait_until(
                lambda sidecar=sidecar: gate_info(sidecar)["unsettled_units"] == "0",
                f"{sidecar.directory} has told Redis everything", SETTLE_SECONDS)  # fmt: skip


def gate_info(sidecar):
    """The lines of the gate's INFO."""
    with sidecar.resp() as gate:
        lines = gate.call("INFO").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)
