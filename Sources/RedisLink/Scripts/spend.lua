-- Every decision of the gate that Redis makes: CHECK, TAKE, RECORD, LEVEL, and the reads of USAGE and FEATURE.
--
-- It runs whole or not at all, so several meters are taken together or none is. It changes nothing when it runs after
-- `not_after` (the caller has answered by then) or for another version of the tenant record than the caller decided by.
-- Numbers that only change by the hour come packed, since each argument costs Redis about as much as a lookup.
--
-- KEYS: the tenant record; then of each meter what is spent from (usage of the period, arrival time of the rate, or
--       level) and, of a counter, the totals of the UTC day; then, as far as they are needed, in this order: the owed
--       hours (some meter is billed), the strangers (the tenant has no record), the answer kept for an idempotency key.
-- ARGV: 1 packed: not_after (double, microseconds of this Redis's clock), lifetime of the answer in ms (double, 0: no
--       key), how many strangers the partition may hold (double, -1: the tenant is none), number of meters (double),
--       command (byte: C check, T take, R record, L level), refusal of the whole call (byte, 0 none, handed back as it
--       is), version of the tenant record (the rest; empty for none);
--       then two a meter: n, and packed: limit (double, -1 unlimited), bound (double: the largest total ever allowed,
--       which is the limit or the cap of an overage, -1 none; a rate's burst), edge (double: the period's end in
--       microseconds; a rate's interval of one cell), lifetime of the usage and of the day's totals (doubles, unix
--       seconds), kind (byte: 1 counter, 2 rate, 3 level), mode (byte: 0 hard, 1 overage, 2 shadow, 3 not in the plan),
--       field (length byte and text: hour and holder; a level: the holder), member of the owed set (the rest; empty
--       when not billed);
--       last, with strangers or a key: the tenant, and what the key stands for (command and arguments).
-- Returns {status, now}; status 0 is followed by allowed (1, 0, or minus the refusal) and, unless the whole call is
-- refused, by {used, verdict, retry_after_ms} of each meter; with a key also by the limit of each meter, which may be
-- another by the time the answer is given again.
--   status: 0 decided, 1 too late, 2 another record version, 3 key used for other arguments, 4 a total would pass
--   15 digits (followed by the meter's number), 5 too many strangers.
--   verdict: 0 ok, 1 overage, 2 shadow, 3 too_large, 4 limit_exceeded, 5 rate_limited, 6 not_in_plan.
-- Totals are formatted with %.0f and never concatenated: Lua prints 16 digits as 1.2345678901235e+15.
local LARGEST = 999999999999999
local COUNTER, RATE, LEVEL = 1, 2, 3
local SHADOW, NOT_IN_PLAN = 2, 3
local call, unpack, ceil, min, max = redis.call, struct.unpack, math.ceil, math.min, math.max

local not_after, lifetime, strangers, meters, command, refusal, position = unpack('<ddddBB', ARGV[1])
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
if now > not_after then return {1, now} end

local keyed = lifetime > 0
local fingerprint
if keyed then
    fingerprint = redis.sha1hex(ARGV[#ARGV])
    local stored = call('GET', KEYS[#KEYS])
    if stored then
        local answer = cmsgpack.unpack(stored)
        if answer[1] ~= fingerprint then return {3, now} end
        answer[1] = 0
        answer[2] = now
        return answer
    end
end

if (call('HGET', KEYS[1], 'v') or '') ~= string.sub(ARGV[1], position) then return {2, now} end

local is_level_set = command == 76
local always = command == 82 or is_level_set
local reply = {0, now, 1}
local refused = false
if refusal ~= 0 then
    reply[3] = -refusal
    refused = true
    meters = 0
end

-- What is counted, for each meter: key, total, n, kind, edge, lifetimes, field, member.
local plan = {}
local key = 1
for i = 1, meters do
    key = key + 1
    local text = ARGV[2 * i]
    local n = tonumber(text)
    local limit, bound, edge, usage_until, day_until, kind, mode, field, rest = unpack('<dddddBBBc0', ARGV[2 * i + 1])
    local used, total, verdict, retry = 0, 0, 0, 0
    if kind == RATE then
        if limit > 0 then
            local window = bound * edge
            local arrival = tonumber(call('GET', KEYS[key]) or 0)
            -- A step of the clock must not lock a tenant out for longer than an empty bucket takes to fill.
            arrival = min(max(arrival, now), now + window)
            used = ceil((arrival - now) / edge)
            total = arrival + n * edge
            if n > bound then
                verdict, retry = 3, -1
            elseif total - now > window then
                verdict, retry = 5, ceil((total - window - now) / 1000)
            end
        elseif limit == 0 and n > 0 then
            verdict, retry = 3, -1
        end
    else
        used = tonumber(call('HGET', KEYS[key], 'used') or 0)
        total = is_level_set and n or used + n
        if bound >= 0 and total > bound then
            if kind == LEVEL and (n <= bound or is_level_set) then
                -- Nobody can know when a level goes down.
                verdict, retry = 4, -1
            elseif n > bound then
                verdict, retry = 3, -1
            else
                verdict, retry = 4, max(1, ceil((edge - now) / 1000))
            end
        elseif limit >= 0 and total > limit then
            verdict = 1
        end
    end
    if mode == NOT_IN_PLAN then verdict, retry = 6, -1 end
    if verdict >= 3 then
        if mode == SHADOW then
            verdict, retry = 2, 0
        else
            refused = true
        end
    end
    plan[i] = {key, total, text, kind, limit, bound, edge, usage_until, day_until, field, rest}
    reply[3 * i + 1], reply[3 * i + 2], reply[3 * i + 3] = used, verdict, retry
    if kind == COUNTER then key = key + 1 end
end
if refused and refusal == 0 then reply[3] = 0 end

local counted = refusal == 0 and (always or (command == 84 and not refused))
if counted or not refused then
    for i = 1, meters do
        local meter = plan[i]
        local kind, limit, edge = meter[4], meter[5], meter[7]
        if kind ~= RATE then
            if meter[2] > LARGEST then return {4, now, i} end
            reply[3 * i + 1] = meter[2]
        elseif limit > 0 then
            meter[2] = min(meter[2], now + meter[6] * edge)
            reply[3 * i + 1] = ceil((meter[2] - now) / edge)
        end
    end
end

if counted then
    -- The owed hours stand behind the meters' keys when there are any; the strangers behind those.
    local owed = key + 1
    if strangers >= 0 then
        local known = KEYS[keyed and #KEYS - 1 or #KEYS]
        local tenant = ARGV[2 * meters + 2]
        local seconds = tonumber(time[1])
        local seen = tonumber(call('ZSCORE', known, tenant) or 0)
        if seconds - seen > 86400 then
            if seen == 0 and call('ZCARD', known) >= strangers then
                -- A stranger not seen for 40 days has no usage left that counts against a limit.
                call('ZREMRANGEBYSCORE', known, '-inf', seconds - 40 * 86400)
                if call('ZCARD', known) >= strangers then return {5, now} end
            end
            call('ZADD', known, seconds, tenant)
            call('EXPIRE', known, 400 * 86400)
        end
    end
    for i = 1, meters do
        local meter = plan[i]
        local from, total, text, kind = KEYS[meter[1]], meter[2], meter[3], meter[4]
        if kind == RATE then
            if meter[5] > 0 then
                call('SET', from, string.format('%.0f', total), 'PX', max(1, ceil((total - now) / 1000)))
            end
        elseif kind == LEVEL then
            local at = string.format('%.0f', now)
            call('HSET', from, 'used', string.format('%.0f', total), 'at', at, 'by', meter[10])
        elseif text ~= '0' then
            local n = tonumber(text)
            local is_first = call('HINCRBY', from, 'used', text) == n
            local day = KEYS[meter[1] + 1]
            -- Also at each hour's first count, as the period may have been made longer since.
            if call('HINCRBY', day, meter[10], text) == n then
                call('EXPIREAT', day, meter[9])
                is_first = true
            end
            if is_first then call('EXPIREAT', from, meter[8]) end
            local member = string.sub(ARGV[2 * i + 1], meter[11])
            if member ~= '' then call('ZADD', KEYS[owed], 0, member) end
        end
    end
end

if keyed then
    for i = 1, meters do reply[3 + 3 * meters + i] = plan[i][5] end
end
-- A refusal of a stranger leaves nothing behind, not even its answer: names cost nothing to invent.
if keyed and (counted or strangers < 0) then
    reply[1] = fingerprint
    call('SET', KEYS[#KEYS], cmsgpack.pack(reply), 'PX', lifetime)
    reply[1] = 0
end
return reply
