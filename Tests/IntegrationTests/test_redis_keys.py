"""Every key in Redis after a busy run has the type, the hash tag and the lifetime that docs/redis-keys.md says."""

import re
import time

from notice_receiver import SECRET
from owed_hours import flush
from waiting import wait_for_room, wait_until

DAY = 86_400
FOREVER = -1
IDEMPOTENCY_TTL = 600
RETENTION_DAYS = 50
USAGE_DAYS = 40
NOW_SLACK = 120

KEYS = {
    # name after the tag: type, lifetime in seconds as (least, most) when it was just written; None is forever
    r"life": ("hash", None),
    r"claim": ("hash", None),
    r"tenants": ("zset", None),
    r"audit": ("stream", None),
    r"grants": ("zset", None),
    r"owed": ("zset", None),
    r"customers": ("zset", None),
    r"checks": ("zset", None),
    r"strangers": ("zset", (400 * DAY, 400 * DAY)),
    r"t:[^:]+": ("hash", None),
    r"l:[a-z_]+:[^:]+": ("hash", None),
    r"u:per_minute:\d+:[^:]+": ("hash", (DAY, DAY + 60)),
    r"u:per_hour:\d+:[^:]+": ("hash", ((USAGE_DAYS - 36) * DAY, USAGE_DAYS * DAY + 3_600)),
    r"u:(per_day|soft|capped|watched|words|plain_sums|retired|hidden):\d+:[^:]+": (
        "hash",
        ((USAGE_DAYS - 36) * DAY, USAGE_DAYS * DAY + DAY),
    ),
    r"u:(messages|tokens|per_month|per_period):\d+:[^:]+": ("hash", ((USAGE_DAYS - 36) * DAY, (USAGE_DAYS + 31) * DAY)),
    r"u:pages:\d+:[^:]+": ("hash", ((USAGE_DAYS - 36) * DAY, USAGE_DAYS * DAY + 3_600)),
    r"h:[a-z_]+:\d+:[^:]+": ("hash", ((RETENTION_DAYS - 36) * DAY, (RETENTION_DAYS + 1) * DAY)),
    r"r:[a-z_]+:[^:]+": ("string", (0, 60)),
    r"audit": ("stream", None),
    r"notices": ("stream", (7 * DAY, 7 * DAY)),
    r"i:[^:/]+/.+": ("string", (IDEMPOTENCY_TTL, IDEMPOTENCY_TTL)),
}


def partition(tenant, partitions=256):
    """64-bit FNV-1a, folded, modulo the number of partitions: part of the stored format."""
    digest = 0xCBF29CE484222325
    for byte in tenant.encode():
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return (digest ^ digest >> 32) % partitions


def busy_run(daemon):
    """Everything that writes: every command, kind, refusal and repeat, by tenants that were put and that were not."""
    counters = [
        "messages", "words", "per_minute", "per_hour", "per_day", "per_month", "per_period", "soft", "capped",
        "watched", "tokens", "pages", "plain_sums", "retired", "hidden",
    ]  # fmt: skip
    tenants = ["acme", "globex", "a.b_c@d-e", "stranger-1", "stranger-2"]
    for tenant in tenants[:3]:
        daemon.put(tenant, customer="cus_acme" if tenant == "acme" else None)
    daemon.run("tenant", "grant", "acme", "words", "5", "--expires", "1h", "--reason", "a test")
    long_ago = int((time.time() - 34 * DAY) * 1000)
    with daemon.resp() as gate:
        for tenant in tenants:
            for meter in counters:
                for call in (
                    f"TAKE {tenant} {meter} 2", f"TAKE {tenant} {meter} 2 ID {meter}:1", f"RECORD {tenant} {meter} 3",
                    f"RECORD {tenant} {meter} 1 ID {meter}/2", f"RECORD {tenant} {meter} 5 AT {long_ago}",
                    f"CHECK {tenant} {meter}", f"RECORD {tenant} {meter} 0", f"TAKE {tenant} {meter} 100000",
                ):  # fmt: skip
                    gate.call_line(call)
            for meter in ("seats", "storage", "hidden_level"):
                gate.call_line(f"LEVEL {tenant} {meter} 2")
                gate.call_line(f"TAKE {tenant} {meter} 1")
            for meter in ("calls", "bursts", "ticks", "watched_calls"):
                gate.call_line(f"TAKE {tenant} {meter} 2")
                gate.call_line(f"RECORD {tenant} {meter} 50")
            gate.call_line(f"USAGE {tenant}")
            gate.call_line(f"FEATURE {tenant} sso")
    daemon.http("POST", "/v1/billing/flush")


def test_every_key_has_the_type_tag_and_lifetime_that_the_docs_say(start_daemon, redis_server, billing, sandbox):
    wait_for_room(60, 15)
    daemon = start_daemon(
        redis_url=redis_server.url,
        notify_url="http://127.0.0.1:9",
        idempotency_ttl=f"{IDEMPOTENCY_TTL}s",
        usage_retention=f"{RETENTION_DAYS}d",
        stripe_api_base=billing["stripe_api_base"],
        environment={**billing["environment"], "TOLLGATE_NOTIFY_SECRET": SECRET},
    )
    sandbox.fault("error_500", count=2)
    busy_run(daemon)
    # The errors hold back what comes first; asked again, hours are acknowledged and wait to be compared.
    wait_until(lambda: flush(daemon)["acknowledged"] > 0, "something is acknowledged")
    client = redis_server.client()
    seen = set()
    keys = list(client.scan_iter(count=10_000))
    assert len(keys) > 100
    for key in keys:
        if key == "tg:meta":
            assert client.type(key) == "hash" and client.ttl(key) == FOREVER
            assert client.hgetall(key) == {"partitions": "256", "hash": "fnv1a64"}
            continue
        if key == "tg:notifier":
            assert client.type(key) == "string" and 0 < client.pttl(key) <= 8_000
            continue
        if key == "tg:{webhooks}:worker":
            assert client.type(key) == "hash" and 0 < client.pttl(key) <= 8_000
            continue
        if key == "tg:flushers":
            assert client.type(key) == "zset" and 0 < client.pttl(key) <= 8_000
            continue
        if key == "tg:reconcile":
            assert client.type(key) == "hash" and client.ttl(key) == FOREVER
            continue
        if key == "tg:records":
            assert client.type(key) == "string" and client.ttl(key) == FOREVER
            continue
        match = re.fullmatch(r"tg:\{p(\d{3})\}:(.+)", key)
        assert match, f"{key} has no tag of a partition"
        rest = match[2]
        pattern = next((pattern for pattern in KEYS if re.fullmatch(pattern, rest)), None)
        assert pattern, f"{key} is not in the docs"
        seen.add(pattern)
        kind, lifetime = KEYS[pattern]
        found, left = client.type(key), client.ttl(key)
        if found == "none":
            # The arrival time of a rate ends within seconds, also between a scan and a look.
            assert rest.startswith("r:"), key
            continue
        assert found == kind, key
        if lifetime is None:
            assert left == FOREVER, key
        else:
            assert left != FOREVER, f"{key} would stay for ever"
            assert lifetime[0] - NOW_SLACK <= left <= lifetime[1], f"{key}: {left} s left"
        if ":" in rest:
            tenant = rest.split("/")[0].split(":")[-1] if rest.startswith("i:") else rest.split(":")[-1]
            assert int(match[1]) == partition(tenant), key
        elif kind == "stream":
            for _, entry in client.xrange(key):
                assert int(match[1]) == partition(entry["tenant"]), (key, entry)
        elif kind == "zset":
            for member in client.zrange(key, 0, -1):
                assert int(match[1]) == partition(member.split(" ")[-1]), (key, member)
    missing = set(KEYS) - seen - {r"r:[a-z_]+:[^:]+"}
    assert missing == set(), "the busy run must write every kind of key"


def test_the_arrival_time_of_a_rate_is_gone_when_its_bucket_is_full_again(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    daemon.put("acme")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "ticks", 2)
    client = redis_server.client()

    def rates():
        return [key for key in client.scan_iter(count=1_000) if ":r:" in key]

    assert len(rates()) <= 1
    wait_until(lambda: not rates(), "the key has expired", 2)


def test_nothing_is_stored_for_questions(start_daemon, redis_server):
    daemon = start_daemon(redis_url=redis_server.url)
    with daemon.resp() as gate:
        for call in (
            "CHECK acme messages 2", "USAGE acme", "FEATURE acme sso", "TAKE acme messages 4", "TAKE acme words 1",
            "TAKE acme nothing 1", "RECORD acme messages x", "PING",
        ):  # fmt: skip
            gate.call_line(call)
    keys = [key for key in redis_server.client().keys("*") if not key.endswith(":life")]
    assert keys == ["tg:meta"]


def test_another_prefix_is_another_world(start_daemon, redis_server):
    first = start_daemon(redis_url=redis_server.url, redis_key_prefix="one:")
    second = start_daemon(redis_url=redis_server.url, redis_key_prefix="two:")
    with first.resp() as gate, second.resp() as other:
        assert gate.call("TAKE", "acme", "messages", 2)[3] == 2
        assert other.call("TAKE", "acme", "messages", 1)[3] == 1
    assert {key[:4] for key in redis_server.client().keys("*")} == {"one:", "two:"}
