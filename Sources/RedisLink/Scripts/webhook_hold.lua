-- Says who applies events: one daemon at a time, for as long as it keeps saying so. A hold that runs further ahead than
-- any can was said before the clock stepped back, and is cut.
--
-- KEYS: 1 who applies them.
-- ARGV: 1 the caller's token, which nobody else ever had, 2 the daemon, 3 for how long from now, in ms; 0 lets go.
-- Returns 1 when the caller does, 0 when another does or it let go.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local held = redis.call('HMGET', KEYS[1], 'token', 'until')
local latest = now + ARGV[3] * 1000
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > now then
    if ARGV[3] ~= '0' and tonumber(held[2]) > latest then
        redis.call('HSET', KEYS[1], 'until', string.format('%.0f', latest))
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
    end
    return 0
end
if ARGV[3] == '0' then
    if held[1] == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'by', ARGV[2], 'until', string.format('%.0f', latest))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
