"""A program on a terminal of its own: what it draws, and what a person types."""

import contextlib
import os
import pty
import select
import subprocess

SECONDS = 30


def on_terminal(daemon, *arguments, typed=b"", after=None):
    """Runs tollgate and returns its exit code and all it drew; types something once `after` is on the screen."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [os.environ["TOLLGATE_BIN"], *arguments],
        env={**os.environ, "TOLLGATE_CONTROL": daemon.control, "TERM": "xterm", "NO_COLOR": "1"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    drawn = b""
    try:
        while select.select([leader], [], [], SECONDS)[0]:
            part = b""
            # The terminal is gone when the program has ended.
            with contextlib.suppress(OSError):
                part = os.read(leader, 65536)
            if not part:
                break
            drawn += part
            if typed and after in drawn:
                os.write(leader, typed)
                typed = b""
        return process.wait(timeout=SECONDS), drawn.decode(errors="replace")
    finally:
        process.kill()
        process.wait(timeout=10)
        os.close(leader)
