"""The tollgate daemon as a process under test, and the ways to talk to it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from resp_socket import RespSocket
from waiting import wait_until

START_SECONDS = 30
STOP_SECONDS = 20
TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(TESTS))
PLANS = os.path.join(TESTS, "plans.yaml")
SETTINGS = os.path.join(ROOT, "config", "tollgate.yaml")


class UnixHTTPConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Ran:
    """A program that has ended."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    @property
    def json(self):
        return json.loads(self.out)


class Daemon:
    """One tollgate in `directory`, with settings given as environment: `redis_url` for TOLLGATE_REDIS_URL."""

    def __init__(self, directory, plans=PLANS, environment=None, **settings):
        self.directory = directory
        self.plans = plans
        self.state = os.path.join(directory, "state")
        self.gate = os.path.join(directory, "gate.sock")
        self.control = os.path.join(directory, "control.sock")
        self.log_path = os.path.join(directory, "log")
        settings = {
            "state_dir": self.state,
            "gate_socket": self.gate,
            "control_socket": self.control,
            # Slow machines freeze for longer than the default of 20 ms, which would show as `degraded`.
            "redis_deadline": "2s",
            # The file is taken from the disk at once, and a test needs little of it.
            "ledger_slots": 4096,
            "stripe_flush_interval": "1h",
            **settings,
        }
        names = {f"TOLLGATE_{key.upper()}": str(value) for key, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOLLGATE_", "STRIPE_"))}
        self.environment = {**kept, **names, **(environment or {})}
        self.process = None

    def launch(self):
        """Starts it and does not wait."""
        os.makedirs(self.directory, exist_ok=True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.environ["TOLLGATE_BIN"], "serve", "--config", SETTINGS, "--plans", self.plans],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        return self

    def start(self):
        """Starts it and waits until it is ready."""
        self.launch()
        wait_until(self.is_ready, f"tollgate is ready ({self.log_path})", START_SECONDS)
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"tollgate ended:\n{self.log}"
        try:
            return self.http("GET", "/readyz")[0] == 200
        except OSError:
            return False

    @property
    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def log_lines(self):
        """The log as it is written: one JSON object a line. What is no JSON is left out."""
        lines = []
        for line in self.log.splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return lines

    def end_code(self, seconds=STOP_SECONDS):
        return self.process.wait(timeout=seconds)

    def stop(self):
        """Asks it to stop and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.end_code()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait(timeout=10)

    def managed_redis_pid(self):
        """The process of the managed Redis, or None when it never started."""
        path = os.path.join(self.state, "redis", "redis.pid")
        with contextlib.suppress(FileNotFoundError, ValueError), open(path, encoding="utf-8") as file:
            return int(file.read())
        return None

    def end_managed_redis(self):
        """Ends what a killed daemon left behind."""
        pid = self.managed_redis_pid()
        if pid and os.path.exists(f"/proc/{pid}"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # Clients

    def resp(self):
        """A connection that shows the bytes."""
        return RespSocket(self.gate)

    def client(self, **more):
        """redis-py as the README says to set it up."""
        options = {"protocol": 2, "decode_responses": True, "retry": Retry(NoBackoff(), 0), **more}
        return redis.Redis(unix_socket_path=self.gate, **options)

    def http(self, method, path, body=None):
        """One request to the control API: its status and body, read as JSON where it is."""
        with contextlib.closing(UnixHTTPConnection(self.control, timeout=30)) as connection:
            data = None if body is None else json.dumps(body)
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if "json" in answer.getheader("Content-Type", "") else text

    def metric(self, name):
        """One number of /metrics."""
        status, page = self.http("GET", "/metrics")
        assert status == 200
        for line in page.splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name} in\n{page}")

    def run(self, *arguments, environment=None):
        """The command line, with its sockets in the environment."""
        sockets = {"TOLLGATE_SOCKET": self.gate, "TOLLGATE_CONTROL": self.control}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOLLGATE_")}
        return Ran(
            subprocess.run(
                [os.environ["TOLLGATE_BIN"], *arguments],
                env={**kept, **sockets, **(environment or {})},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        )

    def put(self, tenant, plan="starter", **fields):
        """Puts a tenant by the control API, which is quicker than the command line."""
        status, answer = self.http("PUT", f"/v1/tenants/{tenant}", {"plan": plan, **fields})
        assert status in (200, 201), answer
        return answer
