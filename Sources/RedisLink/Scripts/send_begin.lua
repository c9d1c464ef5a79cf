-- Marks owed hours of one partition as being sent, so that nobody else sends them at the same time, and states what to
-- send: an hour's total, or, to a meter that adds, the range of it that has not been cut yet.
--
-- A send that ended without an answer stays marked: after its deadline the hour is sent once more, whatever the totals
-- say, because Stripe may have recorded a total that was acknowledged to nobody. For the same reason an acknowledgement
-- counts only in the life of the partition in which it was made: a Redis that was rolled back has forgotten later ones.
-- While the partition learns, nothing is sent: holders may know of more.
--
-- A range that is cut is kept with its identifier until it is settled, and each attempt sends it again under the same
-- one, which Stripe takes once within 24 hours. Past that, and wherever an earlier life may have cut what this one does
-- not know of, the hour is first compared with what Stripe has recorded, once no request can be under way any more and
-- its summaries have had the time to follow.
-- KEYS: 1 owed hours, 2 life of the partition, 3 claim of the partition, 4 dead letters, then of each hour the totals
--       of its UTC day.
-- ARGV: 1 token of the claim, 2 how long a mark lasts in ms, 3 how long Stripe's summaries follow behind in ms, 4 for
--       how long after it was cut a range may be sent again without comparing in ms, then of each hour: 1 hours since
--       1970, 2 its member of the owed set, 3 name of this attempt, 4 `window` or `sum`.
-- Returns of each hour {0, total, unsettled, acknowledged}: send it; unsettled 1 if an earlier send ended without an
-- answer.
-- {1, deadline}: not before then (microseconds), since somebody is sending, the partition learns, or the comparison has
-- to wait. {2}: nothing is owed. {3}: it is dead. {5, from, to, identifier}: send this range. {6}: compare it.
-- Before them, as the first element, when the partition's life began; nothing at all when the claim is lost.
local call, format, match = redis.call, string.format, string.match
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local claim = call('HMGET', KEYS[3], 'token', 'until')
if claim[1] ~= ARGV[1] or tonumber(claim[2]) <= now then return {} end
local life = call('HMGET', KEYS[2], 'born', 'until')
local born = life[1] or ''
local began = tonumber(life[1] or 0)
local learns_until = tonumber(life[2] or 0)
local mark_for, lag, window = ARGV[2] * 1000, ARGV[3] * 1000, ARGV[4] * 1000

-- What Stripe is to have of the hour: what was used, less what was written off, and what is late for earlier periods;
-- nil if nobody ever used it.
local function total_of(day, hour)
    local usage, late, is_used = 0, 0, false
    local totals = call('HGETALL', day)
    for i = 1, #totals, 2 do
        local field = totals[i]
        if string.sub(field, 1, 3) == hour .. ':' then
            usage, is_used = usage + tonumber(totals[i + 1]), true
        elseif string.sub(field, 1, 3) == hour .. '^' then
            late, is_used = late + tonumber(totals[i + 1]), true
        end
    end
    -- Below zero only while it is forgotten what was given back: the ledger that knows is not back yet.
    return is_used and math.max(0, math.max(0, usage) - (call('HGET', day, hour .. '=dropped') or 0)) + late or nil
end

-- What follows for an hour of a meter that adds: {5, …}, {1, …} or {6}; nil when there is nothing to cut.
local function cut(day, hour, number, total, attempt)
    local cut_to, cut_born = match(call('HGET', day, hour .. '=cut') or '', '^(%S+) (%S+)$')
    local id, from, to, cut_at, range_born = match(
        call('HGET', day, hour .. '=range') or '', '^(%S+) (%S+) (%S+) (%S+) (%S*)$')
    local must_compare
    if id then
        must_compare = range_born ~= born or tonumber(cut_at) + window <= now
    elseif cut_to then
        must_compare = cut_born ~= (born ~= '' and born or '0')
    else
        -- An earlier life may have sent it, unless it began in this one.
        must_compare = number * 3600000000 <= began
    end
    if must_compare then
        local last_begun = began
        -- Until then the range may have been sent again and again.
        if id and range_born == born then last_begun = math.max(began, tonumber(cut_at) + window) end
        local not_before = last_begun + mark_for + lag
        if not_before > now then return {1, not_before} end
        return {6}
    end
    if id then return {5, tonumber(from), tonumber(to), id} end
    from = tonumber(cut_to or 0)
    if from == total then return nil end
    call('HSET', day, hour .. '=range', format('%s %.0f %.0f %.0f %s', attempt, from, total, now, born))
    return {5, from, total, attempt}
end

local function begin(day, number, member, attempt, mode)
    local hour = format('%02.0f', number % 24)
    if call('HEXISTS', KEYS[4], member) == 1 then
        call('ZREM', KEYS[1], member)
        return {3}
    end
    if learns_until > 0 then return {1, learns_until} end
    local mark = hour .. '=send'
    local pending = call('HGET', day, mark)
    if pending then
        local deadline = tonumber(match(pending, '^%S+ (%d+)'))
        if deadline > now then return {1, deadline} end
    end
    local total = total_of(day, hour)
    local acked, acked_in = match(call('HGET', day, hour .. '=acked') or '', '^(%S+) ?(%d*)$')
    local is_settled = not total or (acked and tonumber(acked) == total and acked_in == born)
        or tonumber(call('HGET', day, hour .. '=late') or -1) == total
    -- A range that is not settled may have reached Stripe, though the total is back at what was acknowledged before.
    local has_range = mode == 'sum' and call('HEXISTS', day, hour .. '=range') == 1
    if not pending and not has_range and is_settled then
        call('ZREM', KEYS[1], member)
        return {2}
    end
    local answer = {0, total or 0, pending and 1 or 0, tonumber(acked or 0)}
    if mode == 'sum' then
        answer = cut(day, hour, number, total or 0, attempt)
        if not answer then
            call('HDEL', day, mark)
            call('ZREM', KEYS[1], member)
            return {2}
        end
        if answer[1] == 1 then return answer end
    end
    call('HSET', day, mark, format('%s %.0f', attempt, now + mark_for))
    return answer
end

local answers = {born}
for i = 5, #KEYS do
    local first = 5 + (i - 5) * 4
    answers[i - 3] = begin(KEYS[i], tonumber(ARGV[first]), ARGV[first + 1], ARGV[first + 2], ARGV[first + 3])
end
return answers
