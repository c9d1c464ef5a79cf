"""Fixtures: a fresh sandbox a test. STRIPE_SANDBOX_BIN names the binary; STRIPE_CONTRACT_DIR, when set, names the
directory with Stripe's contract data, and the contract tests are then collected as well."""

import os

import pytest

from sandbox import Sandbox

# The sandbox is on loopback; a proxy in the environment is for elsewhere.
os.environ["NO_PROXY"] = "127.0.0.1"

collect_ignore = [] if os.environ.get("STRIPE_CONTRACT_DIR") else ["test_contract.py", "test_billing_contract.py"]


def pytest_configure(config):
    binary = os.environ.get("STRIPE_SANDBOX_BIN", "")
    if not os.access(binary, os.X_OK):
        pytest.exit("STRIPE_SANDBOX_BIN must name the stripe-sandbox binary (swift build --product stripe-sandbox)", 2)


def pytest_terminal_summary(terminalreporter):
    # In the summary, because a quiet run has no header.
    if collect_ignore:
        terminalreporter.write_line("contract tests not collected: STRIPE_CONTRACT_DIR names no contract data")


@pytest.fixture
def sandbox(tmp_path):
    sandbox = Sandbox("--state", str(tmp_path / "account.json"))
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def seeded(sandbox):
    """A sandbox with two customers, an hour-window meter `messages` and an ordinary sum meter `tokens`."""
    sandbox.seed(
        customers=[{"id": "cus_acme", "name": "Acme"}, {"id": "cus_globex"}],
        meters=[{"event_name": "messages", "event_time_window": "hour"}, {"event_name": "tokens"}],
    )
    return sandbox


@pytest.fixture
def hour(seeded):
    """The start of the last whole hour by the sandbox clock, which is put into the middle of an hour."""
    now = seeded.state()["now"]
    start = now - now % 3_600
    seeded.control("POST", "clock", {"now": start + 3_600 + 1_800})
    return start
