"""Fixtures. TOLLGATE_BIN and STRIPE_SANDBOX_BIN name the binaries under test."""

import itertools
import os
import shutil
import sys
import tempfile

import pytest

# One class of a sandbox process serves the sandbox's own tests and these.
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "StripeSandbox"))

from sandbox import Sandbox

from billed_world import BilledWorld
from daemon import Daemon
from owed_hours import HOUR, record_three_hours
from redis_server import RedisServer
from waiting import wait_for_room

# The sandbox is on loopback; a proxy in the environment is for elsewhere.
os.environ["NO_PROXY"] = "127.0.0.1"

numbers = itertools.count(1)


def pytest_configure(config):
    for variable, product in (("TOLLGATE_BIN", "tollgate"), ("STRIPE_SANDBOX_BIN", "stripe-sandbox")):
        if not os.access(os.environ.get(variable, ""), os.X_OK):
            pytest.exit(f"{variable} must name the {product} binary (swift build --product {product})", 2)
    for program in ("redis-server", "redis-cli"):
        if not shutil.which(program):
            pytest.exit(f"{program} is not installed (apt-get install redis-server redis-tools)", 2)


def pytest_collection_modifyitems(items):
    """SHARE, such as 2/3, leaves every third test from the second on; the others run beside them."""
    if share := os.environ.get("SHARE"):
        part, parts = map(int, share.split("/"))
        items[:] = items[part - 1 :: parts]


def pytest_runtest_logreport(report):
    """A run of many rounds says at once what went wrong, and not only when it is over."""
    if report.failed and os.environ.get("SHARE"):
        print(f"\n{report.longreprtext}", flush=True)


@pytest.fixture(scope="session")
def short_root():
    # A Unix socket's path has room for 107 bytes, and pytest's own directories are longer.
    root = tempfile.mkdtemp(prefix="tg", dir="/tmp")
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def make_directory(short_root):
    """Makes directories with short paths."""

    def make():
        path = os.path.join(short_root, str(next(numbers)))
        os.mkdir(path)
        return path

    return make


@pytest.fixture
def directory(make_directory):
    """A directory of the test's own, with a short path."""
    return make_directory()


@pytest.fixture
def start_redis(directory):
    """Starts redis-servers, and ends them after the test."""
    servers = []

    def start(*options, **more):
        servers.append(RedisServer(os.path.join(directory, f"r{len(servers)}"), *options, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def redis_server(start_redis):
    return start_redis()


@pytest.fixture
def make_daemon(directory):
    """Makes daemons that are not started yet, and ends them after the test."""
    daemons = []

    def make(**settings):
        daemons.append(Daemon(os.path.join(directory, f"t{len(daemons)}"), **settings))
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.kill()
        daemon.end_managed_redis()


@pytest.fixture
def start_daemon(make_daemon):
    """Starts daemons and waits until they are ready."""
    return lambda **settings: make_daemon(**settings).start()


@pytest.fixture(scope="session")
def shared_redis(short_root):
    server = RedisServer(os.path.join(short_root, "redis"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def shared_daemon(short_root, shared_redis):
    """One daemon for all tests that only use tenants of their own."""
    daemon = Daemon(os.path.join(short_root, "shared"), redis_url=shared_redis.url).start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def gate(shared_daemon):
    """A connection of the test's own to the shared daemon."""
    with shared_daemon.resp() as connection:
        yield connection


@pytest.fixture
def stranger():
    """The id of a tenant that nobody put."""
    return f"stranger-{next(numbers)}"


@pytest.fixture
def tenant(shared_daemon):
    """A tenant of the test's own, on the plan starter."""
    name = f"tenant-{next(numbers)}"
    shared_daemon.put(name)
    return name


@pytest.fixture
def sandbox(directory):
    """A Stripe sandbox with the meters that plans.yaml bills: two as they must be, and two as they must not."""
    sandbox = Sandbox("--state", os.path.join(directory, "account.json"))
    sandbox.seed(
        customers=[{"id": "cus_acme"}, {"id": "cus_globex"}],
        meters=[
            {"event_name": "tokens", "event_time_window": "hour"},
            {"event_name": "pages", "event_time_window": "hour"},
            {"event_name": "plain_sums"},
            {"event_name": "retired", "event_time_window": "hour"},
        ],
    )
    retired = next(meter for meter in sandbox.state()["meters"] if meter["event_name"] == "retired")
    assert sandbox.post(f"/v1/billing/meters/{retired['id']}/deactivate", {}).status == 200
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def billing(sandbox):
    """The settings that point a daemon at the sandbox."""
    return {"stripe_api_base": sandbox.url, "environment": {"STRIPE_SECRET_KEY": "sk_test_integration"}}


@pytest.fixture
def billed(start_daemon, redis_server, billing):
    """A daemon that bills at the sandbox, with two tenants that are customers."""
    daemon = start_daemon(redis_url=redis_server.url, **billing)
    for tenant in ("acme", "globex"):
        daemon.put(tenant, customer=f"cus_{tenant}")
    return daemon


@pytest.fixture
def busy(billed):
    """The billed daemon after usage of three hours by both tenants on both meters; an hour's edge is not near."""
    wait_for_room(HOUR, 30)
    record_three_hours(billed)
    return billed


@pytest.fixture
def start_world(directory):
    """Starts worlds in which usage is billed, and ends them after the test."""
    worlds = []

    def start(mode, sidecars=1, **settings):
        worlds.append(BilledWorld(directory, mode, sidecars, **settings))
        return worlds[-1].start()

    yield start
    for world in worlds:
        world.end()


@pytest.fixture
def make_world(start_world):
    """Makes the one world of a test, with the tenant acme; in the end all must agree."""
    worlds = []

    def make(*arguments, **settings):
        worlds.append(start_world(*arguments, **settings))
        worlds[0].put("acme")
        return worlds[0]

    yield make
    worlds[0].assert_all_agree()
