-- Changes where one hour stands with Stripe other than by sending it: `reopen` takes its acknowledgement back, so that
-- it is owed again; `bury` does that and makes it a dead letter; `expire` makes it one and keeps what was acknowledged;
-- `revive` makes a dead one owed, and `drop` writes off what of it Stripe does not have.
--
-- With an identifier, only if that event is the one acknowledged last: a newer one answers for itself. While another
-- attempt is under way nothing is buried, only reopened, and that attempt's end counts for nothing. Of a meter that
-- adds, what is cut is compared with Stripe's summaries first, once they have had the time to follow.
-- KEYS: 1 totals of the hour's UTC day, 2 owed hours, 3 dead letters, 4 audit stream, 5 life of the partition.
-- ARGV: 1 hours since 1970, 2 member of the owed set, 3 what to do, 4 identifier of the event or nothing, 5 name of the
--       attempt that failed or nothing, 6 the dead letter (JSON); of `drop` what Stripe has of the hour and the total
--       that the operator saw, 7 `window` or `sum`, 8 how long Stripe's summaries follow behind in ms, 9 tenant, 10 how
--       long audit entries are kept in ms or nothing for none, then the entry: action, actor, reason, before, after,
--       from.
-- Returns 1, or 0 when the hour is not as the caller thinks: then nothing was changed.
local call, format = redis.call, string.format
local hour = format('%02.0f', ARGV[1] % 24)
local day, member, action, id, attempt, adds = KEYS[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[7] == 'sum'
local mark = hour .. '=send'
if id ~= '' and call('HGET', day, hour .. '=id') ~= id then return 0 end
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local name, deadline = string.match(call('HGET', day, mark) or '', '^(%S+) (%d+)')
deadline = tonumber(deadline or 0)
if attempt ~= '' and name ~= attempt then return 0 end
if (action == 'revive' or action == 'drop') and call('HEXISTS', KEYS[3], member) == 0 then return 0 end
if ARGV[10] ~= '' then
    -- First: where it cannot be told who did it, nothing is done.
    local oldest = format('%.0f', math.max(0, time[1] * 1000 - ARGV[10]))
    call('XADD', KEYS[4], 'MINID', '~', oldest, '*', 'tenant', ARGV[9], 'action', ARGV[11], 'actor', ARGV[12],
        'reason', ARGV[13], 'before', ARGV[14], 'after', ARGV[15], 'from', ARGV[16])
end

-- What was sent counts no more. What was acknowledged before an attempt that failed is at Stripe nonetheless, and
-- stands as of no life: it settles nothing.
local function forget()
    local acked = attempt ~= '' and string.match(call('HGET', day, hour .. '=acked') or '', '^%S+')
    if acked then
        call('HSET', day, hour .. '=acked', acked .. ' 0')
    else
        call('HDEL', day, hour .. '=acked')
    end
    call('HDEL', day, hour .. '=id')
    local is_under_way = attempt == '' and deadline > now
    if adds then
        local cut = string.match(call('HGET', day, hour .. '=cut') or '', '^%S+') or '0'
        call('HSET', day, hour .. '=cut', cut .. ' 0')
        call('HDEL', day, hour .. '=range')
        call('HSET', day, mark, format('- %.0f', (is_under_way and deadline or now) + ARGV[8] * 1000))
    elseif is_under_way then
        call('HSET', day, mark, format('- %.0f', deadline))
    elseif attempt ~= '' then
        call('HDEL', day, mark)
    end
    return is_under_way
end

if action == 'bury' or action == 'reopen' then
    local is_under_way = forget()
    if action == 'bury' and not is_under_way then
        call('HSET', KEYS[3], member, ARGV[6])
        call('ZREM', KEYS[2], member)
    else
        call('ZADD', KEYS[2], 0, member)
    end
elseif action == 'expire' then
    call('HSET', KEYS[3], member, ARGV[6])
    call('ZREM', KEYS[2], member)
else
    call('HDEL', KEYS[3], member)
    if action == 'drop' then
        local has, seen = string.match(ARGV[6], '^(%S+) (%S+)$')
        local fields = fields_of(day)
        local total, _, kept = hour_total(fields, hour)
        local dropped = total < 0 and math.min(0, math.max(total, tonumber(seen)) - has)
            or math.max(0, math.min(total, tonumber(seen)) - has)
        -- A credit is waived, and so much of it was not after all as is more than what was used.
        local of_usage = math.max(0, math.min(dropped, kept))
        local born = call('HGET', KEYS[5], 'born') or ''
        call('HSET', day, hour .. '=dropped', format('%.0f', (fields[hour .. '=dropped'] or 0) + of_usage),
            hour .. '=waived', format('%.0f', (fields[hour .. '=waived'] or 0) + of_usage - dropped),
            hour .. '=acked', born ~= '' and has .. ' ' .. born or has)
        if total - dropped ~= tonumber(has) or call('HEXISTS', day, hour .. '=late') == 1 then
            call('ZADD', KEYS[2], 0, member)
        end
    else
        call('ZADD', KEYS[2], 0, member)
    end
end
return 1
