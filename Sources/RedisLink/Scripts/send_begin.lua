-- Marks an owed hour as being sent, so that nobody else sends it at the same time, and states the total to send.
--
-- A send that ended without an answer stays marked: after its deadline the hour is sent once more, whatever the totals
-- say, because Stripe may have recorded a total that was acknowledged to nobody.
-- KEYS: 1 totals of the UTC day, 2 owed hours.
-- ARGV: 1 hour of the day (two digits), 2 member of the owed set, 3 name of this attempt, 4 its time in ms.
-- Returns {0, total}: send it. {1, deadline}: somebody is sending until then (microseconds). {2}: nothing is owed.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local mark = ARGV[1] .. '=send'
local pending = redis.call('HGET', KEYS[1], mark)
if pending then
    local deadline = tonumber(string.match(pending, '^%S+ (%d+)'))
    if deadline > now then return {1, deadline} end
end
local total = 0
local row = ARGV[1] .. ':'
local totals = redis.call('HGETALL', KEYS[1])
for i = 1, #totals, 2 do
    if string.sub(totals[i], 1, 3) == row then total = total + tonumber(totals[i + 1]) end
end
if not pending and total == tonumber(redis.call('HGET', KEYS[1], ARGV[1] .. '=acked') or 0) then
    redis.call('ZREM', KEYS[2], ARGV[2])
    return {2, 0}
end
redis.call('HSET', KEYS[1], mark, string.format('%s %.0f', ARGV[3], now + tonumber(ARGV[4]) * 1000))
return {0, total}
