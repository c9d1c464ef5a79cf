-- Gives usage back: REFUND. All meters of a call in one run; what of a meter cannot be given back is left out.
--
-- It takes from the newest hours that still have usage, so no hour and no period goes below zero, and it is its own
-- growing total of the holder, the field `HH:HOLDER~`. Holders may have used more than they have told yet. So a call
-- that would be clipped first asks them to tell, and changes nothing as long as the caller can still wait for that.
--
-- KEYS: 1 the life of the partition, 2 the tenant record, 3 the owed hours, 4 the audit stream; then the answer kept
--       for an idempotency key, if there is one; then of each meter the level, or the usage of the period and the
--       totals of its UTC days, the newest first.
-- ARGV: 1 packed, all numbers little-endian; "text" is a length byte and so many bytes: not_after (microseconds of this
--       Redis's clock), born (the life that the caller knows), lifetime of the kept answer, how long the audit stream
--       goes back (ms) (doubles), flags (byte: 1 what is clipped is final, 2 nobody knows the tenant, 4 a counter is
--       among the meters, 8 there is a key), number of meters (unsigned short), run id of this Redis, version of the
--       tenant record (empty for none), tenant, holder, actor, channel of the recalls (texts), what the key stands
--       for (32 bits of length and text);
--       then of each meter: kind (byte: 1 counter, 3 level), whether it is billed, number of day keys (bytes), n,
--       limit, newest hour, oldest hour (since 1970; doubles), its name (text).
-- Returns packed: now (double), a status byte and what belongs to it:
--   0 done, 8 the answer kept for the key: of each meter what was given back, used after that, its limit (doubles);
--     then of each meter how many hours were lowered (unsigned short), and of each of those the hour and the holder's
--     totals consumed and refunded (doubles). Another holder than the one that kept the answer is told no hours.
--   1 too late · 2 another record version · 3 key used for other arguments · 7 the answer kept for the key is of
--   another release · 10 it would be clipped: others have been asked to tell · 11 the partition is learning, or in
--   another life · 12 nobody knows the tenant
-- Published: `t` and the usage key when its holders are to tell what they have spent.
-- Totals are formatted with %.0f and never concatenated: Lua prints 16 digits as 1.2345678901235e+15.
local LARGEST = 999999999999999
local COUNTER, LEVEL = 1, 3
-- Begins every kept answer, those of spend.lua too, which are told apart by what their key stands for.
local ANSWER_FORMAT = 'q'
local call, format, sub, byte, rep = redis.call, string.format, string.sub, string.byte, string.rep
local pack, unpack, max, min, floor = struct.pack, struct.unpack, math.max, math.min, math.floor
local KEYS = KEYS
local function clock()
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

local now = clock()
local not_after, born, lifetime, audited, flags, meters, run, version, tenant, holder, actor, channel, meaning,
    position = unpack('<ddddBHBc0Bc0Bc0Bc0Bc0Bc0I4c0', ARGV[1])
local is_final, is_unknown = flags % 2 >= 1, flags % 4 >= 2
local has_counter, is_keyed = flags % 8 >= 4, flags % 16 >= 8

local function answer(status, body) return pack('<dB', now, status) .. (body or '') end

-- The answer kept for a key: its format, a fingerprint of the call, the holder behind a length byte, what was answered.
local function give_again(kept, fingerprint)
    if sub(kept, 1, 1) ~= ANSWER_FORMAT then return answer(7) end
    if sub(kept, 2, 41) ~= fingerprint then return answer(3) end
    local start = 43 + byte(kept, 42)
    if sub(kept, 43, start - 1) == holder then return answer(8, sub(kept, start)) end
    return answer(8, sub(kept, start, start + 24 * meters - 1) .. rep(pack('<H', 0), meters))
end

local function has_learned()
    local life = call('HMGET', KEYS[1], 'run', 'born', 'until')
    return life[1] == run and tonumber(life[2] or -1) == born and life[3] == '0'
end

-- Finds what can be taken from the hours of one day, the newest first. Returns what is left to take.
local function look_at_day(item, key, day, left)
    local nets, consumed, refunded = {}, {}, {}
    local flat = call('HGETALL', key)
    for i = 1, #flat, 2 do
        local field = flat[i]
        if byte(field, 3) == 58 then
            local hour, total, who = tonumber(sub(field, 1, 2)), tonumber(flat[i + 1]), sub(field, 4)
            nets[hour] = (nets[hour] or 0) + total
            if who == holder then consumed[hour] = total end
            if who == holder .. '~' then refunded[hour] = -total end
        end
    end
    for of_day = 23, 0, -1 do
        local hour, before = day * 24 + of_day, refunded[of_day] or 0
        local taken = min(left, max(0, nets[of_day] or 0), LARGEST - before)
        if taken > 0 and hour >= item.oldest and hour <= item.newest then
            left = left - taken
            item.steps[#item.steps + 1] =
                {key = key, hour = hour, consumed = consumed[of_day] or 0, refunded = before + taken}
        end
        if left == 0 then break end
    end
    return left
end

-- Reads what is asked of each meter, and finds what can be given back.
local function look(key)
    local items, is_clipped = {}, false
    for i = 1, meters do
        local item = {key = KEYS[key], steps = {}}
        local days
        item.kind, item.is_billed, days, item.n, item.limit, item.newest, item.oldest, item.meter, position =
            unpack('<BBBddddBc0', ARGV[1], position)
        item.before = tonumber(call('HGET', item.key, 'used') or 0)
        local most = min(item.n, max(0, item.before))
        local left = item.kind == LEVEL and 0 or most
        for d = 1, days do
            if left == 0 then break end
            left = look_at_day(item, KEYS[key + d], floor(item.newest / 24) + 1 - d, left)
        end
        item.counted = most - left
        item.is_clipped = item.kind == COUNTER and item.counted < item.n
        is_clipped = is_clipped or item.is_clipped
        items[i], key = item, key + 1 + days
    end
    return items, is_clipped
end

-- Has the other holders tell what they used. Returns whether there may be any.
local function ask_others(items)
    local are_others = false
    for _, item in ipairs(items) do
        if item.is_clipped then
            -- The caller hears it too. Without the right to publish, rows tell who is there.
            local heard = redis.pcall('PUBLISH', channel, 't' .. item.key)
            if type(heard) == 'number' and heard > 1 then are_others = true end
            local flat = call('HGETALL', item.key)
            for i = 1, #flat, 2 do
                local is_row = byte(flat[i]) == 58 and flat[i] ~= ':' .. holder
                if is_row and unpack('<d', flat[i + 1], 41) > now then are_others = true end
            end
        end
    end
    return are_others
end

-- Says in the audit stream what is about to change.
local function audit(items)
    local before, after = {}, {}
    for _, item in ipairs(items) do
        if item.counted > 0 then
            local name = '"' .. item.meter .. '":'
            before[#before + 1] = name .. format('%.0f', item.before)
            after[#after + 1] = name .. format('%.0f', item.before - item.counted)
        end
    end
    if #before == 0 then return end
    call('XADD', KEYS[4], 'MINID', '~', format('%.0f', max(0, floor(now / 1000) - audited)), '*',
        'tenant', tenant, 'action', 'usage.refund', 'actor', actor, 'reason', '',
        'before', '{' .. table.concat(before, ',') .. '}', 'after', '{' .. table.concat(after, ',') .. '}',
        'from', holder)
end

local function give_back(item)
    if item.counted == 0 then return end
    if item.kind == LEVEL then
        local rest = format('%.0f', item.before - item.counted)
        call('HSET', item.key, 'used', rest, 'at', format('%.0f', now), 'by', holder)
        return
    end
    call('HINCRBY', item.key, 'used', format('%.0f', -item.counted))
    for _, step in ipairs(item.steps) do
        -- Negative, so that an hour is the sum of its fields.
        call('HSET', step.key, format('%02.0f:', step.hour % 24) .. holder .. '~', format('%.0f', -step.refunded))
        if item.is_billed == 1 then
            call('ZADD', KEYS[3], 0, format('%07.0f ', step.hour) .. item.meter .. ' ' .. tenant)
        end
    end
end

local function decide()
    if now > not_after then return answer(1) end
    local fingerprint
    if is_keyed then
        fingerprint = redis.sha1hex(meaning)
        local kept = call('GET', KEYS[5])
        if kept then return give_again(kept, fingerprint) end
    end
    if has_counter and not has_learned() then return answer(11) end
    if (call('HGET', KEYS[2], 'v') or '') ~= version then return answer(2) end
    if is_unknown then return answer(12) end
    local items, is_clipped = look(is_keyed and 6 or 5)
    if is_clipped and not is_final and ask_others(items) then return answer(10) end
    audit(items)
    local counts, rows = {}, {}
    for i, item in ipairs(items) do
        give_back(item)
        counts[i] = pack('<ddd', item.counted, item.before - item.counted, item.limit)
        local hours = {pack('<H', #item.steps)}
        for _, step in ipairs(item.steps) do
            hours[#hours + 1] = pack('<ddd', step.hour, step.consumed, step.refunded)
        end
        rows[i] = table.concat(hours)
    end
    local body = table.concat(counts) .. table.concat(rows)
    if is_keyed then
        local kept = ANSWER_FORMAT .. fingerprint .. pack('<Bc0', #holder, holder) .. body
        call('SET', KEYS[5], kept, 'PX', format('%.0f', lifetime))
    end
    return answer(0, body)
end

return decide()
