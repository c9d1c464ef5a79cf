"""Which Redis tollgate takes: how it logs in, and which it refuses with what to do about it."""

import os
import re
import shutil
import signal

import pytest
import redis

from redis_server import RedisServer, free_port, is_running
from waiting import wait_until


def refused(make_daemon, **settings):
    """Starts a daemon that must end by itself; its exit code and what it said."""
    daemon = make_daemon(**settings).launch()
    code = daemon.end_code()
    return code, daemon.log


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
def test_an_evicting_policy_is_refused_with_what_to_set(make_daemon, start_redis, policy):
    server = start_redis("--maxmemory-policy", policy)
    code, log = refused(make_daemon, redis_url=server.url)
    assert code == 4
    assert f"Redis has maxmemory-policy {policy}" in log
    assert "CONFIG SET maxmemory-policy noeviction" in log


def test_other_partitions_than_stored_are_refused_with_what_to_set(make_daemon, redis_server):
    daemon = make_daemon(redis_url=redis_server.url, redis_partitions=16).start()
    assert daemon.stop() == 0
    code, log = refused(make_daemon, redis_url=redis_server.url, redis_partitions=32)
    assert code == 4
    assert "was set up with redis.partitions = 16, and it is configured as 32 now" in log
    assert "Set it back to 16" in log
    again = make_daemon(redis_url=redis_server.url, redis_partitions=16).start()
    assert again.stop() == 0


def test_no_append_only_file_is_a_warning(start_daemon, start_redis):
    server = start_redis("--appendonly", "no")
    daemon = start_daemon(redis_url=server.url)
    assert "Redis has no append-only file" in daemon.log


def test_a_managed_redis_that_ends_while_it_is_waited_for_is_started_again(make_daemon):
    daemon = make_daemon(redis_url="managed").start()
    left_behind = daemon.managed_redis_pid()
    daemon.kill()
    os.kill(left_behind, signal.SIGSTOP)
    daemon.launch()
    wait_until(lambda: "waiting for Redis" in daemon.log, "tollgate waits for Redis")
    os.kill(left_behind, signal.SIGKILL)
    wait_until(daemon.is_ready, "tollgate is ready")
    assert "redis-server ended; starting it again" in daemon.log


def test_a_managed_redis_that_was_started_again_keeps_no_socket_of_a_killed_tollgate(make_daemon):
    daemon = make_daemon(redis_url="managed").start()
    first = daemon.managed_redis_pid()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: daemon.managed_redis_pid() not in (None, first), "redis-server is started again")
    wait_until(daemon.is_ready, "tollgate is ready")
    daemon.kill()
    daemon.start()
    assert "found the redis-server of an earlier run" in daemon.log


def test_the_managed_redis_is_not_given_the_secrets(make_daemon, directory):
    # A redis-server that tells its environment: a running one writes its title over it.
    told = os.path.join(directory, "told")
    script = os.path.join(directory, "redis-server")
    with open(script, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nenv >{told}\nexec {shutil.which("redis-server")} "$@"\n')
    os.chmod(script, 0o755)
    secrets = {"STRIPE_SECRET_KEY": "sk_test_mine", "TOLLGATE_CONTROL_TOKEN": "t" * 32}
    path = f"{directory}:{os.environ['PATH']}"
    make_daemon(redis_url="managed", environment={**secrets, "PATH": path, "ELSE": "passed on"}).start()
    with open(told, encoding="utf-8") as file:
        variables = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    assert variables["ELSE"] == "passed on" and not {*secrets} & {*variables}


@pytest.fixture
def locked_redis(directory):
    """A Redis on a port and a socket, with a password and a user."""
    server = RedisServer(
        os.path.join(directory, "locked"), "--requirepass", "the password", "--user",
        "app", "on", ">another", "~*", "&*", "+@all", port=free_port(), password="the password",
    )  # fmt: skip
    yield server
    server.kill()


def test_password_user_and_database_work_over_tcp(start_daemon, locked_redis):
    daemon = start_daemon(
        redis_url=f"redis://app@127.0.0.1:{locked_redis.port}/3", environment={"TOLLGATE_REDIS_PASSWORD": "another"}
    )
    daemon.put("acme")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 2)[:4] == [1, "ok", "messages", 2]
    inside = redis.Redis(
        port=locked_redis.port, db=3, username="app", password="another", decode_responses=True, protocol=2
    )
    assert inside.exists("tg:meta") == 1
    names = {row["name"] for row in inside.client_list() if row["name"].startswith("tollgate")}
    assert names == {"tollgate-gate", "tollgate-news", "tollgate-control"}
    assert {row["user"] for row in inside.client_list() if row["name"].startswith("tollgate")} == {"app"}
    assert redis.Redis(port=locked_redis.port, password="the password").dbsize() == 0


def test_a_password_from_a_file_works_over_a_unix_socket_with_a_database(start_daemon, locked_redis, directory):
    path = os.path.join(directory, "secret")
    with open(path, "w", encoding="utf-8") as file:
        file.write("the password\n")
    os.chmod(path, 0o600)
    daemon = start_daemon(redis_url=f"{locked_redis.url}?db=2", environment={"TOLLGATE_REDIS_PASSWORD_FILE": path})
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages")[1] == "ok"
    client = redis.Redis(unix_socket_path=locked_redis.path, db=2, password="the password")
    assert client.exists("tg:meta") == 1


def test_tcp_without_a_password_works_by_name(start_daemon, directory):
    server = RedisServer(os.path.join(directory, "tcp"), port=free_port())
    try:
        daemon = start_daemon(redis_url=f"redis://localhost:{server.port}")
        with daemon.resp() as gate:
            assert gate.call("TAKE", "acme", "messages")[1] == "ok"
        assert daemon.stop() == 0
    finally:
        server.kill()


@pytest.mark.parametrize("password", [None, "wrong-one"])
def test_a_refused_login_is_said_and_tollgate_does_not_become_ready(make_daemon, locked_redis, password):
    environment = {"TOLLGATE_REDIS_PASSWORD": password} if password else {}
    daemon = make_daemon(redis_url=locked_redis.url, environment=environment).launch()
    wait_until(lambda: re.search("WRONGPASS|NOAUTH", daemon.log), "tollgate says what Redis said", 15)
    assert not daemon.is_ready()
    assert not os.path.exists(daemon.gate)
    assert "wrong-one" not in daemon.log


def test_a_password_in_the_url_of_a_file_is_refused(make_daemon, directory):
    path = os.path.join(directory, "tollgate.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("redis:\n  url: redis://app:hunter2@127.0.0.1:1/0\n")
    daemon = make_daemon()
    ran = daemon.run("serve", "--config", path, "--plans", daemon.plans)
    assert ran.code == 2
    assert f"{path}:2:8: " in ran.err and "TOLLGATE_REDIS_PASSWORD" in ran.err
    assert "hunter2" not in ran.err


def test_a_managed_redis_has_an_append_only_file_and_a_private_socket(start_daemon):
    daemon = start_daemon(redis_url="managed")
    path = os.path.join(daemon.state, "redis", "redis.sock")
    assert os.stat(path).st_mode & 0o077 == 0
    assert os.stat(daemon.state).st_mode & 0o077 == 0
    client = redis.Redis(unix_socket_path=path, decode_responses=True)
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}


def test_a_managed_redis_stops_with_tollgate_and_its_data_is_there_at_the_next_start(start_daemon):
    daemon = start_daemon(redis_url="managed")
    daemon.put("acme")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 7)[3] == 7
    process = daemon.managed_redis_pid()
    assert daemon.stop() == 0
    assert not is_running(process)
    daemon.start()
    with daemon.resp() as gate:
        assert gate.call("CHECK", "acme", "messages", 0)[3] == 7
    assert daemon.stop() == 0


def test_a_managed_redis_survives_a_kill_and_is_found_again(start_daemon):
    daemon = start_daemon(redis_url="managed")
    with daemon.resp() as gate:
        assert gate.call("TAKE", "acme", "messages", 2)[3] == 2
    process = daemon.managed_redis_pid()
    daemon.kill()
    assert is_running(process)
    daemon.start()
    assert daemon.managed_redis_pid() == process
    with daemon.resp() as gate:
        assert gate.call("CHECK", "acme", "messages", 0)[3] == 2
    assert daemon.stop() == 0
    assert not is_running(process)
