-- Says who applies events: one daemon at a time, for as long as it keeps saying so.
--
-- KEYS: 1 who applies them.
-- ARGV: 1 the caller's token, which nobody else ever had, 2 the daemon, 3 for how long from now, in ms; 0 lets go.
-- Returns 1 when the caller does, 0 when another does or it let go.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local held = redis.call('HMGET', KEYS[1], 'token', 'until')
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > now then return 0 end
if ARGV[3] == '0' then
    if held[1] == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 0
end
local till = string.format('%.0f', now + tonumber(ARGV[3]) * 1000)
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'by', ARGV[2], 'until', till)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
