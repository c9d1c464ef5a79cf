"""Tenants that nobody put: how many may have usage is bounded and counted."""

from waiting import wait_for_room


def test_strangers_are_bounded_and_counted(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_partitions=1, tenants_max_unknown=3)
    wait_for_room(3_600, 5)
    with daemon.resp() as gate:
        reasons = [gate.call("TAKE", f"s{number}", "messages")[1] for number in range(5)]
        assert reasons == ["ok"] * 3 + ["unknown_tenant"] * 2
        assert gate.call("RECORD", "s9", "messages", 1).startswith("NOTENANT ")
        assert gate.call("LEVEL", "s9", "seats", 1).startswith("NOTENANT ")
        # Those who are in stay in, a check stores nothing, and one who is put is no stranger.
        assert gate.call("TAKE", "s0", "messages")[1] == "ok"
        assert gate.call("CHECK", "s9", "messages")[1] == "ok"
        daemon.put("s9")
        assert gate.call("TAKE", "s9", "messages")[1] == "ok"
    assert daemon.metric("tollgate_gate_strangers_refused_total") == 4
    assert daemon.metric("tollgate_strangers") == 3
    keys = [key for key in redis_server.client().scan_iter(count=1_000) if key.endswith((":s3", ":s4"))]
    assert keys == []


def test_a_stranger_that_is_put_gives_its_place_to_another(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url, redis_partitions=1, tenants_max_unknown=1)
    with daemon.resp() as gate:
        assert gate.call("TAKE", "s0", "messages")[1] == "ok"
        assert gate.call("TAKE", "s1", "messages")[1] == "unknown_tenant"
        daemon.put("s0")
        assert gate.call("CHECK", "s0", "messages", 0)[3] == 1
        assert gate.call("TAKE", "s1", "messages")[1] == "ok"
