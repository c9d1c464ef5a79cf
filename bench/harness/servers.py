"""Starts what is measured: each server pinned to one core, on a Unix socket in the run's own folder."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from .machine import BenchError
from .unix_clients import ControlConnection, ask

BENCH = Path(__file__).resolve().parent.parent
START_SECONDS = 20
STOP_SECONDS = 15
TENANTS_SECONDS = 300
LIMIT = 1_000_000_000_000
MONTH_MILLISECONDS = 30 * 24 * 3600 * 1000
REDIS_SETTINGS = ("--save", "", "--appendonly", "no")


@dataclass(frozen=True)
class Server:
    """One row of the table: where to send what, and whose CPU time it costs."""

    name: str
    label: str
    socket: Path
    template: str  # `{k}` is the tenant's or key's number, as twelve digits
    pids: dict[str, int]
    gives_verdicts: bool  # each reply is an array that begins with 1 (allowed) or 0


class ServerRack:
    """Owns the processes: started one by one, checked between measurements, ended by pid when the run ends."""

    def __init__(self, stack: ExitStack, folder: Path, core: int) -> None:
        self._stack = stack
        self._folder = folder
        self._core = core
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def check_all_alive(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise BenchError(f"{name} ended with status {process.returncode}:\n{self._log_tail(name)}")

    def start_floor(self) -> Server:
        path = self._socket("floor")
        pid = self._start("floor", [str(BENCH / "bin" / "floor"), str(path)])
        self._wait_until("floor", lambda: ask(path, "PING") == "OK")
        return Server("floor", "C echo floor, `+OK`", path, "TAKE t{k} messages 1", {"floor": pid}, False)

    def start_redis_incr(self) -> Server:
        path, pid = self._start_redis("redis-incr")
        return Server("redis-incr", "Redis `INCR`", path, "INCR t{k}", {"redis": pid}, False)

    def start_redis_evalsha(self) -> Server:
        path, pid = self._start_redis("redis-evalsha")
        script = (BENCH / "peers" / "check_and_increment.lua").read_text(encoding="utf-8")
        digest = ask(path, "SCRIPT", "LOAD", script)
        template = f"EVALSHA {digest} 1 t{{k}} 1 {LIMIT} {MONTH_MILLISECONDS}"
        label = "Redis `EVALSHA` check and increment"
        return Server("redis-evalsha", label, path, template, {"redis": pid}, True)

    def start_tollgate(self, binary: Path, tenant_count: int, are_strangers: bool) -> Server:
        """tollgate on a Redis with the peers' settings, with a record for each tenant unless they are strangers."""
        redis_path, redis_pid = self._start_redis("tollgate-redis")
        gate, control = self._socket("gate"), self._socket("control")
        state = self._folder / "state"
        state.mkdir()
        environment = {
            **os.environ,
            "TOLLGATE_STATE_DIR": str(state),
            "TOLLGATE_GATE_SOCKET": str(gate),
            "TOLLGATE_CONTROL_SOCKET": str(control),
            "TOLLGATE_REDIS_URL": f"unix://{redis_path}",
        }
        command = [str(binary), "serve", "--config", str(BENCH / "tollgate.yaml")]
        pid = self._start("tollgate", command, environment)
        self._wait_until("tollgate", lambda: ask(gate, "PING") == "PONG" and _is_ready(control))
        if not are_strangers:
            _put_tenants(control, tenant_count)
        pids = {"tollgate": pid, "its Redis": redis_pid}
        return Server("tollgate", "tollgate, every decision in Redis", gate, "TAKE t{k} messages 1", pids, True)

    def _start_redis(self, name: str) -> tuple[Path, int]:
        path = self._socket(name)
        folder = self._folder / name
        folder.mkdir()
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--dir", str(folder), *REDIS_SETTINGS]
        pid = self._start(name, command)
        self._wait_until(name, lambda: ask(path, "PING") == "PONG")
        return path, pid

    def _socket(self, name: str) -> Path:
        path = self._folder / f"{name}.sock"
        if len(os.fsencode(path)) > 107:
            raise BenchError(f"{path} is too long for a Unix socket: set TMPDIR to a shorter path")
        return path

    def _start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> int:
        with open(self._folder / f"{name}.log", "wb") as log:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    preexec_fn=lambda: os.sched_setaffinity(0, {self._core}),
                )
            except OSError as error:
                raise BenchError(f"cannot start {command[0]}: {error.strerror}") from error
        self._processes[name] = process
        self._stack.callback(_stop, process)
        return process.pid

    def _wait_until(self, name: str, is_true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check_all_alive()
            try:
                if is_true():
                    return
            except (OSError, HTTPException):
                pass  # Not listening yet; the deadline bounds how long that may last.
            time.sleep(0.02)
        raise BenchError(f"{name} was not ready within {START_SECONDS} s:\n{self._log_tail(name)}")

    def _log_tail(self, name: str) -> str:
        text = (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-20:])


def _is_ready(control: Path) -> bool:
    connection = ControlConnection(control)
    try:
        return connection.call("GET", "/readyz")[0] == 200
    finally:
        connection.close()


def _put_tenants(control: Path, count: int) -> None:
    deadline = time.monotonic() + TENANTS_SECONDS
    connection = ControlConnection(control)
    try:
        for number in range(count):
            if time.monotonic() > deadline:
                raise BenchError(f"only {number} of {count} tenant records in {TENANTS_SECONDS} s")
            try:
                status, text = connection.call("PUT", f"/v1/tenants/t{number:012}", {"plan": "bench"})
            except (OSError, HTTPException) as error:
                raise BenchError(f"PUT of a tenant got no answer: {error!r}") from error
            if not 200 <= status < 300:
                raise BenchError(f"PUT of a tenant was answered {status}: {text[:500]}")
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
