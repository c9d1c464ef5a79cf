"""What can be measured, and how it is started: each server pinned to a core, on a Unix socket in the run's folder."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from .machine import BENCH, BenchError
from .processes import Processes
from .records import put_tenants
from .unix_clients import ControlConnection, ask

LIMIT = 1_000_000_000_000
MONTH_MILLISECONDS = 30 * 24 * 3600 * 1000
REDIS_SETTINGS = ("--save", "", "--appendonly", "no")


@dataclass(frozen=True)
class Cores:
    server: int
    generator: int


@dataclass(frozen=True)
class Server:
    """One row of the table: where to send what, and whose CPU time it costs."""

    name: str
    label: str
    socket: Path
    template: str  # `{k}` is the tenant's or key's number, as twelve digits
    pids: dict[str, int]  # the first is the server itself, the others work for it
    gives_verdicts: bool  # each reply is an array that begins with 1 (allowed) or 0
    redis: Path | None = None  # behind tollgate
    is_tollgate: bool = False


@dataclass(frozen=True)
class TollgateRow:
    """One way to run and to ask tollgate."""

    name: str
    label: str
    meter: str = "messages"
    environment: dict[str, str] = field(default_factory=dict)
    shares_core_with_redis: bool = False


# What the leased rows' Redis does for them on the generator's core slows the generator, which counts against them.
# Asked each time, tollgate and its Redis are one server and share its core.
TOLLGATE_ROWS = (
    TollgateRow("tollgate", "tollgate"),
    TollgateRow("tollgate-private", "tollgate, its ledger in private memory",
                environment={"TOLLGATE_BENCH_PRIVATE_LEDGER": "1"}),
    TollgateRow("tollgate-strict", "tollgate, `lease: off`: every decision in Redis", meter="strict",
                shares_core_with_redis=True),
)  # fmt: skip
PEERS = ("floor", "redis-incr", "redis-evalsha")
SERVERS = (*PEERS, *(row.name for row in TOLLGATE_ROWS))


class ServerRack:
    """Starts the servers of a run."""

    def __init__(self, stack: ExitStack, folder: Path, cores: Cores) -> None:
        self.processes = Processes(stack, folder)
        self.folder = folder
        self.cores = cores

    def start(self, name: str, binary: Path, tenants: int, are_strangers: bool) -> Server:
        if name == "floor":
            return self.start_floor()
        if name == "redis-incr":
            return self.start_redis_incr()
        if name == "redis-evalsha":
            return self.start_redis_evalsha()
        row = next(row for row in TOLLGATE_ROWS if row.name == name)
        redis_core = self.cores.server if row.shares_core_with_redis else self.cores.generator
        redis, redis_pid = self.start_redis(f"{name}-redis", redis_core)
        tollgate = Tollgate(self, name, binary, redis, row.environment)
        pid = tollgate.start()
        if not are_strangers:
            put_tenants(tollgate.control, tenants)
        pids = {"tollgate": pid, "its Redis": redis_pid}
        return Server(name, row.label, tollgate.gate, f"TAKE t{{k}} {row.meter} 1", pids, True, redis, True)

    def start_floor(self) -> Server:
        path = self.processes.socket("floor")
        pid = self.processes.start("floor", [str(BENCH / "bin" / "floor"), str(path)], self.cores.server)
        self.processes.wait_until("floor", lambda: ask(path, "PING") == "OK")
        return Server("floor", "C echo floor, `+OK`", path, "TAKE t{k} messages 1", {"floor": pid}, False)

    def start_redis_incr(self) -> Server:
        path, pid = self.start_redis("redis-incr", self.cores.server)
        return Server("redis-incr", "Redis `INCR`", path, "INCR t{k}", {"redis": pid}, False)

    def start_redis_evalsha(self) -> Server:
        path, pid = self.start_redis("redis-evalsha", self.cores.server)
        label = "Redis `EVALSHA` check and increment"
        return Server("redis-evalsha", label, path, evalsha_template(path), {"redis": pid}, True)

    def start_redis(self, name: str, *cores: int) -> tuple[Path, int]:
        path = self.processes.socket(name)
        folder = self.folder / name
        folder.mkdir()
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--dir", str(folder), *REDIS_SETTINGS]
        pid = self.processes.start(name, command, *cores)
        self.processes.wait_until(name, lambda: ask(path, "PING") == "PONG")
        return path, pid

    def start_delay(self, name: str, upstream: Path, microseconds: int) -> Path:
        """A network with a distance before the socket of a Redis, on the generator's core."""
        path = self.processes.socket(name)
        command = [str(BENCH / "bin" / "delay"), str(path), str(upstream), str(microseconds)]
        self.processes.start(name, command, self.cores.generator)
        self.processes.wait_until(name, lambda: ask(path, "PING") == "PONG")
        return path


class Tollgate:
    """A tollgate with a state directory of its own, on a Redis that has the peers' settings. It can start again."""

    def __init__(
        self, rack: ServerRack, name: str, binary: Path, redis: Path, environment: dict[str, str],
        plans: Path = BENCH / "plans.yaml", core: int | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.gate = rack.processes.socket(f"{name}-gate")
        self.control = rack.processes.socket(f"{name}-control")
        self._processes = rack.processes
        self._core = rack.cores.server if core is None else core
        self._command = [str(binary), "serve", "--config", str(BENCH / "tollgate.yaml"), "--plans", str(plans)]
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TOLLGATE_")},
            "TOLLGATE_STATE_DIR": str(rack.folder / f"{name}-state"),
            "TOLLGATE_GATE_SOCKET": str(self.gate),
            "TOLLGATE_CONTROL_SOCKET": str(self.control),
            "TOLLGATE_REDIS_URL": f"unix://{redis}",
            "TOLLGATE_HOLDER_ID": name,
            **environment,
        }

    def launch(self) -> int:
        """Starts it and does not wait. Its pid."""
        return self._processes.start(self.name, self._command, self._core, environment=self._environment)

    def start(self) -> int:
        pid = self.launch()
        self._processes.wait_until(self.name, lambda: ask(self.gate, "PING") == "PONG" and self._is_ready())
        return pid

    def end(self, *, is_killed: bool = False) -> None:
        self._processes.end(self.name, is_killed=is_killed)

    def _is_ready(self) -> bool:
        connection = ControlConnection(self.control)
        try:
            return connection.call("GET", "/readyz")[0] == 200
        finally:
            connection.close()


def evalsha_template(redis: Path) -> str:
    """Loads the script of a direct caller, and says how it is called."""
    script = (BENCH / "peers" / "check_and_increment.lua").read_text(encoding="utf-8")
    digest = ask(redis, "SCRIPT", "LOAD", script)
    if len(digest) != 40:
        raise BenchError(f"SCRIPT LOAD was answered {digest}")
    return f"EVALSHA {digest} 1 t{{k}} 1 {LIMIT} {MONTH_MILLISECONDS}"
