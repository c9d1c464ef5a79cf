-- Ends comparisons of hours with Stripe, and forgets the identifiers of their events: nothing asks for them any more.
--
-- An hour that was acknowledged again meanwhile has a later comparison to come, and is left alone.
-- KEYS: 1 hours to compare with Stripe, then of each hour the totals of its UTC day.
-- ARGV: of each hour: 1 hours since 1970, 2 its member, 3 when it was due (Unix seconds).
-- Returns how many were ended.
local ended = 0
for i = 2, #KEYS do
    local first = (i - 2) * 3 + 1
    local due = redis.call('ZSCORE', KEYS[1], ARGV[first + 1])
    if due and tonumber(due) == tonumber(ARGV[first + 2]) then
        redis.call('ZREM', KEYS[1], ARGV[first + 1])
        redis.call('HDEL', KEYS[i], string.format('%02.0f=id', ARGV[first] % 24))
        ended = ended + 1
    end
end
return ended
