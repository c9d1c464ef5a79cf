"""A redis-server of the test's own, on a Unix socket and, when asked, on a loopback port."""

import os
import signal
import socket
import subprocess

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from waiting import wait_until


class RedisServer:
    """One redis-server in `directory`; it can be frozen, stopped and started again."""

    def __init__(self, directory, *options, port=0, password=None, environment=None):
        self.directory = directory
        self.path = os.path.join(directory, "redis.sock")
        self.options = options
        self.port = port
        self.password = password
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.start()

    @property
    def url(self):
        return f"unix://{self.path}"

    def launch(self):
        """Starts it and does not wait."""
        os.makedirs(self.directory, exist_ok=True)
        with open(os.path.join(self.directory, "output"), "ab") as output:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.path]
                + ["--dir", self.directory, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
                + list(self.options),
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def start(self):
        self.launch()
        wait_until(self.answers, "redis-server answers")

    def answers(self):
        assert self.process.poll() is None, f"redis-server ended; see {self.directory}/output"
        try:
            return self.client().ping()
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    def client(self):
        """A redis-py client that sees what is stored."""
        return redis.Redis(
            unix_socket_path=self.path,
            password=self.password,
            decode_responses=True,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
        )

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends it in order, its file written. Does nothing when it has ended already."""
        if self.process.poll() is None:
            self.thaw()
            self.process.terminate()
        self.process.wait(timeout=10)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=10)


def free_port():
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_running(process):
    """Whether a process runs; one that has ended and that nobody has waited for yet does not."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
