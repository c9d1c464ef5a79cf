"""Fixtures: a fresh sandbox a test. STRIPE_SANDBOX_BIN names the binary; STRIPE_CONTRACT_DIR, when set, names the
directory with Stripe's contract data, and the contract tests are then collected as well."""

import os
import pathlib

import pytest
import stripe

from sandbox import Sandbox

# The sandbox is on loopback; a proxy in the environment is for elsewhere.
os.environ["NO_PROXY"] = "127.0.0.1"

has_contract = bool(os.environ.get("STRIPE_CONTRACT_DIR"))
collect_ignore = [] if has_contract else ["test_contract.py", "test_billing_contract.py", "test_usage_contract.py"]
if stripe.VERSION.startswith("11."):
    # The SDK of acacia calls everything by other names.
    here = pathlib.Path(__file__).parent
    collect_ignore = [path.name for path in here.glob("test_*.py") if path.name != "test_acacia_sdk.py"]
else:
    collect_ignore.append("test_acacia_sdk.py")


def pytest_configure(config):
    binary = os.environ.get("STRIPE_SANDBOX_BIN", "")
    if not os.access(binary, os.X_OK):
        pytest.exit("STRIPE_SANDBOX_BIN must name the stripe-sandbox binary (swift build --product stripe-sandbox)", 2)


def pytest_terminal_summary(terminalreporter):
    # In the summary, because a quiet run has no header.
    if not has_contract:
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
