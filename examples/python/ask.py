import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# No resending: redis-py repeats a command up to ten times when its connection drops, and each one would count.
once = Retry(NoBackoff(), 0)
gate = redis.Redis(unix_socket_path="var/gate.sock", protocol=2, decode_responses=True, retry=once)
allowed, reason, meter, used, limit, retry_after_ms, _ = gate.execute_command("TAKE", "acme", "messages", 1)
print("allowed:" if allowed else f"refused ({reason}):", meter, used, "of", limit)
