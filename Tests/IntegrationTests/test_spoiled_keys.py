"""Somebody overwrites a tenant's usage in Redis: only limits of that tenant notice, and nothing is lost."""

import pytest

from lease_tools import TENANT, start_sidecars, totals, wait_until_told
from waiting import wait_until

OTHER = "globex"
# Each with the decision of its policy.
METERS = {"refused": 0, "allowed": 1}
BEFORE = 30


@pytest.mark.parametrize("is_all_deleted", [True, False], ids=["all", "usage-key"])
def test_a_usage_key_of_another_type_holds_up_nobody_else_and_is_put_right(make_daemon, redis_server, is_all_deleted):
    [sidecar] = start_sidecars(make_daemon, redis_server, 1)
    sidecar.put(OTHER, plan="all")
    client = redis_server.client()
    counted = dict.fromkeys(METERS, BEFORE)
    with sidecar.resp() as gate:

        def take(meter):
            answer = gate.call("TAKE", TENANT, meter, 10)
            counted[meter] += 10 * answer[0]
            return answer

        for meter in METERS:
            assert gate.call("RECORD", TENANT, meter, BEFORE)[0][1] == BEFORE
            wait_until_told(redis_server, meter, BEFORE)
            client.set(keys(client, "u", meter)[0], "something else")
        for meter, decision in METERS.items():
            # What is leased is spent first; then the policy of the limit answers.
            wait_until(lambda: take(meter)[1] == "degraded", f"{meter} is decided by policy")
            for _ in range(3):
                assert take(meter)[:2] == [decision, "degraded"]
                others = gate.pipeline(*[f"TAKE {OTHER} {other} 2" for other in METERS])
                assert [answer[:2] for answer in others] == [[1, "ok"]] * 2
        # Redis counts anew where only its sum of the period is deleted; hours are what is billed.
        lost = 0 if is_all_deleted else BEFORE
        kinds = "uh" if is_all_deleted else "u"
        deleted = [key for meter in METERS for kind in kinds for key in keys(client, kind, meter)]
        if is_all_deleted:
            deleted.append(deleted[0].split("}")[0] + "}:life")
        # At once, or a sync in between would count twice.
        assert client.delete(*deleted) == len(deleted)
        for meter in METERS:
            wait_until_told(redis_server, meter, counted[meter] - lost)
        wait_until(lambda: take("refused")[1] == "ok", "calls are decided from leases again")
    assert sidecar.stop() == 0
    for meter in METERS:
        stored = totals(redis_server, meter)
        assert (stored.used, stored.held) == (counted[meter] - lost, 0)
        assert sum(stored.hours.values()) == counted[meter]


def keys(client, kind, meter):
    """The tenant's keys of a kind and a meter."""
    return list(client.scan_iter(match=f"*:{kind}:{meter}:*:{TENANT}"))
