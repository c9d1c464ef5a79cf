"""`make run`, by its script: shows, stays, stops clean, and says what is in its way."""

import os
import re
import signal
import socket
import subprocess

import pytest

from daemon import ROOT
from redis_server import free_port
from waiting import wait_until

SCRIPT = os.path.join(ROOT, "scripts", "run.sh")
SECONDS = 60
PROGRAMS = {"tollgate", "redis-server", "stripe-sandbox", "tail"}


class Demo:
    """One run of the script, in a process group of its own as a terminal would make it."""

    def __init__(self, directory, port, **environment):
        self.directory = directory
        self.environment = {
            **os.environ,
            # A user's own key must not get anywhere.
            "STRIPE_SECRET_KEY": "sk_live_of_somebody",
            "RUN_DIR": directory,
            "SANDBOX_LISTEN": f"127.0.0.1:{port}",
            **environment,
        }
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [SCRIPT], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        return self

    def wait_until_shown(self):
        """Reads its output until it stays, and returns it."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.decode())
            if "Ctrl-C stops everything" in lines[-1]:
                return "".join(lines)
        raise AssertionError("".join(lines))

    def finish(self):
        """Its exit code and the rest of its output."""
        output, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output.decode()

    def signal(self, number, whole_group):
        if whole_group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def running(self):
        """The programs that run with the directory in their arguments or environment: pids by name."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as line, open(f"/proc/{pid}/environ", "rb") as environment:
                    words = line.read()
                    is_ours = self.directory.encode() in words + environment.read()
            except OSError:
                continue
            if is_ours and words:
                name = os.path.basename(words.replace(b" ", b"\0").split(b"\0")[0].decode(errors="replace"))
                found[name] = int(pid)
        return found


@pytest.fixture
def demo(directory):
    demo = Demo(os.path.join(directory, "var"), free_port())
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.signal(signal.SIGTERM, whole_group=False)
        demo.process.communicate(timeout=SECONDS)


def test_a_run_once_shows_the_way_from_a_take_to_stripe_and_stops(demo):
    demo.environment["RUN_ONCE"] = "1"
    code, output = demo.start().finish()
    assert code == 0, output
    assert "allowed: messages 1 of 1000 used" in output
    assert "refused (too_large)" in output
    # A round that nobody asked for may have sent them before.
    assert re.search(r"hours acknowledged  [012]\n", output)
    assert "nothing is owed" in output
    assert demo.running() == {}


@pytest.mark.parametrize(
    ("number", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)], ids=["ctrl-c", "sigterm"]
)
def test_a_run_stays_until_it_is_told_to_stop_and_leaves_nothing_behind(demo, number, whole_group):
    demo.start().wait_until_shown()
    wait_until(lambda: demo.running().keys() >= PROGRAMS, "all of its programs run")
    demo.signal(number, whole_group)
    code, output = demo.finish()
    assert (code, demo.running()) == (0, {}), output


def test_a_second_run_beside_the_first_is_told_so(demo):
    demo.start().wait_until_shown()
    code, output = Demo(demo.directory, free_port()).start().finish()
    assert code != 0
    assert "make run is running here already" in output


def test_a_run_goes_on_with_the_state_of_the_one_before(demo):
    demo.environment["RUN_ONCE"] = "1"
    assert demo.start().finish()[0] == 0
    code, output = demo.start().finish()
    assert code == 0, output
    assert "allowed: messages 2 of 1000 used" in output


def test_a_run_takes_over_what_a_killed_one_has_left(demo):
    demo.start().wait_until_shown()
    wait_until(lambda: demo.running().keys() >= PROGRAMS, "all of its programs run")
    demo.signal(signal.SIGKILL, whole_group=False)
    demo.process.wait(timeout=SECONDS)
    for name, pid in demo.running().items():
        if name != "redis-server":
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: demo.running().keys() == {"redis-server"}, "only Redis is left")
    demo.process.stdout.close()
    demo.environment["RUN_ONCE"] = "1"
    code, output = demo.start().finish()
    assert code == 0, output
    assert demo.running() == {}


def test_a_port_in_use_is_named(demo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo.environment["SANDBOX_LISTEN"] = f"127.0.0.1:{port}"
        code, output = demo.start().finish()
    assert code != 0
    assert f"something listens on 127.0.0.1:{port} already" in output
