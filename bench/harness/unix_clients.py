"""The two protocols the bench speaks itself, both over Unix sockets: a word or two of RESP, and HTTP."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

TIMEOUT_SECONDS = 10


def ask(path: Path, *words: str) -> str:
    """Sends one command and returns its simple, integer or bulk reply, an error with its leading `-`."""
    with _request(path, words) as replies:
        line = replies.readline().decode().rstrip("\r\n")
        if line.startswith("$"):
            return replies.read(int(line[1:]) + 2).decode().rstrip("\r\n")
        return line if line.startswith("-") else line[1:]


def is_allowed(gate: Path, *words: str) -> bool:
    """Whether a decision allowed the call."""
    with _request(gate, words) as replies:
        return replies.readline() == b"*7\r\n" and replies.readline() == b":1\r\n"


@contextmanager
def _request(path: Path, words: tuple[str, ...]) -> Iterator[BinaryIO]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(str(path))
        encoded = [word.encode() for word in words]
        request = b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
        connection.sendall(request)
        with connection.makefile("rb") as replies:
            yield replies


def info(path: Path, *section: str) -> dict[str, str]:
    """The `name:value` lines of INFO, of a Redis or a gate."""
    lines = ask(path, "INFO", *section).splitlines()
    return {name: value for name, colon, value in (line.partition(":") for line in lines) if colon}


class ControlConnection(http.client.HTTPConnection):
    """tollgate's control API, on its Unix socket."""

    def __init__(self, path: Path, timeout: float = TIMEOUT_SECONDS) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))

    def call(self, method: str, route: str, body: object = None) -> tuple[int, str]:
        """One request on the kept-alive connection: its status and the answer's text."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        self.request(method, route, None if body is None else json.dumps(body), headers)
        response = self.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
