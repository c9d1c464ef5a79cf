-- Says what came of an attempt to apply an event, for whoever applies events now: one who was too slow changes nothing.
--
-- KEYS: 1 who applies them, 2 the events, 3 their attempts, 4 those that were given up.
-- ARGV: 1 the caller's token, 2 the event's place in the stream, 3 done, retry or dead, 4 why, 5 how many attempts
--       there were, 6 when it is tried again (Unix ms), 7 how many that were given up are kept.
-- Returns 1; 0 when the event is gone; -1 when the caller is not the one.
local time = redis.call('TIME')
local held = redis.call('HMGET', KEYS[1], 'token', 'until')
if held[1] ~= ARGV[1] or tonumber(held[2]) <= time[1] * 1000000 + time[2] then return -1 end
local entry = redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2])[1]
if not entry then return 0 end
if ARGV[3] == 'retry' then
    redis.call('HSET', KEYS[3], ARGV[2], ARGV[5] .. ' ' .. ARGV[6] .. ' ' .. ARGV[4])
    return 1
end
redis.call('XDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
if ARGV[3] == 'dead' then
    local fields = entry[2]
    for _, value in ipairs({'attempts', ARGV[5], 'why', ARGV[4], 'came', ARGV[2]}) do fields[#fields + 1] = value end
    redis.call('XADD', KEYS[4], 'MAXLEN', ARGV[7], '*', unpack(fields))
end
return 1
