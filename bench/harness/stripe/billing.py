"""A tollgate that bills at a Stripe sandbox, and what it says of its sending."""

from __future__ import annotations

import json
import re
import socket
import threading
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from ..machine import BENCH, BenchError
from ..records import customer
from ..redis_pipeline import batches
from ..servers import Tollgate
from ..unix_clients import ControlConnection
from .owed import METERS
from .setting import Setting

SEED_BATCH = 500
SANDBOX_SECONDS = 60
PARTITIONS = 256
# A round over a million owed hours takes minutes.
ROUND_SECONDS = 1800


class Sandbox:
    """A stripe-sandbox on the generator's core, with customers and the meters of the catalogue."""

    def __init__(self, setting: Setting, name: str, customers: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{address}"
        processes = setting.rack.processes
        command = [str(setting.sandbox), "--listen", address]
        self.pid = processes.start(name, command, setting.rack.cores.generator)
        processes.wait_until(name, lambda: self._is_listening(address))
        self._seed({"meters": [{"event_name": meter, "event_time_window": "hour"} for meter in METERS]})
        for batch in batches(range(customers), SEED_BATCH):
            self._seed({"customers": [{"id": customer(number)} for number in batch]})

    @staticmethod
    def _is_listening(address: str) -> bool:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), 1):
            return True

    def _seed(self, seed: object) -> None:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/seed", json.dumps(seed).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=SANDBOX_SECONDS) as answer:
            if answer.status != 200:
                raise BenchError(f"the sandbox answered {answer.status} to its seed")


class BillingTollgate:
    """A tollgate with a Stripe key that sends when it is asked."""

    def __init__(
        self, setting: Setting, name: str, redis: Path, sandbox: Sandbox, *, is_streaming: bool, core: int | None = None
    ) -> None:  # fmt: skip
        environment = {
            "STRIPE_SECRET_KEY": "sk_test_bench",
            "TOLLGATE_STRIPE_API_BASE": sandbox.url,
            "TOLLGATE_STRIPE_METER_EVENTS_BASE": sandbox.url,
            # What the daemon could do is measured, not what Stripe allows.
            "TOLLGATE_STRIPE_REQUESTS_PER_SECOND": "10000",
            "TOLLGATE_STRIPE_METER_EVENTS_PER_SECOND": "100000",
            "TOLLGATE_STRIPE_STREAM_EVENTS_PER_SECOND": "1000000",
            "TOLLGATE_STRIPE_FLUSH_INTERVAL": "1h",
            "TOLLGATE_STRIPE_STREAM_ABOVE": "0" if is_streaming else "1000000000",
        }
        environment = {key: value for key, value in environment.items() if is_known(key)}
        tollgate = Tollgate(setting.rack, name, setting.binary, redis, environment, BENCH / "stripe.yaml", core)
        self.gate = tollgate.gate
        self.pid = tollgate.start()
        self._control = tollgate.control
        setting.rack.processes.wait_until(name, lambda: self._claimed() == PARTITIONS)

    def flush(self) -> dict[str, Any]:
        """One round of sending, and what came of it."""
        connection = ControlConnection(self._control, ROUND_SECONDS)
        try:
            status, text = connection.call("POST", "/v1/billing/flush")
        finally:
            connection.close()
        if status != 200:
            raise BenchError(f"a flush was answered {status}: {text[:500]}")
        report: dict[str, Any] = json.loads(text)
        if report.get("failed", 0) > 0 or report.get("stopped"):
            raise BenchError(f"a flush did not go through: {text[:1000]}")
        return report

    def _claimed(self) -> int:
        connection = ControlConnection(self._control)
        try:
            _, page = connection.call("GET", "/metrics")
        finally:
            connection.close()
        found = re.search(r"^tollgate_claimed_partitions (\d+)$", page, re.MULTILINE)
        return int(found[1]) if found else 0

    def thread(self, name: str) -> int:
        """The thread of this name."""
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if (task / "comm").read_text(encoding="utf-8").strip() == name:
                return int(task.name)
        raise BenchError(f"tollgate has no thread {name}")

    def memory(self) -> int:
        """What it has in memory now, in bytes."""
        return self._status("VmRSS")

    def peak(self) -> int:
        """The most that it had in memory since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(text.partition(f"{name}:")[2].split()[0]) * 1024


class Flush:
    """A flush under way. It ends with the tollgate, at the latest."""

    def __init__(self, tollgate: BillingTollgate) -> None:
        self.error: Exception | None = None
        self.is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(tollgate,), daemon=True)
        self._thread.start()

    def _run(self, tollgate: BillingTollgate) -> None:
        try:
            tollgate.flush()
        except (BenchError, OSError, HTTPException) as error:
            self.error = error
        self.is_over.set()

    def wait_until_over(self) -> None:
        self.is_over.wait()
        if self.error:
            raise BenchError(f"a flush failed: {self.error}")

    def check_under_way(self, what: str) -> None:
        if self.is_over.is_set():
            raise BenchError(f"{what}: the flush was over before: {self.error or 'everything was sent'}")


def is_known(variable: str) -> bool:
    """Whether this tollgate has the setting; config/tollgate.yaml names every one."""
    text = (BENCH.parent / "config" / "tollgate.yaml").read_text(encoding="utf-8")
    if not variable.startswith("TOLLGATE_STRIPE_"):
        return True
    return f" {variable.removeprefix('TOLLGATE_STRIPE_').lower()}:" in text


def thread_cpu_seconds(pid: int, thread: int) -> float:
    """CPU time of one thread, in the scheduler's nanoseconds."""
    return int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
