-- Moves what a period's late hours lack at Stripe, once its books have closed, to the first hour of the next period,
-- and settles those hours by it.
--
-- The row's place and amount follow from the totals and from what Stripe recorded, so a Redis that forgot it makes the
-- same row again. What is used in the settled hours later is owed again, and the row is made anew with it. Where an
-- earlier life may have made another row, the first hour is sent again whatever the amount is, also nothing.
-- KEYS: 1 owed hours, 2 life of the partition, 3 claim of the partition, 4 dead letters, 5 totals of the UTC day of the
--       next period's first hour, then of each hour the totals of its day. Up to some dozens of hours: the row is set
--       at each call.
-- ARGV: 1 token of the claim, 2 hours since 1970 of the next period's first hour, 3 its member of the owed set, 4 the
--       period's start (Unix seconds), 5 the amount, then of each hour: 1 hours since 1970, 2 its member, 3 the total
--       it had when the amount was made, or nothing for one that was dead: it is owed no more if it still is.
-- Returns how many hours were settled; -1 when the claim is lost or the partition learns.
if not may_settle(KEYS[3], KEYS[2], ARGV[1]) then return -1 end

local call, format = redis.call, string.format
local function is_dead(member) return call('HEXISTS', KEYS[4], member) == 1 end

local first = format('%02.0f^%s', ARGV[2] % 24, ARGV[4])
local before = call('HGET', KEYS[5], first)
local life = call('HMGET', KEYS[2], 'born', 'heir')
local acked_in = string.match(call('HGET', KEYS[5], string.sub(first, 1, 2) .. '=acked') or '', '^%S+ (%d+)$')
-- What is older than Stripe takes cannot be sent again (docs.stripe.com/api/billing/meter-event/create).
local is_in_doubt = life[2] and acked_in ~= life[1] and ARGV[2] * 3600 > call('TIME')[1] - 35 * 86400
if is_in_doubt or tonumber(before or 0) ~= tonumber(ARGV[5]) then
    call('HSET', KEYS[5], first, ARGV[5])
    if not is_dead(ARGV[3]) then call('ZADD', KEYS[1], 0, ARGV[3]) end
end
local settled = 0
for i = 6, #KEYS do
    local at = 6 + (i - 6) * 3
    local hour, member, total = format('%02.0f', ARGV[at] % 24), ARGV[at + 1], ARGV[at + 2]
    if total == '' then
        if is_dead(member) then call('ZREM', KEYS[1], member) end
    elseif hour_total(fields_of(KEYS[i]), hour) == tonumber(total) then
        call('HSET', KEYS[i], hour .. '=late', total .. ' ' .. ARGV[4])
        -- Its mark stays: a send without an answer leaves it in doubt what Stripe has, also when the row is made anew.
        call('HDEL', KEYS[i], hour .. '=range')
        call('ZREM', KEYS[1], member)
        settled = settled + 1
    end
end
return settled
