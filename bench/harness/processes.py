"""The processes of a run: started one by one, checked between measurements, ended by pid when the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path

from .machine import BenchError

START_SECONDS = 30
STOP_SECONDS = 15


class Processes:
    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        stack.callback(self.end_all)

    def socket(self, name: str) -> Path:
        path = self._folder / f"{name}.sock"
        # tollgate binds its sockets under a longer name first, and renames them.
        if len(os.fsencode(path)) + len(".binding/s") > 107:
            raise BenchError(f"{path} is too long for a Unix socket: set TMPDIR to a shorter path")
        return path

    def start(self, name: str, command: list[str], *cores: int, environment: dict[str, str] | None = None) -> int:
        """Starts it on these cores. Its pid."""
        with open(self._folder / f"{name}.log", "ab") as log:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    preexec_fn=lambda: os.sched_setaffinity(0, cores),
                )
            except OSError as error:
                raise BenchError(f"cannot start {command[0]}: {error.strerror}") from error
        self._processes[name] = process
        return process.pid

    def end(self, name: str, *, is_killed: bool = False) -> None:
        """Ends one before the run ends, in order or not."""
        _end(self._processes.pop(name), is_killed=is_killed)

    def end_all(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
        # What was started last depends on what was started before it.
        for process in reversed(self._processes.values()):
            _end(process)
        self._processes.clear()

    def check_all_alive(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise BenchError(f"{name} ended with status {process.returncode}:\n{self._log_tail(name)}")

    def freeze_all_but(self, pids: Iterable[int]) -> None:
        """Only these run. What a server does after its load (leases that end, say) is no neighbour's burden so."""
        kept = set(pids)
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT if process.pid in kept else signal.SIGSTOP)

    def wait_until(self, name: str, is_true: Callable[[], bool]) -> None:
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



def _end(process: subprocess.Popen[bytes], *, is_killed: bool = False) -> None:
    if is_killed:
        process.kill()
    else:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
