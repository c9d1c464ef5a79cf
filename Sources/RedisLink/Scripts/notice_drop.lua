-- Gives up a notice, and says so in the audit stream: once, whoever gives it up.
--
-- KEYS: 1 the notices, 2 the audit stream.
-- ARGV: 1 the notice's id, 2 how long an audit entry is kept, in ms, 3 tenant, 4 who gives it up, 5 why, 6 what it said
--       (JSON), 7 the daemon.
-- Returns 1, or 0 when it is gone already.
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
local time = redis.call('TIME')
local oldest = string.format('%.0f', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]))
redis.call('XADD', KEYS[2], 'MINID', '~', oldest, '*', 'tenant', ARGV[3], 'action', 'notice.dropped', 'actor', ARGV[4],
    'reason', ARGV[5], 'before', '', 'after', ARGV[6], 'from', ARGV[7])
return 1
