-- A holder's sync: merges its totals, and grants to its leases what nobody else holds. docs/leases.md has the rules.
--
-- Leases of any partitions in one call: to make the script's functions and to ask the time costs Redis as much as a few
-- leases do. What is done in one partition is nothing to the next; on a cluster, where a script must stay in one slot,
-- a call has one. A partition without leases only hears from its holder, and tells which life it is in. A call may be
-- repeated, delayed and reordered at will: totals are merged by taking the larger, and nothing is granted to a holder
-- whose belief is not Redis's. Past `not_after` totals are merged and nothing is granted.
--
-- KEYS: of each partition its life, its owed hours, and then of each of its leases the tenant record, the usage of the
--       period, and the totals of each UTC day that its hours lie in.
-- ARGV: 1 packed, all numbers little-endian; "text" is a length byte and so many bytes: not_after (microseconds of this
--       Redis's clock), sent (the holder's boot clock, which orders what it says of its reservations), ttl, grace,
--       reservation_ttl (microseconds), usage_retention (seconds) (doubles), partitions (unsigned short), the run id of
--       this Redis, the holder (texts);
--       then of each partition one, packed: made_born (double: the life the sync was made for, -1 none), flags (byte: 1
--       fresh, nobody else can be there, so that there is nothing to learn; 2 the holder has told everything it knows),
--       leases (unsigned short), the run id the sync was made for, the channel of the recalls (texts);
--       and behind it one a lease, packed: granted, returned, spent, reserved, reserved_for, need, need_for, want,
--       bound (-1 unlimited), kept_until (unix seconds, of the usage) (doubles), flags (byte: 1 billed, 2 the period
--       never ends, so kept_until is followed each time), number of day keys (byte), number of hours (unsigned short),
--       version of the tenant record (text), `METER TENANT` as the owed hours name it (text); then each hour: the hour
--       since 1970, consumed, refunded, decided (doubles), which of the day keys (byte, from 1).
-- Returns packed: now (double); then of each partition: born (double), flags (byte: 1 learning, 2 late), leases
--       (unsigned short); then each lease: granted, returned, spent, used, held, what all have reserved, retry_at
--       (doubles), verdict (byte), flags (byte: 1 the record has another version, 2 recalled, 4 somebody waits), how
--       many holders' leases last, number of hours (unsigned shorts); then of each hour the holder's consumed,
--       refunded, decided (doubles).
--   verdict: 0 no need, 1 granted, 2 waiting, 3 refused, 4 undecided.
-- Published: `r` and the usage key when others are to give back, `w`, the first waiter's holder, a space and the usage
-- key when its need fits.
--
-- Fields of the usage: `used`, `held`; `:HOLDER`, packed: granted, returned, spent, reserved, reserved_until, expiry,
-- stated (doubles); `waiting`, packed: for each waiter its deadline, need (doubles), holder (length byte and text).
-- Fields of the life: `run`, `born`, `until` (it learns), `quiet` (nothing is taken back before), `at` (this Redis's
-- clock when it was used last), `heir` (when it began, where an earlier life may have begun sends that this one does
-- not know of; a Redis of one daemon alone has none, as that one knows what it sends),
-- `:HOLDER` (when a holder still telling what it knows was heard last).
-- Totals are formatted with %.0f and never concatenated: Lua prints 16 digits as 1.2345678901235e+15.
local call, format, byte = redis.call, string.format, string.byte
local spread, pack, unpack, max, min, floor = unpack, struct.pack, struct.unpack, math.max, math.min, math.floor
local KEYS, ARGV = KEYS, ARGV
local function clock()
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

local LARGEST = 999999999999999
local NONE, GRANTED, WAITING, REFUSED, UNDECIDED = 0, 1, 2, 3, 4
local OTHER_VERSION, RECALLED, HAS_WAITERS = 1, 2, 4

local not_after, sent, ttl, grace, reservation_ttl, retention, partitions, run, holder =
    unpack('<ddddddHBc0Bc0', ARGV[1])
local now = clock()
local own = ':' .. holder
local longest = now + ttl + grace
local is_late = now > not_after

-- The partition in hand: its owed hours, when its life began, whether the sync was made for this life, whether it
-- learns, and whether it takes anything back.
local owed, born, is_current, learning, reclaims

-- Whether a partition goes on to learn, `learns_until` being over or not.
local function still_learns(key, learns_until, is_complete)
    if is_current then
        if is_complete then call('HDEL', key, own) else call('HSET', key, own, format('%.0f', now)) end
    end
    if now < learns_until then return true end
    local over = {}
    local all = call('HGETALL', key)
    for i = 1, #all, 2 do
        if byte(all[i]) == 58 then
            -- A holder that began to tell and went silent is waited for as long as a lease lasts.
            if tonumber(all[i + 1]) + ttl + grace > now then return true end
            over[#over + 1] = all[i]
        end
    end
    if #over > 0 then call('HDEL', key, spread(over)) end
    call('HSET', key, 'until', 0)
    return false
end

-- Finds out which life the partition is in: a missing key or another run id begins a new one, which learns before it
-- grants.
local function enter(key, made_born, made_run, is_fresh, is_complete)
    local life = call('HMGET', key, 'run', 'born', 'until', 'quiet', 'at')
    local learns_until, quiet = tonumber(life[3] or 0), tonumber(life[4] or 0)
    born = tonumber(life[2] or 0)
    if life[1] ~= run then
        -- Two lives of one run must differ, also when the clock has not moved.
        born = max(now, born + 1)
        learns_until = is_fresh and 0 or longest
        quiet = 0
        call('DEL', key)
        call('HSET', key, 'run', run, 'born', format('%.0f', born), 'until', format('%.0f', learns_until), 'quiet', 0)
        if not is_fresh then call('HSET', key, 'heir', format('%.0f', now)) end
    elseif math.abs(now - tonumber(life[5])) > grace then
        -- The clock was set, or nobody came for a while: who can tell? What is leased stays leased for a lease's
        -- length. Granting what nobody holds needs no clock, so it goes on.
        quiet = longest
        if learns_until > 0 then learns_until = longest end
        call('HSET', key, 'quiet', format('%.0f', quiet), 'until', format('%.0f', learns_until))
    end
    call('HSET', key, 'at', format('%.0f', now))
    is_current = made_run == run and made_born == born
    learning = learns_until > 0 and still_learns(key, learns_until, is_complete)
    reclaims = not learning and now >= quiet
end

-- Whether an hour was ever sent to Stripe, or moved to another.
local function was_sent(day, hour)
    local at = format('%02.0f=', hour % 24)
    local fields = call('HMGET', day, at .. 'acked', at .. 'to', at .. 'send', at .. 'cut', at .. 'range', at .. 'late')
    for i = 1, 6 do
        if fields[i] then return true end
    end
    return false
end

-- Merges the hours of a lease. Returns by how much the period's usage is more, and the holder's totals now.
local function merge_hours(text, position, count, days, member, is_billed)
    local raised, rows, is_new = 0, {}, false
    for i = 1, count do
        local hour, consumed, refunded, decided, which
        hour, consumed, refunded, decided, which, position = unpack('<ddddB', text, position)
        local day = KEYS[days + which]
        local field = format('%02.0f:', hour % 24) .. holder
        local stored = call('HMGET', day, field, field .. '~', field .. '!')
        local a, b, c = tonumber(stored[1] or 0), -tonumber(stored[2] or 0), tonumber(stored[3] or 0)
        local more = 0
        if consumed > a then
            call('HSET', day, field, format('%.0f', consumed))
            more, a = more + consumed - a, consumed
        end
        if refunded > b then
            -- Negative, so that an hour is the sum of its fields.
            call('HSET', day, field .. '~', format('%.0f', -refunded))
            more, b = more - refunded + b, refunded
        end
        if decided > c then
            call('HSET', day, field .. '!', format('%.0f', decided))
            more, c = more + decided - c, decided
        end
        local is_changed = a ~= tonumber(stored[1] or 0) or b ~= -tonumber(stored[2] or 0)
            or c ~= tonumber(stored[3] or 0)
        if is_changed then
            if not (stored[1] or stored[2] or stored[3]) then
                is_new = true
                call('EXPIREAT', day, format('%.0f', (floor(hour / 24) + 1) * 86400 + retention))
            end
        end
        -- In a life that does not know what Stripe acknowledged last, every hour it is told of is owed again. One that
        -- was never sent is owed already, if it is to be billed.
        if is_billed and (is_changed or (learning or not is_current) and was_sent(day, hour)) then
            call('ZADD', owed, 0, format('%07.0f ', hour) .. member)
        end
        raised = raised + more
        rows[i] = pack('<ddd', a, b, c)
    end
    return raised, table.concat(rows), is_new
end

-- The rows of all holders, what they hold, and what of it comes back and when.
local function read_usage(key)
    local usage = {used = 0, rows = {}, changed = {}, waiters = {}}
    local flat = call('HGETALL', key)
    usage.is_new = #flat == 0
    for i = 1, #flat, 2 do
        local name, value = flat[i], flat[i + 1]
        if name == 'used' then
            usage.used = tonumber(value)
        elseif name == 'held' then
            usage.held = value
        elseif name == 'waiting' then
            usage.waiting = value
            local position = 1
            while position <= #value do
                local deadline, need, who
                deadline, need, who, position = unpack('<ddBc0', value, position)
                -- A step of the clock must not keep a waiter for ever.
                deadline = min(deadline, now + ttl)
                if deadline > now then usage.waiters[#usage.waiters + 1] = {deadline, need, who} end
            end
        elseif byte(name) == 58 then
            local row = {unpack('<ddddddd', value)}
            if row[5] > now + reservation_ttl or row[6] > longest then
                -- The clock was set back. What is cut here stays cut, or the end would move along with the clock.
                row[5], row[6] = min(row[5], now + reservation_ttl), min(row[6], longest)
                usage.changed[name] = true
            end
            usage.rows[name] = row
        end
    end
    return usage
end

-- Gives a silent holder's rest to others once its lease has ended, but for what its reservations still hold.
local function reclaim(usage)
    for name, row in pairs(usage.rows) do
        if name ~= own and row[6] < now then
            local kept = row[5] > now and row[4] or 0
            local returned = row[1] - row[3] - kept
            if returned > row[2] then
                row[2] = returned
                usage.changed[name] = true
            end
        end
    end
end

-- When `lacking` more will have come back by itself at the earliest; 0 if never.
local function comes_back(usage, lacking)
    local ends = {}
    for name, row in pairs(usage.rows) do
        local rest = row[1] - row[2] - row[3]
        local reserved = row[5] > now and min(row[4], rest) or 0
        if name ~= own and rest > reserved then ends[#ends + 1] = {row[6], rest - reserved} end
        if reserved > 0 then ends[#ends + 1] = {max(row[5], row[6]), reserved} end
    end
    table.sort(ends, function(one, other) return one[1] < other[1] end)
    for i = 1, #ends do
        lacking = lacking - ends[i][2]
        if lacking <= 0 then return ends[i][1] end
    end
    return 0
end

-- Merges what the holder says of itself into its row. Returns the row, and whether the holder believes what is true.
local function merge_row(usage, granted, returned, spent, reserved, reserved_for)
    local row = usage.rows[own]
    if not row then
        row = {0, 0, 0, 0, 0, 0, 0}
        usage.rows[own] = row
    end
    row[1], row[2], row[3] = max(row[1], granted), max(row[2], returned), max(row[3], spent)
    -- It spent what had been taken back from it.
    if row[2] + row[3] > row[1] then row[1] = row[2] + row[3] end
    if sent > row[7] or row[5] <= now then
        -- A holder's boot clock begins anew with its host.
        row[4], row[5], row[7] = reserved, reserved > 0 and now + reserved_for or 0, sent
    end
    row[6] = longest
    return row, granted == row[1]
end

-- What all holders hold, what others could give back, how many leases last, and what all have reserved.
local function count_held(usage)
    local held, others, alive, all_reserved = 0, 0, 0, 0
    for name, row in pairs(usage.rows) do
        local rest = row[1] - row[2] - row[3]
        local reserved = row[5] > now and row[4] or 0
        held = held + rest
        all_reserved = all_reserved + reserved
        if name ~= own then others = others + max(0, rest - reserved) end
        if row[6] > now then alive = alive + 1 end
    end
    return held, others, alive, all_reserved
end

-- Answers a need: whole or not at all, in the order they came.
local function answer_need(usage, row, free, others, need, need_for)
    local waiters, place = usage.waiters, nil
    for i = 1, #waiters do
        if waiters[i][3] == holder then place = i end
    end
    local is_first = #waiters == 0 or place == 1
    local verdict, retry_at = WAITING, 0
    if is_first and need <= free then
        verdict = GRANTED
        row[1] = row[1] + need
    elseif need > free + others then
        verdict, retry_at = REFUSED, comes_back(usage, need - free)
    end
    if verdict ~= WAITING then
        if place then table.remove(waiters, place) end
        return verdict, retry_at
    end
    retry_at = comes_back(usage, need - free)
    local waiter = {now + min(need_for, ttl), need, holder}
    if place then waiters[place] = waiter else waiters[#waiters + 1] = waiter end
    return verdict, retry_at
end

local function forget_waiter(usage)
    for i = #usage.waiters, 1, -1 do
        if usage.waiters[i][3] == holder then table.remove(usage.waiters, i) end
    end
end

local function store(key, usage, held)
    local changes = {}
    usage.changed[own] = true
    for name in pairs(usage.changed) do
        changes[#changes + 1] = name
        changes[#changes + 1] = pack('<ddddddd', spread(usage.rows[name], 1, 7))
    end
    local text = format('%.0f', held)
    if usage.held ~= text then
        changes[#changes + 1] = 'held'
        changes[#changes + 1] = text
    end
    local parts = {}
    for i, waiter in ipairs(usage.waiters) do
        parts[i] = pack('<ddBc0', waiter[1], waiter[2], #waiter[3], waiter[3])
    end
    local waiting = table.concat(parts)
    if waiting ~= '' then
        changes[#changes + 1] = 'waiting'
        changes[#changes + 1] = waiting
    elseif usage.waiting then
        call('HDEL', key, 'waiting')
    end
    call('HSET', key, spread(changes))
end

-- Grants the need and, if nobody waits, a share of what is left. Returns the verdict and when to try again.
local function grant(usage, row, bound, need, need_for, want)
    local verdict, retry_at = NONE, 0
    local held, others, alive = count_held(usage)
    local free = min(bound < 0 and LARGEST or bound - usage.used - held, LARGEST - row[1])
    if need > 0 then
        local before = row[1]
        verdict, retry_at = answer_need(usage, row, free, others, need, need_for)
        free = free - (row[1] - before)
    else
        forget_waiter(usage)
    end
    if want > 0 and free > 0 and #usage.waiters == 0 then
        -- Near the end of what is left a share is one unit, so that no holder sits on what others need.
        local share = bound < 0 and free or max(1, floor(free / (2 * alive)))
        row[1] = row[1] + min(want, free, share)
    end
    return verdict, retry_at, others
end

local parts = {pack('<d', now)}

local function publish(channel, usage_key, first, free, others)
    if first[3] == holder then
        if others > 0 then redis.pcall('PUBLISH', channel, 'r' .. usage_key) end
    elseif first[2] <= free then
        redis.pcall('PUBLISH', channel, 'w' .. first[3] .. ' ' .. usage_key)
    end
end

-- Carries out one lease, whose keys begin at `key`. Returns the key behind them.
local function sync_lease(text, key, channel)
    local granted, returned, spent, reserved, reserved_for, need, need_for, want, bound, kept_until, kind, days, hours,
        version, member, position = unpack('<ddddddddddBBHBc0Bc0', text)
    local record, usage_key = KEYS[key], KEYS[key + 1]
    -- Read first: where somebody wrote something else there, this ends before an hour counts as told.
    local usage = read_usage(usage_key)
    local raised, rows, is_new = merge_hours(text, position, hours, key + 1, member, kind % 2 == 1)
    if raised ~= 0 then
        call('HINCRBY', usage_key, 'used', format('%.0f', raised))
        usage.used = usage.used + raised
    end
    local row, is_true = merge_row(usage, granted, returned, spent, reserved, reserved_for)
    if reclaims then reclaim(usage) end
    local flags, verdict, retry_at, others = 0, need > 0 and UNDECIDED or NONE, 0, 0
    local is_known = (call('HGET', record, 'v') or '') == version
    if not is_known then flags = flags + OTHER_VERSION end
    if not learning and not is_late and is_true and is_known and is_current then
        verdict, retry_at, others = grant(usage, row, bound, need, need_for, want)
    end
    local held, _, alive, reserved_by_all = count_held(usage)
    local first = usage.waiters[1]
    local is_over = bound >= 0 and is_known and not learning and usage.used + held > bound
    if (first and first[3] ~= holder) or is_over then flags = flags + RECALLED end
    if first then flags = flags + HAS_WAITERS end
    store(usage_key, usage, held)
    if usage.is_new or is_new or kind >= 2 then call('EXPIREAT', usage_key, format('%.0f', kept_until)) end
    if first then publish(channel, usage_key, first, bound < 0 and LARGEST or bound - usage.used - held, others) end
    parts[#parts + 1] = pack('<dddddddBBHH', row[1], row[2], row[3], usage.used, held, reserved_by_all, retry_at,
        verdict, flags, min(alive, 65535), hours)
    parts[#parts + 1] = rows
    return key + 2 + days
end

local key, argument = 1, 2
for _ = 1, partitions do
    local made_born, options, leases, made_run, channel = unpack('<dBHBc0Bc0', ARGV[argument])
    enter(KEYS[key], made_born, made_run, options % 2 == 1, options >= 2)
    owed = KEYS[key + 1]
    parts[#parts + 1] = pack('<dBH', born, (learning and 1 or 0) + (is_late and 2 or 0), leases)
    key = key + 2
    for i = 1, leases do key = sync_lease(ARGV[argument + i], key, channel) end
    argument = argument + leases + 1
end
return table.concat(parts)
