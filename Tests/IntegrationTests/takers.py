"""Many connections that take units until there are none, driven by one loop, so that Python keeps up with the gates."""

import selectors
import socket
import time
from collections import Counter

from resp_socket import encode

REPLY_LINES = 11  # an array of seven: its head, four integers, and two lines of each of three texts
PATIENCE_SECONDS = 0.02
# A refusal with an earlier instant to try again says that a lease elsewhere could not be recalled.
FINAL_RETRY_MS = 60_000


class Taker:
    """One connection to one sidecar, with at most one call on its way."""

    def __init__(self, sidecar, number):
        self.sidecar = sidecar
        self.number = number
        self.socket = None
        self.amount = 0  # of the call on its way
        self.buffer = b""
        self.not_before = 0.0
        self.is_modest = False  # asks for one unit a call, as more was refused
        self.is_done = False  # was refused one unit for good

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(self.sidecar.gate)
        except OSError:
            connection.close()
            return False
        connection.setblocking(False)
        self.socket, self.buffer = connection, b""
        return True


class Takers:
    """The connections of all sidecars, and what came of their calls."""

    def __init__(self, sidecars, tenant, meter, chance, connections=16, per_second=None):
        self.tenant, self.meter, self.chance = tenant, meter, chance
        self.selector = selectors.DefaultSelector()
        self.takers = [
            Taker(sidecar, number) for number, sidecar in enumerate(sidecars) for _ in range(connections)
        ]  # fmt: skip
        self.interval = 1 / per_second if per_second else 0
        self.next_call = time.monotonic()
        self.allowed = Counter()  # units, by the sidecar's number
        self.unanswered = Counter()
        self.reasons = Counter()
        self.most_used = 0

    @property
    def admitted(self):
        return sum(self.allowed.values())

    @property
    def are_done(self):
        return all(taker.is_done for taker in self.takers)

    def ask_again(self):
        """Forgets who was refused: from now on refusals count."""
        for taker in self.takers:
            taker.is_done = False

    def lift_pace(self):
        self.interval = 0

    def turn(self):
        """Sends what may be sent, waits a little for answers and takes them."""
        self.send_all()
        for key, _ in self.selector.select(timeout=0.005):
            self.receive(key.data)

    def send_all(self):
        now = time.monotonic()
        self.next_call = max(self.next_call, now - 0.1)
        # Whoever asks first gets most, so it is another one each time.
        for taker in self.chance.sample(self.takers, len(self.takers)):
            if self.interval and self.next_call > now:
                return
            if taker.amount or taker.is_done or taker.not_before > now:
                continue
            if taker.socket is None and not self.open(taker, now):
                continue
            taker.amount = 1 if taker.is_modest else self.chance.choice((1, 1, 1, 2, 5))
            self.next_call += self.interval
            try:
                taker.socket.sendall(encode("TAKE", self.tenant, self.meter, taker.amount))
            except OSError:
                self.lose(taker)

    def open(self, taker, now):
        if not taker.connect():
            taker.not_before = now + PATIENCE_SECONDS
            return False
        self.selector.register(taker.socket, selectors.EVENT_READ, taker)
        return True

    def receive(self, taker):
        try:
            data = taker.socket.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.lose(taker)
            return
        taker.buffer += data
        if taker.buffer.startswith(b"-"):
            raise AssertionError(f"sidecar {taker.number} answered {taker.buffer!r}")
        lines = taker.buffer.split(b"\r\n")
        if len(lines) > REPLY_LINES:
            taker.buffer = b""
            self.take_answer(taker, lines[1] == b":1", lines[3].decode(), int(lines[6][1:]), int(lines[8][1:]))

    def take_answer(self, taker, is_allowed, reason, used, retry_after_ms):
        amount, taker.amount = taker.amount, 0
        self.reasons[reason] += 1
        if is_allowed:
            assert reason == "ok", reason
            self.allowed[taker.number] += amount
            self.most_used = max(self.most_used, used)
            return
        assert reason in ("limit_exceeded", "too_large", "degraded"), reason
        taker.not_before = time.monotonic() + PATIENCE_SECONDS
        if reason == "degraded":
            return
        taker.is_done = amount == 1 and retry_after_ms >= FINAL_RETRY_MS
        taker.is_modest = True

    def lose(self, taker):
        """The connection is gone: what was on its way may have been counted or not."""
        self.unanswered[taker.number] += taker.amount
        taker.amount = 0
        taker.not_before = time.monotonic() + PATIENCE_SECONDS
        self.selector.unregister(taker.socket)
        taker.socket.close()
        taker.socket = None

    def close(self):
        for taker in self.takers:
            if taker.socket is not None:
                self.lose(taker)
        self.selector.close()

    def __str__(self):
        return (
            f"allowed {self.admitted}: {dict(sorted(self.allowed.items()))}; "
            f"without an answer {sum(self.unanswered.values())}: {dict(sorted(self.unanswered.items()))}; "
            f"answers {dict(self.reasons)}; largest used {self.most_used}"
        )
