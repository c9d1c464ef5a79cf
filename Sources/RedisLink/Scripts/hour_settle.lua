-- Changes where one hour stands with Stripe other than by sending it: `reopen` takes its acknowledgement back, so that
-- it is owed again; `bury` does that and makes it a dead letter, `revive` makes a dead one owed, and `drop` writes off
-- what of it Stripe does not have.
--
-- With an identifier, only if that event is the one acknowledged last: a newer one answers for itself. Of a meter that
-- adds, what is cut is compared with Stripe's summaries first, once they have had the time to follow.
-- KEYS: 1 totals of the hour's UTC day, 2 owed hours, 3 dead letters, 4 audit stream.
-- ARGV: 1 hours since 1970, 2 member of the owed set, 3 what to do, 4 identifier of the event or nothing, 5 name of the
--       attempt that failed or nothing, 6 the dead letter (JSON), 7 `window` or `sum`, 8 how long Stripe's summaries
--       follow behind in ms, 9 tenant, 10 how long audit entries are kept in ms or nothing for none, then the entry:
--       action, actor, reason, before, after, from.
-- Returns 1, or 0 when the hour is not as the caller thinks: then nothing was changed.
local call, format = redis.call, string.format
local hour = format('%02.0f', ARGV[1] % 24)
local member, action, id, attempt = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local mark = hour .. '=send'
if id ~= '' and call('HGET', KEYS[1], hour .. '=id') ~= id then return 0 end
local time = call('TIME')
if attempt ~= '' then
    local pending = call('HGET', KEYS[1], mark)
    if not pending or string.match(pending, '^%S+') ~= attempt then return 0 end
    call('HDEL', KEYS[1], mark)
end
if (action == 'revive' or action == 'drop') and call('HEXISTS', KEYS[3], member) == 0 then return 0 end
if ARGV[10] ~= '' then
    -- First: where it cannot be told who did it, nothing is done.
    local oldest = format('%.0f', math.max(0, time[1] * 1000 - ARGV[10]))
    call('XADD', KEYS[4], 'MINID', '~', oldest, '*', 'tenant', ARGV[9], 'action', ARGV[11], 'actor', ARGV[12],
        'reason', ARGV[13], 'before', ARGV[14], 'after', ARGV[15], 'from', ARGV[16])
end
if action == 'reopen' or (action == 'bury' and attempt == '') then
    call('HDEL', KEYS[1], hour .. '=acked', hour .. '=id')
    if ARGV[7] == 'sum' then
        local cut = string.match(call('HGET', KEYS[1], hour .. '=cut') or '', '^%S+') or '0'
        call('HSET', KEYS[1], hour .. '=cut', cut .. ' 0')
        call('HDEL', KEYS[1], hour .. '=range')
        call('HSET', KEYS[1], mark, format('- %.0f', time[1] * 1000000 + time[2] + ARGV[8] * 1000))
    end
end
if action == 'bury' then
    call('HSET', KEYS[3], member, ARGV[6])
    call('ZREM', KEYS[2], member)
    -- Stripe refused this range and has nothing of it: the next one has an identifier of its own.
    if attempt ~= '' and ARGV[7] == 'sum' then call('HDEL', KEYS[1], hour .. '=range') end
    return 1
end
call('HDEL', KEYS[3], member)
if action == 'drop' then
    local usage, late = 0, 0
    local totals = call('HGETALL', KEYS[1])
    for i = 1, #totals, 2 do
        local start = string.sub(totals[i], 1, 3)
        if start == hour .. ':' then usage = usage + tonumber(totals[i + 1]) end
        if start == hour .. '^' then late = late + tonumber(totals[i + 1]) end
    end
    local acked = string.match(call('HGET', KEYS[1], hour .. '=acked') or '', '^%S+') or 0
    call('HSET', KEYS[1], hour .. '=dropped', format('%.0f', math.max(0, usage) + late - acked))
    call('HDEL', KEYS[1], mark)
else
    call('ZADD', KEYS[2], 0, member)
end
return 1
