-- Says who delivers notices: one daemon at a time, for as long as it keeps saying so.
--
-- KEYS: 1 who delivers.
-- ARGV: 1 the caller's token, which nobody else has, 2 for how long from now, in ms; 0 lets go.
-- Returns 1 when the caller delivers, 0 when another does or it let go.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
    redis.call('DEL', KEYS[1])
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
