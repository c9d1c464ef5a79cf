"""What one tenant used of one meter, hour by hour, as Redis and as the sidecars' ledgers have it."""

import json
import os
import subprocess
from collections import Counter
from datetime import datetime

HOURS_A_DAY = 24


class RedisTotals:
    """`used` and `held` of the period, and the totals of its hours (hour since 1970 to units)."""

    def __init__(self, client, meter, tenant):
        [usage] = list(client.scan_iter(match=f"*:u:{meter}:*:{tenant}", count=10_000)) or [None]
        fields = client.hmget(usage, "used", "held") if usage else [None, None]
        self.used, self.held = (int(value or 0) for value in fields)
        self.hours = stored_hours(client, meter, tenant)


def stored_hours(client, meter, tenant):
    """What Redis has of each hour, whatever period it belongs to."""
    hours = Counter()
    for key in client.scan_iter(match=f"*:h:{meter}:*:{tenant}", count=10_000):
        day = int(key.split(":")[-2])
        for field, value in client.hgetall(key).items():
            if ":" in field and int(value):
                hours[day * HOURS_A_DAY + int(field[:2])] += int(value)
    return hours


def stored_periods(client, meter, tenant):
    """What Redis has of each period, by its start."""
    keys = list(client.scan_iter(match=f"*:u:{meter}:*:{tenant}", count=10_000))
    return {int(key.split(":")[-2]): int(client.hget(key, "used") or 0) for key in keys}


def ledger_rows(path):
    """The rows of a ledger file, as `tollgate ledger show` tells them."""
    ran = subprocess.run(
        [os.environ["TOLLGATE_BIN"], "ledger", "show", "--json", path],
        capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)["entries"]


def hour_of(row):
    """The row's hour since 1970."""
    return int(datetime.fromisoformat(row["hour"]).timestamp()) // 3600


def units_of(row):
    """The units that a row counts; a lease's row counts none."""
    totals = row["totals"]
    if row["kind"] == "usage":
        return totals["consumed"] - totals["refunded"]
    return totals["decided"] if row["kind"] == "decided" else 0


def all_ledger_hours(paths):
    """As `ledger_hours` of each meter and tenant, named as the sandbox does: (meter, customer, hour's start)."""
    hours = Counter()
    for path in paths:
        for row in ledger_rows(path):
            if units_of(row):
                hours[row["meter"], f"cus_{row['tenant']}", hour_of(row) * 3600] += units_of(row)
    return {place: units for place, units in hours.items() if units}


def ledger_hours(paths, meter, tenant):
    """The sum of several ledgers' rows, by hour; hours in which nothing was counted are left out."""
    hours = Counter()
    for path in paths:
        for row in ledger_rows(path):
            if (row["meter"], row["tenant"]) == (meter, tenant) and units_of(row):
                hours[hour_of(row)] += units_of(row)
    return hours
