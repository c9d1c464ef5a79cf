"""The lists in docs/ that operators go by, held against a running daemon."""

import os
import re

from daemon import ROOT
from notice_receiver import SECRET
from waiting import wait_until

EXPIRES = {"u:", "h:", "r:", "i:", "strangers", "notices", "tg:notifier", "tg:flushers"}


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


def test_every_key_is_one_that_the_manual_lists_with_its_type_and_lifetime(start_daemon, redis_server, billing):
    daemon = start_daemon(
        redis_url=redis_server.url,
        notify_url="http://127.0.0.1:9",
        stripe_flush_interval="1h",
        stripe_api_base=billing["stripe_api_base"],
        environment={**billing["environment"], "TOLLGATE_NOTIFY_SECRET": SECRET},
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
    assert daemon.http("POST", "/v1/billing/flush")[1]["acknowledged"] == 1
    rows = table("docs/redis-keys.md", "key")
    patterns = [re.escape(row[0].strip("`")).replace(r"\{p…\}", r"\{p\d{3}\}") for row in rows]
    for word, pattern in {
        "METER": "[a-z_]+",
        "PERIOD": r"\d+",
        "DAY": r"\d+",
        "TENANT": "[a-z:@-]+",
        "KEY": ".+",
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
