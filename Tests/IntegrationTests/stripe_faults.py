"""What Stripe does to a request, as the sandbox plays it."""

# Beyond the daemons' time limit, so that they have given the request up when it is carried out or answered.
TIMEOUT_MS = 300
LATE_MS = 2 * TIMEOUT_MS

# A request whose connection breaks is asked again by libcurl itself, under the same key: so such faults strike twice.
FAULTS = {
    "dropped": {"kind": "drop_answer_after_commit", "count": 2},
    "failed": {"kind": "error_500"},
    "failed_committed": {"kind": "error_500_after_commit"},
    "late": {"kind": "slow", "delay_ms": LATE_MS},
    "late_answer": {"kind": "slow_answer", "delay_ms": LATE_MS},
    "reset": {"kind": "reset", "count": 2},
    "limited": {"kind": "rate_limit"},
    "cut_short": {"kind": "partial_body"},
    "failed_saved": {"kind": "error_500_saved"},
    "locked": {"kind": "lock_timeout"},
    "in_conflict": {"kind": "conflict"},
    **{
        f"limited_{reason.replace('-', '_')}": {"kind": "rate_limit", "reason": reason}
        for reason in ("global-concurrency", "endpoint-rate", "endpoint-concurrency", "resource-specific")
    },
    # The last: hours go past a stream that takes nothing from the key.
    "unauthorized": {"kind": "unauthorized"},
}
