"""Usage by the hour: how to make some, send it, and read it in Redis and in the outbox."""

import time

EVENTS = "POST /v1/billing/meter_events"
HOUR = 3_600


def record_three_hours(daemon, units=(10, 20, 5)):
    now = time.time()
    with daemon.resp() as gate:
        for tenant in ("acme", "globex"):
            for meter in ("tokens", "pages"):
                for hours_ago, n in zip((2, 1, 0), units):
                    gate.call("RECORD", tenant, meter, n, "AT", int((now - hours_ago * HOUR) * 1000))


def redis_hours(redis_server):
    """What Redis holds, as the sandbox names it: {(event name, customer, hour's start): total}."""
    client = redis_server.client()
    hours = {}
    for key in client.scan_iter(match="*:h:*", count=10_000):
        _, _, _, meter, day, tenant = key.split(":")
        for field, value in client.hgetall(key).items():
            if ":" in field:
                place = (meter, f"cus_{tenant}", int(day) * 86_400 + int(field[:2]) * HOUR)
                hours[place] = hours.get(place, 0) + int(value)
    return hours


def flush(daemon):
    status, report = daemon.http("POST", "/v1/billing/flush")
    assert status == 200, report
    return report


def owed(daemon, *arguments):
    return daemon.run("outbox", "--json", "--all", *arguments).json["owed"]
