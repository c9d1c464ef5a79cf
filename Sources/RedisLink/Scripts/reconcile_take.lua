-- Says who makes the comparison of a day: one daemon, for as long as it keeps saying so. Once the day has its report
-- nobody does.
--
-- KEYS: 1 the daily comparison.
-- ARGV: 1 the caller's token, which nobody else has, 2 the day (since 1970), 3 for how long from now, in seconds,
--       4 the report (JSON), which ends the day, or nothing.
-- Returns 1 when the caller makes it, 0 when another does or the day has its report.
local held = redis.call('HMGET', KEYS[1], 'day', 'by', 'until')
if tonumber(held[1] or -1) >= tonumber(ARGV[2]) then return 0 end
local now = tonumber(redis.call('TIME')[1])
if held[2] and held[2] ~= ARGV[1] and tonumber(held[3]) > now then return 0 end
if ARGV[4] ~= '' then
    redis.call('HSET', KEYS[1], 'day', ARGV[2], 'report', ARGV[4])
    redis.call('HDEL', KEYS[1], 'by', 'until')
else
    redis.call('HSET', KEYS[1], 'by', ARGV[1], 'until', string.format('%.0f', now + ARGV[3]))
end
return 1
