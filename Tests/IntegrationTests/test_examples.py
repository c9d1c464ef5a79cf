"""What the README shows is what examples/ holds, does what it says, and asks once."""

import os
import re
import shlex
import socket
import subprocess
import sys
import threading

import pytest

from daemon import ROOT

PLANS = os.path.join(ROOT, "config", "plans.yaml")
EXAMPLES = {
    "python": ("examples/python/ask.py", [sys.executable], {}),
    # Debian's packages put their libraries there.
    "js": ("examples/node/ask.js", ["node"], {"NODE_PATH": "/usr/share/nodejs"}),
    "go": ("examples/go/ask.go", ["go", "run"], {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}),
}


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def readme_blocks(language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text("README.md"), re.MULTILINE | re.DOTALL)
    assert blocks, f"the README has no {language} block"
    return blocks


def run_example(language, directory):
    path, program, environment = EXAMPLES[language]
    cache = {"GOCACHE": os.path.join(directory, "go")} if language == "go" else {}
    return subprocess.run(
        [*program, os.path.join(ROOT, path)],
        cwd=directory,
        env={**os.environ, **environment, **cache},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def here(directory):
    """A directory with the ./var that the examples look into."""
    os.mkdir(os.path.join(directory, "var"))
    return directory


@pytest.fixture
def demo(start_daemon, redis_server, here):
    """A daemon with the tenants of `make run`, at ./var of `here`."""
    daemon = start_daemon(redis_url=redis_server.url, plans=PLANS)
    daemon.put("acme", plan="starter")
    daemon.put("globex", plan="professional")
    os.symlink(daemon.gate, os.path.join(here, "var", "gate.sock"))
    os.symlink(daemon.control, os.path.join(here, "var", "control.sock"))
    return daemon


class CuttingServer:
    """Answers what clients send while they connect, and cuts the connection at each TAKE, which it counts."""

    def __init__(self, path):
        self.takes = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.converse(connection.makefile("rb"), connection)

    def converse(self, stream, connection):
        while header := stream.readline():
            words = [stream.read(int(stream.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
            if words[0].upper() == b"TAKE":
                self.takes += 1
                return
            connection.sendall(b"+OK\r\n")

    def close(self):
        # A blocked accept() does not notice a close().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(timeout=10)


@pytest.fixture
def cutting_server(here):
    server = CuttingServer(os.path.join(here, "var", "gate.sock"))
    yield server
    server.close()


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_readme_shows_the_example_as_it_is(language):
    assert readme_blocks(language) == [text(EXAMPLES[language][0])]


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_takes_one_message_and_prints_the_decision(language, demo, here):
    ran = run_example(language, here)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "messages 1 of 1000" in ran.stdout
    assert demo.run("usage", "acme", "messages", "--json").json["meters"][0]["used"] == 1


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_does_not_repeat_a_take_whose_answer_is_lost(language, cutting_server, here):
    ran = run_example(language, here)
    assert ran.returncode != 0
    assert cutting_server.takes == 1


def test_redis_cli_prints_what_the_readme_says(demo, here):
    (block,) = readme_blocks("console")
    command, expected = block.split("\n", 1)
    words = shlex.split(command.removeprefix("$ "))
    # redis-cli prints types and quotes only to a terminal, or when asked.
    ran = subprocess.run(
        [words[0], "--no-raw", *words[1:]], cwd=here, capture_output=True, text=True, timeout=30, check=True
    )
    assert ran.stdout == expected


def test_the_command_lines_of_the_readme_run(demo, here):
    (block,) = readme_blocks("sh")
    for line in block.splitlines():
        words = [os.path.join(ROOT, word) if word.startswith("config/") else word for word in shlex.split(line, True)]
        assert words[0] == "tollgate"
        ran = demo.run(*words[1:])
        if words[1] in ("stripe", "reconcile"):
            # The demo has no key of Stripe's, which is what these say.
            assert ran.code == 1 and "STRIPE_SECRET_KEY" in ran.err, f"{line}\n{ran.out}{ran.err}"
            continue
        assert ran.code == 0, f"{line}\n{ran.out}{ran.err}"
