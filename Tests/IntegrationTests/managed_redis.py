"""The redis-server that a sidecar runs itself, seen as one of the test's own."""

import contextlib
import os
import signal

import redis

from redis_server import RedisServer, is_running


class ManagedRedis(RedisServer):
    """It starts with the sidecar, which starts it again when it ends, and ends with the sidecar's end in order. Then
    `start` runs one of the test's own on its files."""

    url = "managed"

    def __init__(self, environment=None):
        self.sidecar = None  # is told when there is one
        self.options, self.port, self.password, self.process = (), 0, None, None
        self.environment = {**os.environ, **(environment or {})}

    @property
    def directory(self):
        return os.path.join(self.sidecar.state, "redis")

    @property
    def path(self):
        return os.path.join(self.directory, "redis.sock")

    def answers(self):
        try:
            return self.client().ping()
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    def signal(self, number):
        pid = self.process.pid if self.process else self.sidecar.managed_redis_pid()
        if pid and is_running(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait(timeout=10)
