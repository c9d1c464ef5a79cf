"""A client that shows the gate's bytes as they are: no handshake, no retries, error words not stripped."""

import socket


class ErrorReply(str):
    """An error reply's text, its first word included."""


class Closed(Exception):
    """The other side has closed the connection."""


class RespSocket:
    """One connection to a gate, over its Unix socket."""

    def __init__(self, path, timeout=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    def write(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def send(self, *words):
        self.write(encode(*words))

    def call(self, *words):
        """Sends one command and reads its reply."""
        self.send(*words)
        return self.read()

    def call_line(self, text):
        """Sends one command typed as text, words apart by spaces, and reads its reply."""
        return self.call(*text.split())

    def pipeline(self, *commands):
        """Sends all commands in one write, and reads all replies."""
        self.write(b"".join(encode(*command.split()) for command in commands))
        return [self.read() for _ in commands]

    def read(self):
        """The next reply: maps become dictionaries, sets lists, nulls None, bulks text."""
        line = self.read_line()
        kind, rest = line[:1], line[1:].decode()
        if kind == b"-":
            return ErrorReply(rest)
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"_":
            return None
        if kind == b"$":
            return None if rest == "-1" else self.take(int(rest) + 2)[:-2].decode()
        if kind in (b"*", b"~"):
            return None if rest == "-1" else [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(rest))}
        raise AssertionError(f"no RESP reply: {line!r}")

    def read_line(self):
        while b"\r\n" not in self.buffer:
            self.receive()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def take(self, count):
        while len(self.buffer) < count:
            self.receive()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError as error:
            raise Closed from error
        if not data:
            raise Closed
        self.buffer += data

    def read_to_end(self):
        """Everything until the other side closes."""
        try:
            while True:
                self.receive()
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    def is_closed_by_peer(self):
        try:
            self.receive()
        except Closed:
            return True
        return False


def encode(*words):
    """A command as an array of bulks."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
