-- Marks an owed hour as being sent, so that nobody else sends it at the same time, and states the total to send.
--
-- A send that ended without an answer stays marked: after its deadline the hour is sent once more, whatever the totals
-- say, because Stripe may have recorded a total that was acknowledged to nobody. For the same reason an acknowledgement
-- counts only in the life of the partition in which it was made: a Redis that was rolled back has forgotten later ones.
-- While the partition learns, nothing is sent: holders may know of more.
-- KEYS: 1 totals of the UTC day, 2 owed hours, 3 life of the partition.
-- ARGV: 1 hour of the day (two digits), 2 member of the owed set, 3 name of this attempt, 4 its time in ms.
-- Returns {0, total}: send it. {1, deadline}: not before then (microseconds), since somebody is sending or the
-- partition learns. {2}: nothing is owed.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local life = redis.call('HMGET', KEYS[3], 'born', 'until')
if life[2] and life[2] ~= '0' then return {1, tonumber(life[2])} end
local mark = ARGV[1] .. '=send'
local pending = redis.call('HGET', KEYS[1], mark)
if pending then
    local deadline = tonumber(string.match(pending, '^%S+ (%d+)'))
    if deadline > now then return {1, deadline} end
end
local total, is_used = 0, false
local row = ARGV[1] .. ':'
local totals = redis.call('HGETALL', KEYS[1])
for i = 1, #totals, 2 do
    if string.sub(totals[i], 1, 3) == row then
        total, is_used = total + tonumber(totals[i + 1]), true
    end
end
-- Below zero only while it is forgotten what was given back: the ledger that knows is not back yet.
total = math.max(0, total)
local acked, acked_in = string.match(redis.call('HGET', KEYS[1], ARGV[1] .. '=acked') or '', '^(%d+) ?(%d*)$')
local is_acked = acked and tonumber(acked) == total and acked_in == (life[1] or '')
if not pending and (is_acked or not is_used) then
    redis.call('ZREM', KEYS[2], ARGV[2])
    return {2, 0}
end
redis.call('HSET', KEYS[1], mark, string.format('%s %.0f', ARGV[3], now + tonumber(ARGV[4]) * 1000))
return {0, total}
