"""The lists in docs/ that operators go by, held against a running daemon."""

import os
import re

from billing import FEBRUARY, seed_month

from daemon import ROOT
from notice_receiver import SECRET
from owed_hours import flush
from redis_server import free_port
from waiting import wait_until
from webhook_sender import SECRET as WEBHOOK_SECRET
from webhook_sender import Sender, invoice, snapshot

EXPIRES = {"worker", "seen:EVENT", "u:", "h:", "r:", "i:", "strangers", "notices", "tg:notifier", "tg:flushers"}


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def table(path, heading):
    """The rows of the first table whose first column is headed so, as lists of cells."""
    lines = text(path).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def test_every_metric_is_in_the_manual_and_every_one_in_the_manual_is_there(shared_daemon):
    _, page = shared_daemon.http("GET", "/metrics")
    there = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    documented = {name for row in table("docs/operations.md", "metric") for name in re.findall("`(.*?)`", row[0])}
    assert documented == there


def take_events(webhooks, sandbox):
    """One event that is applied, one that can never be, and one that waits."""
    seed_month(sandbox)
    sandbox.control("POST", "clock", {"now": FEBRUARY + 60})
    [draft] = sandbox.get("/v1/invoices?status=draft").body["data"]
    sandbox.fault("error_500", path="/v1/invoices/in_waiting", count=1000)
    for event, name in (("evt_1", draft["id"]), ("evt_2", None), ("evt_3", "in_waiting")):
        assert webhooks.send(snapshot(event, "invoice.created", invoice(name)))[0] == 200


def test_every_key_is_one_that_the_manual_lists_with_its_type_and_lifetime(
    start_daemon, redis_server, billing, sandbox
):
    port = free_port()
    daemon = start_daemon(
        webhook_listen=f"127.0.0.1:{port}",
        redis_url=redis_server.url,
        notify_url="http://127.0.0.1:9",
        stripe_flush_interval="1h",
        stripe_api_base=billing["stripe_api_base"],
        environment={
            **billing["environment"],
            "TOLLGATE_NOTIFY_SECRET": SECRET,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        },
    )
    daemon.put("acme", plan="starter", customer="cus_acme")
    daemon.run("tenant", "grant", "acme", "tokens", "5", "--expires", "1h", "--reason", "a test")
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "messages", 1, "tokens", 5, "per_minute", 1, "ID", "order/1")
        gate.call("TAKE", "acme", "calls", 30)  # half a minute until the key goes
        gate.call("LEVEL", "acme", "seats", 5)
        gate.call("REFUND", "acme", "messages", 1)
        gate.call("RECORD", "stranger:of@this-world", "tokens", 7)
    wait_until(lambda: daemon.metric("tollgate_notices_waiting") == 2, "two thresholds were crossed")
    wait_until(lambda: daemon.metric("tollgate_claimed_partitions") == 256, "every partition is claimed")
    flush(daemon)
    wait_until(lambda: daemon.metric("tollgate_flush_acknowledged_total") > 0, "an hour is acknowledged")
    take_events(Sender(port), sandbox)
    with daemon.resp() as gate:
        gate.call("TAKE", "acme", "tokens", 1)
    # By the sandbox's clock the hour is months ago: it is refused for good.
    flush(daemon)
    for key in ("{p*}:dead", "{webhooks}:tries", "{webhooks}:dead", "{p*}:drafts"):
        wait_until(lambda key=key: list(redis_server.client().scan_iter(match=f"tg:{key}")), key)
    rows = table("docs/redis-keys.md", "key")
    patterns = [re.escape(row[0].strip("`")).replace(r"\{p…\}", r"\{p\d{3}\}") for row in rows]
    for word, pattern in {
        "METER": "[a-z_]+",
        "PERIOD": r"\d+",
        "DAY": r"\d+",
        "TENANT": "[a-z:@-]+",
        "KEY": ".+",
        "EVENT": "evt_[0-9]",
    }.items():
        patterns = [re.sub(rf"\b{word}\b", lambda _, with_=pattern: with_, text) for text in patterns]
    client = redis_server.client()
    met = set()
    for key in client.scan_iter():
        matching = [index for index, pattern in enumerate(patterns) if re.fullmatch(pattern, key)]
        assert len(matching) == 1, f"{key} is in {len(matching)} rows of the table"
        name, kind = rows[matching[0]][0].strip("`"), rows[matching[0]][1]
        assert {"zset": "sorted set"}.get(client.type(key), client.type(key)) == re.match("sorted set|[a-z]+", kind)[0]
        has_end = any(name.split("}:")[-1].startswith(part) for part in EXPIRES)
        assert (client.pttl(key) >= 0) == has_end, f"{key} has a lifetime of {client.pttl(key)} ms"
        met.add(name)
    assert met == {row[0].strip("`") for row in rows}
