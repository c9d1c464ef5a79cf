-- Says that a flusher is alive, and states who is. Whoever falls silent leaves when its time has run out.
--
-- KEYS: 1 the flushers, each scored by until when it counts as alive (microseconds).
-- ARGV: 1 the caller's name, 2 for how long from now, in ms; 0: it leaves.
-- Returns the names of those that are alive.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if ARGV[2] == '0' then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
end
local latest = string.format('%.0f', now + ARGV[2] * 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
-- None lies further ahead but after a step back of the clock.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. latest, '+inf')) do
    redis.call('ZADD', KEYS[1], latest, name)
end
redis.call('ZADD', KEYS[1], latest, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, -1)
