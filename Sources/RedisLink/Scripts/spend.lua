-- Every decision of the gate that Redis makes: CHECK, TAKE, RECORD, LEVEL, and the reads of USAGE and FEATURE.
--
-- It runs whole or not at all, so several meters are taken together or none is. It changes nothing when it runs after
-- `not_after` (the caller has answered by then) or for another version of the tenant record than the caller decided by.
--
-- KEYS: 1 tenant record, 2 owed hours, 3 strangers, 4 answer of this idempotency key (the tenant record if there is no
--       key); then two a meter: what is spent from (usage of the period, arrival time of the rate, or level) and the
--       totals of the UTC day (the former again where nothing is totalled).
-- ARGV: 1 not_after (microseconds of this Redis's clock), 2 version of the tenant record ('' for none),
--       3 command: C check, T take, R record, L level; 4 idempotency lifetime in ms (0: no key),
--       5 what the key stands for (command and arguments), 6 tenant, 7 how many strangers the partition may hold
--       ('' when the tenant is none), 8 refusal of the whole call (0 none, else handed back as it is), then eleven a meter:
--       kind (c counter, r rate, l level, x not in the plan), n, limit (-1 unlimited), mode (h hard, o overage,
--       s shadow), bound (the largest total ever allowed: the limit, or the cap of an overage; -1 none; a rate's burst),
--       period end in microseconds (a rate: the interval of one cell), field of the hour and holder,
--       lifetime of the usage (unix seconds), lifetime of the day's totals (unix seconds),
--       member of the owed set ('' when not billed), holder.
-- Returns {status, now}; status 0 is followed by allowed (1, 0, or minus the refusal) and, unless the whole call is
-- refused, by {used, verdict, retry_after_ms} of each meter.
--   status: 0 decided, 1 too late, 2 another record version, 3 key used for other arguments, 4 a total would pass
--   15 digits (followed by the meter's number), 5 too many strangers.
--   verdict: 0 ok, 1 overage, 2 shadow, 3 too_large, 4 limit_exceeded, 5 rate_limited, 6 not_in_plan.
-- Totals are formatted with %.0f and never concatenated: Lua prints 16 digits as 1.2345678901235e+15.
local LARGEST = 999999999999999
local FIXED = 8
local PER_METER = 11

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if now > tonumber(ARGV[1]) then return {1, now} end

local keyed = ARGV[4] ~= '0'
local fingerprint
if keyed then
    fingerprint = redis.sha1hex(ARGV[5])
    local stored = redis.call('GET', KEYS[4])
    if stored then
        local answer = cmsgpack.unpack(stored)
        if answer[1] ~= fingerprint then return {3, now} end
        answer[1] = 0
        answer[2] = now
        return answer
    end
end

local version = redis.call('HGET', KEYS[1], 'v')
if (version or '') ~= ARGV[2] then return {2, now} end

local command = ARGV[3]
local always = command == 'R' or command == 'L'
local stranger = ARGV[7] ~= ''

local reply = {0, now, 1}
local refused = false
local totals = {}

local meters = (#ARGV - FIXED) / PER_METER
if ARGV[8] ~= '0' then
    reply[3] = -tonumber(ARGV[8])
    meters = 0
    refused = true
end
for i = 1, meters do
    local a = FIXED + (i - 1) * PER_METER
    local key = KEYS[3 + 2 * i]
    local kind, n, limit, bound = ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 5])
    local used, total, verdict, retry = 0, 0, 0, 0
    if kind == 'r' then
        local interval = tonumber(ARGV[a + 6])
        local window = bound * interval
        if limit > 0 then
            local arrival = tonumber(redis.call('GET', key) or 0)
            -- A step of the clock must not lock a tenant out for longer than an empty bucket takes to fill.
            arrival = math.min(math.max(arrival, now), now + window)
            used = math.ceil((arrival - now) / interval)
            total = arrival + n * interval
            if n > bound then
                verdict, retry = 3, -1
            elseif total - now > window then
                verdict, retry = 5, math.ceil((total - window - now) / 1000)
            end
        elseif limit == 0 and n > 0 then
            verdict, retry = 3, -1
        end
    else
        used = tonumber(redis.call('HGET', key, 'used') or 0)
        total = command == 'L' and n or used + n
        if kind == 'x' then
            verdict, retry = 6, -1
        elseif bound >= 0 and total > bound then
            if kind == 'l' and (n <= bound or command == 'L') then
                -- Nobody can know when a level goes down.
                verdict, retry = 4, -1
            elseif n > bound then
                verdict, retry = 3, -1
            else
                verdict, retry = 4, math.max(1, math.ceil((tonumber(ARGV[a + 6]) - now) / 1000))
            end
        elseif limit >= 0 and total > limit then
            verdict = 1
        end
    end
    if verdict >= 3 and verdict <= 5 and ARGV[a + 4] == 's' then verdict, retry = 2, 0 end
    if verdict >= 3 then refused = true end
    totals[i] = total
    reply[3 * i + 1], reply[3 * i + 2], reply[3 * i + 3] = used, verdict, retry
end

local counted = always or (command == 'T' and not refused)
if refused and reply[3] == 1 then reply[3] = 0 end

if counted or not refused then
    for i = 1, meters do
        local a = FIXED + (i - 1) * PER_METER
        local kind = ARGV[a + 1]
        if kind ~= 'r' then
            if totals[i] > LARGEST then return {4, now, i} end
            reply[3 * i + 1] = totals[i]
        elseif tonumber(ARGV[a + 3]) > 0 then
            local interval = tonumber(ARGV[a + 6])
            totals[i] = math.min(totals[i], now + tonumber(ARGV[a + 5]) * interval)
            reply[3 * i + 1] = math.ceil((totals[i] - now) / interval)
        end
    end
end

if counted then
    if stranger and not redis.call('ZSCORE', KEYS[3], ARGV[6]) then
        local seconds = tonumber(time[1])
        if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then
            -- A stranger not seen for 40 days has no usage left that counts against a limit.
            redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', seconds - 40 * 86400)
            if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then return {5, now} end
        end
        redis.call('ZADD', KEYS[3], seconds, ARGV[6])
        redis.call('EXPIRE', KEYS[3], 400 * 86400)
    end
    for i = 1, meters do
        local a = FIXED + (i - 1) * PER_METER
        local key, kind = KEYS[3 + 2 * i], ARGV[a + 1]
        if kind == 'r' then
            if tonumber(ARGV[a + 3]) > 0 then
                local left = math.max(1, math.ceil((totals[i] - now) / 1000))
                redis.call('SET', key, string.format('%.0f', totals[i]), 'PX', left)
            end
        elseif kind == 'l' then
            redis.call('HSET', key, 'used', string.format('%.0f', totals[i]), 'at', string.format('%.0f', now), 'by',
                ARGV[a + 11])
        elseif ARGV[a + 2] ~= '0' then
            if redis.call('HINCRBY', key, 'used', ARGV[a + 2]) == tonumber(ARGV[a + 2]) then
                redis.call('EXPIREAT', key, ARGV[a + 8])
            end
            local day = KEYS[4 + 2 * i]
            if redis.call('HINCRBY', day, ARGV[a + 7], ARGV[a + 2]) == tonumber(ARGV[a + 2]) then
                redis.call('EXPIREAT', day, ARGV[a + 9])
            end
            if ARGV[a + 10] ~= '' then redis.call('ZADD', KEYS[2], 0, ARGV[a + 10]) end
        end
    end
end

if keyed then
    reply[1] = fingerprint
    redis.call('SET', KEYS[4], cmsgpack.pack(reply), 'PX', ARGV[4])
    reply[1] = 0
end
return reply
