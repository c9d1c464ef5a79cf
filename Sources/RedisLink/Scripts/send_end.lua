-- Ends sends of one partition that got an answer: a yes records what was sent as acknowledged, a no only lifts the
-- mark.
--
-- After an answer that leaves open whether Stripe recorded anything (its 5xx), the mark stays and runs out at once: the
-- hour is still owed, whatever the totals say, and may be sent again without waiting for a request that is over.
-- An hour that was compared with Stripe's summaries is cut and acknowledged up to what they hold.
-- KEYS: 1 owed hours, 2 life of the partition, 3 hours to compare with Stripe, then of each hour the totals of its day.
-- ARGV: 1 when the life began in which they were begun, then of each hour: 1 hours since 1970, 2 its member of the
--       owed set, 3 name of the attempt, 4 what came of it (`yes`, `no`, `open`, `compared`), 5 the total that Stripe
--       has now if it is `yes` or `compared`, 6 identifier of the event or nothing, 7 when to compare the hour with
--       Stripe (Unix seconds; 0 for never), 8 `window` or `sum`, 9 where it went at Stripe.
-- Returns of each hour 1, or 0 when the mark is no longer this attempt's: a late answer changes nothing. In a life that
-- is not the one in which the send was begun any answer leaves the hour open: it does not tell what was sent after it.
local call, format = redis.call, string.format
local born = call('HGET', KEYS[2], 'born') or ''

local function finish(day, number, member, attempt, outcome, sent, id, due, mode, destination)
    local hour = format('%02.0f', number % 24)
    local mark = hour .. '=send'
    local pending = call('HGET', day, mark)
    if not pending or string.match(pending, '^%S+') ~= attempt then return 0 end
    if outcome == 'open' or born ~= ARGV[1] then
        local time = call('TIME')
        call('HSET', day, mark, format('%s %.0f', attempt, time[1] * 1000000 + time[2]))
        return outcome == 'open' and 1 or 0
    end
    call('HDEL', day, mark)
    if outcome == 'no' then return 1 end
    -- It counts in this life only.
    call('HSET', day, hour .. '=acked', born ~= '' and sent .. ' ' .. born or sent, hour .. '=to', destination)
    if mode == 'sum' then
        call('HSET', day, hour .. '=cut', sent .. ' ' .. (born ~= '' and born or '0'))
        call('HDEL', day, hour .. '=range')
    end
    if outcome == 'yes' then
        if id ~= '' then call('HSET', day, hour .. '=id', id) end
        if due ~= '0' then call('ZADD', KEYS[3], due, member) end
    end
    if hour_total(fields_of(day), hour) == tonumber(sent) then call('ZREM', KEYS[1], member) end
    return 1
end

local answers = {}
for i = 4, #KEYS do
    local first = 2 + (i - 4) * 9
    answers[i - 3] = finish(KEYS[i], tonumber(ARGV[first]), unpack(ARGV, first + 1, first + 8))
end
return answers
