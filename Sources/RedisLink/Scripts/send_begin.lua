-- Marks owed hours of one partition as being sent, so that nobody else sends them at the same time, and states what to
-- send: an hour's total, or, to a meter that adds, the range of it that has not been cut yet.
--
-- A send that ended without an answer stays marked: after its deadline the hour is sent once more, whatever the totals
-- say, because Stripe may have recorded a total that was acknowledged to nobody. For the same reason an acknowledgement
-- counts only in the life of the partition in which it was made: a Redis that was rolled back has forgotten later ones.
-- While the partition learns, and before a new run of Redis has begun its life, nothing is sent: holders may know of
-- more. Nor is a total before the requests of an earlier life have surely ended, whose marks may be forgotten: one that
-- arrived behind a newer total would replace it. What another customer or meter was billed stays there, and only the
-- rest goes to the present one; where it is not known how much of it a meter has, it is compared there first. So it is
-- with what an item was billed of the hour before a period's edge came into it that nobody had foreseen; the rest is
-- stamped with the edge. Where it is not known how much that was, as without an answer, the old period is compared
-- first.
--
-- A range that is cut is kept with its identifier until it is settled, and each attempt sends it again under the same
-- one, which Stripe takes once within 24 hours. Past that, and wherever an earlier life may have cut what this one does
-- not know of, the hour is first compared with what Stripe has recorded, once no request can be under way any more and
-- its summaries have had the time to follow.
-- KEYS: 1 owed hours, 2 life of the partition, 3 claim of the partition, 4 dead letters, then of each hour the totals
--       of its UTC day. Up to some dozens of hours: Redis does nothing else meanwhile.
-- ARGV: 1 token of the claim, 2 how long a mark lasts in ms, 3 how long Stripe's summaries follow behind in ms, 4 for
--       how long after it was cut a range may be sent again without comparing in ms, then of each hour: 1 hours since
--       1970, 2 its member of the owed set, 3 name of this attempt, 4 `window` or `sum`, 5 where it goes at Stripe, and
--       behind an `@` its stamp if that is not the hour's start and tells its period.
-- Returns of each hour {0, total, unsettled, acknowledged, credit}: send it; unsettled 1 if an earlier send ended
-- without an answer, credit 1 if it stays owed as {8} says.
-- {1, deadline}: not before then (microseconds), since somebody is sending, the partition learns, requests of an
-- earlier life may be under way, or the comparison has to wait. {2}: nothing is owed. {3}: it is dead. {5, from, to,
-- identifier}: send this range. {6}: compare it. {7}: it goes out with the next period. {8}: it is a credit, which no
-- usage record can be: other hours are to carry it, and until then it stays owed.
-- Before them, as the first element, when the partition's life began; nothing at all when the claim is lost.
local call, format, match = redis.call, string.format, string.match
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local claim = call('HMGET', KEYS[3], 'token', 'until')
if claim[1] ~= ARGV[1] or tonumber(claim[2]) <= now then return {} end
local life = call('HMGET', KEYS[2], 'born', 'until', 'run', 'heir')
local born = life[1] or ''
local mark_for, lag, window = ARGV[2] * 1000, ARGV[3] * 1000, ARGV[4] * 1000
-- No clock that was set keeps an hour waiting for longer than a send and its summaries can take.
local latest = now + mark_for + lag
local began = math.min(tonumber(life[1] or 0), now)
local heir_since = tonumber(life[4] or 0)
if heir_since > now then
    -- The clock was set back. What is cut here stays cut.
    heir_since = now
    call('HSET', KEYS[2], 'heir', format('%.0f', now))
end
local blocked_until = math.min(tonumber(life[2] or 0), latest)
if life[3] and life[3] ~= match(call('INFO', 'server'), 'run_id:(%x+)') then blocked_until = now + 1000000 end

-- Each day is read once; what is written here is kept in it.
local days = {}
local function cached(day)
    days[day] = days[day] or fields_of(day)
    return days[day]
end

local function put(day, field, value)
    call('HSET', day, field, value)
    cached(day)[field] = value
end

local function drop(day, field)
    if cached(day)[field] then call('HDEL', day, field) end
    cached(day)[field] = nil
end

-- Of a meter there is a customer as well.
local function is_item(destination) return not string.find(destination, ' ', 1, true) end

-- The edge that a usage record is stamped with; 0 for none.
local function stamp_of(destination) return tonumber(match(destination, '@(%d+)$') or 0) end

-- Whether an earlier life may have sent something of an hour.
local function is_before_life(number) return number * 3600000000 <= began end

-- What follows for an hour of a meter that adds: {5, …}, {1, …} or {6}; nil when there is nothing to cut.
local function cut(day, fields, hour, number, total, attempt, pending_until)
    local cut_to, cut_born = match(fields[hour .. '=cut'] or '', '^(%S+) (%S+)$')
    local id, from, to, cut_at, range_born = match(
        fields[hour .. '=range'] or '', '^(%S+) (%S+) (%S+) (%S+) (%S*)$')
    local must_compare
    if id then
        must_compare = range_born ~= born or tonumber(cut_at) + window <= now
    elseif cut_to then
        must_compare = cut_born ~= (born ~= '' and born or '0')
    else
        -- An earlier life may have sent it, unless it began in this one.
        must_compare = is_before_life(number)
    end
    if must_compare then
        local since = heir_since > 0 and heir_since or began
        local not_before = math.max(since + mark_for + lag, pending_until and pending_until + lag or 0)
        -- Until then the range may have been sent again and again.
        if id and range_born == born then not_before = math.max(not_before, cut_at + window + mark_for + lag) end
        not_before = math.min(not_before, latest)
        if not_before > now then return {1, not_before} end
        return {6}
    end
    if id then return {5, tonumber(from), tonumber(to), id} end
    from = tonumber(cut_to or 0)
    if from == total then return nil end
    put(day, hour .. '=range', format('%s %.0f %.0f %.0f %s', attempt, from, total, now, born))
    return {5, from, total, attempt}
end

local function begin(day, number, member, attempt, mode, destination)
    local hour = format('%02.0f', number % 24)
    if call('HEXISTS', KEYS[4], member) == 1 then
        call('ZREM', KEYS[1], member)
        return {3}
    end
    if blocked_until > 0 then return {1, blocked_until} end
    if mode ~= 'sum' and heir_since + mark_for > now and is_before_life(number) then
        return {1, heir_since + mark_for}
    end
    local fields, mark = cached(day), hour .. '=send'
    local pending_until
    if fields[mark] then
        pending_until = math.min(tonumber(match(fields[mark], '^%S+ (%d+)')), latest)
        if pending_until > now then return {1, pending_until} end
    end
    local acked, acked_in = match(fields[hour .. '=acked'] or '', '^(%S+) ?(%d*)$')
    local late = match(fields[hour .. '=late'] or '', '^%S+')
    local before = fields[hour .. '=to']
    local is_same_item = before and match(before, '^[^@]+') == match(destination, '^[^@]+')
    local moved = is_same_item and stamp_of(destination) - stamp_of(before) or 0
    -- Nor is it known where an earlier life may have sent it first.
    if not before and heir_since > 0 and is_before_life(number) then moved = stamp_of(destination) end
    if moved < 0 then
        -- Who asks does not know of the edge yet.
        return {1, now + 1000000}
    end
    local is_moved_away = before and not is_same_item and before ~= destination and not is_item(before)
    local is_in_doubt = pending_until or not acked or acked_in ~= born or fields[hour .. '=range']
    if (moved > 0 or is_moved_away) and not late and is_in_doubt then
        local not_before = math.min(math.max(heir_since + mark_for, pending_until or 0) + lag, latest)
        if not_before > now then return {1, not_before} end
        put(day, mark, format('%s %.0f', attempt, now + mark_for))
        return {6}
    end
    if acked and not late and before and before ~= destination then
        -- What it carries of a credit was acknowledged with what was used, and is no usage.
        local raised = (fields[hour .. '=lent'] or 0) + (fields[hour .. '=waived'] or 0)
        local of_usage = is_same_item and acked or math.max(0, acked - raised)
        put(day, hour .. '=dropped', format('%.0f', (fields[hour .. '=dropped'] or 0) + of_usage))
        if of_usage - acked ~= 0 then
            put(day, hour .. '=waived', format('%.0f', (fields[hour .. '=waived'] or 0) + of_usage - acked))
        end
        for _, field in ipairs({'=acked', '=id', '=to', '=cut', '=range'}) do drop(day, hour .. field) end
        if is_same_item then
            put(day, hour .. '=earlier', format('%.0f', (fields[hour .. '=earlier'] or 0) + acked))
        end
        acked = nil
    end
    local total, is_used = hour_total(fields, hour)
    if late and is_used and tonumber(late) ~= total then return {7} end
    -- A usage record is no credit (docs.stripe.com/api/usage_records/create of 2024-12-18.acacia).
    local due = is_item(destination) and math.max(0, total) or total
    local is_settled = not is_used or late or (acked and tonumber(acked) == due and acked_in == born)
    -- A range that is not settled may have reached Stripe, though the total is back at what was acknowledged before.
    local has_range = mode == 'sum' and fields[hour .. '=range']
    if is_settled and (late or not pending_until and not has_range) then
        if not late and total < due then return {8} end
        call('ZREM', KEYS[1], member)
        return {2}
    end
    local answer = {0, due, pending_until and 1 or 0, tonumber(acked or 0), total < due and 1 or 0}
    if mode == 'sum' then
        answer = cut(day, fields, hour, number, total, attempt, pending_until)
        if not answer then
            drop(day, mark)
            call('ZREM', KEYS[1], member)
            return {2}
        end
        if answer[1] == 1 then return answer end
    end
    if before ~= destination then put(day, hour .. '=to', destination) end
    put(day, mark, format('%s %.0f', attempt, now + mark_for))
    return answer
end

local answers = {born}
for i = 5, #KEYS do
    local first = 5 + (i - 5) * 5
    answers[i - 3] = begin(KEYS[i], tonumber(ARGV[first]), unpack(ARGV, first + 1, first + 4))
end
return answers
