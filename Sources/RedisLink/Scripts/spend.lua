-- Every decision of the gate that Redis makes: CHECK, TAKE, RECORD, LEVEL, and the reads of USAGE and FEATURE.
--
-- It takes all the calls of a turn, one after the other. Each is decided whole or not at all, so several meters are
-- taken together or none is. A call changes nothing when it runs after its `not_after` (the caller has answered by
-- then) or for another version of the tenant record than it was prepared by, and the failure of one is not another's.
--
-- KEYS: 1 version of all records together; then of each call in turn: the life of the partition, if a counter is to be
--       counted; the tenant record; then of each meter what is spent from (usage of the period, arrival time of the
--       rate, or level) and, of a counter, the totals of the UTC day; then, as far as they are needed, in this order:
--       the owed hours (some meter is billed), the strangers (the tenant has no record), the answer kept for an
--       idempotency key.
-- ARGV: 1 the version of all records together that the caller knows; 2 the run id of this Redis; then one for each
--       call, packed, all numbers little-endian; "text" is a length byte and so many bytes. It begins with not_after
--       (double, microseconds of this Redis's clock), how many keys it has (16 bits), form (byte). Form 1 is most
--       calls: it counts one counter that is likely to have room, for a tenant with a record. It is the same call in
--       fewer steps, since what Lua does costs more than what Redis does: it adds, and takes back what did not fit.
--       Form 1: version of the tenant record (text; empty, and without the record's key, for a record that is known to
--       be current as long as the version of all together is), n in digits (text), n, bound (the largest total ever
--       allowed), hour since 1970 (doubles), field (text: hour of the day and holder), member of the owed set (text,
--       empty when not billed), edge (the period's end in microseconds), lifetime of the usage and of the day's totals
--       (unix seconds; doubles).
--       Form 0: command (byte: C check, T take, R record, L level, U usage: changes and refuses nothing, and all n are
--       0), refusal of the whole call (byte, 0 none, handed back as it is), number of meters (16 bits), with a key, of
--       a stranger, with a life (bytes, 0 or 1), version of the tenant record (text, empty for none);
--       with a key or of a stranger: lifetime of the answer in ms, how many strangers the partition may hold (doubles),
--       the tenant, the holder (texts), what the key stands for (32 bits of length and text);
--       then of each meter: n in digits (text), kind (byte: 1 counter, 2 rate, 3 level, 4 what is in flight), mode
--       (byte: 0 hard, 1 overage, 2 shadow, 3 not in the plan), bound (-1 for none; of a rate the burst), limit
--       (doubles), hour, field (a level: the holder), member, edge (of a rate the interval of one cell in
--       microseconds), lifetimes, as in form 1.
--       A rate has no hour and no lifetimes. A TAKE without a key may say of it, in their places: when the cells were
--       granted that are given back, the first of them (in microseconds), how many further ones are wanted in advance,
--       and how many are given back. They are given back before the call is decided, and nothing is given back unless
--       the call is counted.
-- Returns one packed string: now (double, microseconds), the version of all records together (text), then of each call
-- a status byte and what belongs to it:
--   0 decided: allowed (signed byte: 1, 0, or minus the refusal) and, unless the whole call is refused, of each meter
--     used (double), verdict (byte), retry_after_ms (double; of U, in its place, what open reservations hold, and of a
--     rate the milliseconds until its burst is whole); with a key then the limit of each meter (double), which may be
--     another by the time the answer is given again; then of each meter the row it was counted on: the hour
--     since 1970 and the row's total after that (doubles; 0 and 0 for what was not counted as a counter, and in an
--     answer given again to another holder, whose row it is not); for a rate how many further cells were granted, and 0
--   1 too late · 2 another record version · 3 key used for other arguments · 4 a total would pass 15 digits: the
--   meter's number (16 bits) · 5 too many strangers · 6 Redis refused a command: its error (16 bits of length, text)
--   7 the answer kept for the key is of another release · 8 counted (form 1): used, this call included, hour since
--   1970, total of the row (doubles) · 9 some record has changed: name this one's version · 10 it would fit but for
--   what holders have leased and not spent: the first such meter's number (16 bits); nothing has changed, and no answer
--   was kept · 11 the partition is learning: holders may know more of what was used
--   verdict: 0 ok, 1 overage, 2 shadow, 3 too_large, 4 limit_exceeded, 5 rate_limited, 6 not_in_plan.
-- Totals are formatted with %.0f and never concatenated: Lua prints 16 digits as 1.2345678901235e+15.
local LARGEST = 999999999999999
local call, pack, unpack = redis.call, struct.pack, struct.unpack
local KEYS, ARGV = KEYS, ARGV

local time = call('TIME')
local seconds = tonumber(time[1])
local now = seconds * 1000000 + time[2]
local records = call('GET', KEYS[1]) or ''
local are_current = records == ARGV[1]
local run = ARGV[2]

-- The call in hand: its argument, where in it the form's own part begins, and its first and last key.
local argument, position, first, last

-- Whether a partition knows what was used: it is past learning, and in this run of Redis. Several calls of a turn may
-- be of one partition.
local learned = {}
local function has_learned(key)
    local is_known = learned[key]
    if is_known == nil then
        local life = call('HMGET', key, 'run', 'until')
        is_known = life[1] == run and life[2] == '0'
        learned[key] = is_known
    end
    return is_known
end

-- How long until a period ends, in milliseconds.
local function until_end(edge) return math.max(1, math.ceil((edge - now) / 1000)) end

-- The lifetimes of a counter at its first count in the period, and in an hour: the period may be longer by then.
local function set_lifetimes(usage, day, is_first_of_hour, lifetimes)
    local usage_until, day_until = unpack('<dd', argument, lifetimes)
    call('EXPIREAT', usage, usage_until)
    if is_first_of_hour then call('EXPIREAT', day, day_until) end
end

-- Form 1.
local function count_one()
    local version, text, n, bound, hour, field, member, rest = unpack('<Bc0Bc0dddBc0Bc0', argument, position)
    if not has_learned(KEYS[first]) then return '\11' end
    first = first + 1
    if version == '' then
        if not are_current then return '\9' end
    else
        if call('HGET', KEYS[first], 'v') ~= version then return '\2' end
        first = first + 1
    end
    local usage = KEYS[first]
    local total = call('HINCRBY', usage, 'used', text)
    -- What holders have leased is not there to be spent again; of no limit there is always enough.
    local held = bound < LARGEST and call('HGET', usage, 'held') or 0
    if total + held > bound then
        if call('HINCRBY', usage, 'used', '-' .. text) == 0 then call('HDEL', usage, 'used') end
        -- Past its limit it is refused by that, as it would be in the other form.
        if total > LARGEST and bound >= LARGEST then return pack('<BH', 4, 1) end
        if total <= bound then return pack('<BH', 10, 1) end
        return pack('<BbdBddd', 0, 0, total - n, 4, until_end(unpack('<d', argument, rest)), 0, 0)
    end
    local day = KEYS[first + 1]
    local of_hour = call('HINCRBY', day, field, text)
    if of_hour == n or total == n then set_lifetimes(usage, day, of_hour == n, rest + 8) end
    if member ~= '' then call('ZADD', KEYS[last], 0, member) end
    return pack('<Bddd', 8, total, hour, of_hour)
end

-- Makes what decides form 0. It is made when the first such call comes: to make it costs as much as to decide.
local function make_decide()
    local COUNTER, RATE, LEVEL, IN_FLIGHT = 1, 2, 3, 4
    local SHADOW, NOT_IN_PLAN = 2, 3
    local CHECK, TAKE, RECORD, LEVEL_SET, USAGE = 67, 84, 82, 76, 85
    -- Begins every kept answer; another layout of answers has another letter.
    local ANSWER_FORMAT = 'q'
    local NO_ROW = pack('<dd', 0, 0)
    -- What is granted of a rate in advance is at most this part of the cells that are free.
    local SHARE = 8
    local ceil, floor, min, max, format = math.ceil, math.floor, math.min, math.max, string.format
    local sub, byte, rep = string.sub, string.byte, string.rep

    -- What form 0 says of each meter and what was found; the same tables serve every call.
    local keys, texts, amounts, kinds, limits, bounds, hours, fields, members = {}, {}, {}, {}, {}, {}, {}, {}, {}
    -- Where in the argument a meter's edge and lifetimes stand.
    local rests = {}
    local used, totals, verdicts, retries = {}, {}, {}, {}
    -- Of a rate: when cells were first granted in advance since the burst was whole ('' if none were). What was granted
    -- before that has flowed back by itself, so it cannot be given back as well.
    local marks = {}
    -- The first meter that has room, but for what holders have leased.
    local held_meter

    local function look_at_rate(i, n)
        local limit, burst = limits[i], bounds[i]
        if limit > 0 then
            local interval, _, back = unpack('<ddd', argument, rests[i])
            local window = burst * interval
            local kept = call('GET', KEYS[keys[i]]) or '0'
            -- The arrival time has sixteen digits until 2286.
            local arrival, mark = tonumber(sub(kept, 1, 16)), sub(kept, 18)
            if arrival <= now or arrival > now + window then
                mark = ''
            elseif back > 0 and mark ~= '' and hours[i] >= tonumber(mark) then
                arrival = arrival - back * interval
                if arrival <= now then mark = '' end
            end
            marks[i] = mark
            -- A step of the clock must not lock a tenant out for longer than an empty bucket takes to fill.
            arrival = min(max(arrival, now), now + window)
            local next_arrival = arrival + n * interval
            used[i], totals[i] = ceil((arrival - now) / interval), next_arrival
            if n > burst then return 3, -1 end
            if next_arrival - now > window then return 5, ceil((next_arrival - window - now) / 1000) end
        else
            used[i], totals[i] = 0, 0
            if limit == 0 and n > 0 then return 3, -1 end
        end
        return 0, 0
    end

    -- What open reservations of all holders hold, as these have said it.
    local function reserved_of(key)
        local reserved = 0
        local flat = call('HGETALL', key)
        for j = 1, #flat, 2 do
            if byte(flat[j]) == 58 then
                local units, ends = unpack('<dd', flat[j + 1], 25)
                if ends > now then reserved = reserved + units end
            end
        end
        return reserved
    end

    -- What is in flight is only looked at here: leases decide it.
    local function look_in_flight(i, n)
        local bound = bounds[i]
        used[i] = reserved_of(KEYS[keys[i]])
        totals[i] = used[i] + n
        if bound >= 0 and n > bound then return 3, -1 end
        if bound >= 0 and totals[i] > bound then return 4, 1000 end
        return 0, 0
    end

    -- What is only leased can be recalled, so it stands in the way of a TAKE alone: CHECK says what would fit. What is
    -- reserved cannot.
    local function look_at_total(i, n, is_set, heeds_leases, heeds_reserved)
        local bound, limit, before, held, reserved = bounds[i], limits[i], nil, 0, 0
        if (heeds_leases or heeds_reserved) and bound >= 0 then
            local both = call('HMGET', KEYS[keys[i]], 'used', 'held')
            before, held = tonumber(both[1] or 0), tonumber(both[2] or 0)
            if heeds_reserved then
                reserved, held = held > 0 and n > 0 and reserved_of(KEYS[keys[i]]) or 0, 0
            end
        else
            before = tonumber(call('HGET', KEYS[keys[i]], 'used') or 0)
        end
        local total = is_set and n or before + n
        used[i], totals[i] = before, total
        if bound >= 0 and total + reserved > bound then
            -- Nobody can know when a level goes down.
            if kinds[i] == LEVEL and (n <= bound or is_set) then return 4, -1 end
            if n > bound then return 3, -1 end
            return 4, until_end(unpack('<d', argument, rests[i]))
        end
        if bound >= 0 and total + held > bound then held_meter = held_meter or i end
        return limit >= 0 and total > limit and 1 or 0, 0
    end

    -- What USAGE is told: nothing refuses it.
    local function look_at_usage(i)
        local kind, key = kinds[i], KEYS[keys[i]]
        if kind == RATE then
            look_at_rate(i, 0)
            return 0, limits[i] > 0 and ceil((totals[i] - now) / 1000) or 0
        end
        local reserved = (kind == COUNTER or kind == IN_FLIGHT) and reserved_of(key) or 0
        used[i] = kind == IN_FLIGHT and reserved or tonumber(call('HGET', key, 'used') or 0)
        totals[i] = used[i]
        return 0, reserved
    end

    -- Looks at each meter. Returns whether one refuses, and the key behind theirs.
    local function look(command, meters, key)
        local is_refused = false
        held_meter = nil
        for i = 1, meters do
            local kind, mode, verdict, retry
            texts[i], kind, mode, bounds[i], limits[i], hours[i], fields[i], members[i], rests[i] =
                unpack('<Bc0BBdddBc0Bc0', argument, position)
            keys[i], kinds[i], amounts[i], position = key, kind, tonumber(texts[i]), rests[i] + 24
            if command == USAGE then
                verdict, retry = look_at_usage(i)
            elseif kind == RATE then
                verdict, retry = look_at_rate(i, amounts[i])
            elseif kind == IN_FLIGHT then
                verdict, retry = look_in_flight(i, amounts[i])
            else
                local is_leased = kind == COUNTER and mode < SHADOW
                verdict, retry = look_at_total(
                    i, amounts[i], command == LEVEL_SET, is_leased and command == TAKE, is_leased and command == CHECK)
            end
            if mode == NOT_IN_PLAN and command ~= USAGE then verdict, retry = 6, -1 end
            if verdict >= 3 then
                if mode == SHADOW then
                    verdict, retry = 2, 0
                else
                    is_refused = true
                end
            end
            verdicts[i], retries[i] = verdict, retry
            key = key + (kind == COUNTER and 2 or 1)
        end
        return is_refused, key
    end

    -- Whether the partition has room for the tenant among those without a record.
    local function admit(known, tenant, most)
        local seen = tonumber(call('ZSCORE', known, tenant) or 0)
        if seconds - seen <= 86400 then return true end
        if seen == 0 and call('ZCARD', known) >= most then
            -- A stranger not seen for 40 days has no usage left that counts against a limit.
            call('ZREMRANGEBYSCORE', known, '-inf', seconds - 40 * 86400)
            if call('ZCARD', known) >= most then return false end
        end
        call('ZADD', known, seconds, tenant)
        call('EXPIRE', known, 400 * 86400)
        return true
    end

    -- Stores a rate's arrival time, with cells granted in advance as far as it has them. Returns how many those are.
    local function count_rate(i)
        local interval, wanted = unpack('<dd', argument, rests[i])
        local arrival, mark, granted = totals[i], marks[i], 0
        if wanted > 0 then
            granted = min(wanted, floor(floor((bounds[i] * interval - (arrival - now)) / interval) / SHARE))
            arrival = arrival + granted * interval
            if granted > 0 and mark == '' then mark = format('%.0f', now) end
        end
        local kept = format('%.0f', arrival)
        if mark ~= '' then kept = kept .. ' ' .. mark end
        call('SET', KEYS[keys[i]], kept, 'PX', max(1, ceil((arrival - now) / 1000)))
        return granted
    end

    -- Counts a meter. Returns the row it is counted on, packed.
    local function count(i, owed)
        local kind, key, text, n = kinds[i], KEYS[keys[i]], texts[i], amounts[i]
        if kind == RATE then
            if limits[i] > 0 then return pack('<dd', count_rate(i), 0) end
        elseif kind == LEVEL then
            call('HSET', key, 'used', format('%.0f', totals[i]), 'at', format('%.0f', now), 'by', fields[i])
        elseif kind == COUNTER and n > 0 then
            local day, is_first = KEYS[keys[i] + 1], call('HINCRBY', key, 'used', text) == n
            local of_hour = call('HINCRBY', day, fields[i], text)
            if is_first or of_hour == n then set_lifetimes(key, day, of_hour == n, rests[i] + 8) end
            if members[i] ~= '' then call('ZADD', owed, 0, members[i]) end
            return pack('<dd', hours[i], of_hour)
        end
        return NO_ROW
    end

    -- The answer kept for a key, given again: its format, a fingerprint of the call, the holder behind a length byte,
    -- and what was answered. The rows are that holder's: in another's ledger they would be counted once more.
    local function give_again(kept, fingerprint, holder)
        local start = 43 + (byte(kept, 42) or 0)
        local is_whole = #kept >= start and (#kept - start) % 41 == 0
        if sub(kept, 1, 1) ~= ANSWER_FORMAT then return '\7' end
        -- That of a refund is of another length.
        if sub(kept, 2, 41) ~= fingerprint then return '\3' end
        if not is_whole then return '\7' end
        if sub(kept, 43, start - 1) == holder then return '\0' .. sub(kept, start) end
        local meters = (#kept - start) / 41
        return '\0' .. sub(kept, start, -1 - 16 * meters) .. rep(NO_ROW, meters)
    end

    local function decide()
        local command, refusal, meters, keyed, stranger, lives, version
        command, refusal, meters, keyed, stranger, lives, version, position = unpack('<BBHBBBBc0', argument, position)
        local is_keyed, is_stranger = keyed == 1, stranger == 1
        local lifetime, most_strangers, tenant, holder, meaning, fingerprint
        if is_keyed or is_stranger then
            lifetime, most_strangers, tenant, holder, meaning, position =
                unpack('<ddBc0Bc0I4c0', argument, position)
        end
        if is_keyed then
            fingerprint = redis.sha1hex(meaning)
            local kept = call('GET', KEYS[last])
            if kept then return give_again(kept, fingerprint, holder) end
        end
        if lives == 1 then
            if not has_learned(KEYS[first]) then return '\11' end
            first = first + 1
        end
        if (call('HGET', KEYS[first], 'v') or '') ~= version then return '\2' end

        local are_refused, key = look(command, meters, first + 1)
        local is_refused = refusal ~= 0 or are_refused
        local always = command == RECORD or command == LEVEL_SET
        local is_counted = refusal == 0 and (always or (command == TAKE and not is_refused))
        if is_counted or not is_refused then
            for i = 1, meters do
                if kinds[i] ~= RATE then
                    if totals[i] > LARGEST then return pack('<BH', 4, i) end
                    used[i] = totals[i]
                elseif limits[i] > 0 then
                    local interval = unpack('<d', argument, rests[i])
                    -- What is let through past the burst is not charged, so nothing before it can be given back.
                    local latest = now + bounds[i] * interval
                    if totals[i] > latest then
                        totals[i], marks[i] = latest, ''
                    end
                    used[i] = ceil((totals[i] - now) / interval)
                end
            end
        end
        local rows
        if is_counted then
            if held_meter then return pack('<BH', 10, held_meter) end
            local strangers = KEYS[is_keyed and last - 1 or last]
            if is_stranger and not admit(strangers, tenant, most_strangers) then return '\5' end
            -- The owed hours, if there are any, stand behind the meters' keys.
            rows = {}
            for i = 1, meters do rows[i] = count(i, KEYS[key]) end
        end

        local parts = {pack('<b', refusal ~= 0 and -refusal or is_refused and 0 or 1)}
        if refusal == 0 then
            for i = 1, meters do parts[#parts + 1] = pack('<dBd', used[i], verdicts[i], retries[i]) end
            for i = 1, is_keyed and meters or 0 do parts[#parts + 1] = pack('<d', limits[i]) end
            parts[#parts + 1] = rows and table.concat(rows) or rep(NO_ROW, meters)
        end
        local answer = table.concat(parts)
        if is_keyed then
            -- A refusal of a stranger leaves nothing behind, not even its answer: names cost nothing to invent.
            if is_counted or not is_stranger then
                local kept = ANSWER_FORMAT .. fingerprint .. pack('<Bc0', #holder, holder) .. answer
                call('SET', KEYS[last], kept, 'PX', format('%.0f', lifetime))
            end
        end
        return '\0' .. answer
    end

    return decide
end

local decide
local answers = {pack('<dBc0', now, #records, records)}
local next_key = 2
for i = 3, #ARGV do
    local not_after, key_count, form
    argument = ARGV[i]
    not_after, key_count, form, position = unpack('<dHB', argument)
    first, next_key = next_key, next_key + key_count
    last = next_key - 1
    local answer = '\1'
    if now <= not_after then
        local is_done
        if form == 0 then decide = decide or make_decide() end
        is_done, answer = pcall(form == 1 and count_one or decide)
        if not is_done then
            local text = type(answer) == 'table' and answer.err or tostring(answer)
            answer = pack('<BHc0', 6, #text, text)
        end
    end
    answers[i - 1] = answer
end
return table.concat(answers)
