-- Ends a send that got an answer: a yes records the total as acknowledged, a no only lifts the mark.
--
-- After an answer that leaves open whether Stripe recorded anything (its 5xx), the mark stays and runs out at once: the
-- hour is still owed, whatever the totals say, and may be sent again without waiting for a request that is over.
-- KEYS: 1 totals of the UTC day, 2 owed hours, 3 life of the partition.
-- ARGV: 1 hour of the day (two digits), 2 member of the owed set, 3 name of the attempt, 4 total sent, 5 1 for a yes,
--       0 for a no, 2 for an answer that says neither.
-- Returns 1, or 0 when the mark is no longer this attempt's: a late answer changes nothing.
local mark = ARGV[1] .. '=send'
local pending = redis.call('HGET', KEYS[1], mark)
if not pending or string.match(pending, '^%S+') ~= ARGV[3] then return 0 end
if ARGV[5] == '2' then
    redis.call('HSET', KEYS[1], mark, ARGV[3] .. ' 0')
    return 1
end
redis.call('HDEL', KEYS[1], mark)
if ARGV[5] ~= '1' then return 1 end
-- It counts in this life only.
local born = redis.call('HGET', KEYS[3], 'born')
redis.call('HSET', KEYS[1], ARGV[1] .. '=acked', born and ARGV[4] .. ' ' .. born or ARGV[4])
local total = 0
local row = ARGV[1] .. ':'
local totals = redis.call('HGETALL', KEYS[1])
for i = 1, #totals, 2 do
    if string.sub(totals[i], 1, 3) == row then total = total + tonumber(totals[i + 1]) end
end
if math.max(0, total) == tonumber(ARGV[4]) then redis.call('ZREM', KEYS[2], ARGV[2]) end
return 1
