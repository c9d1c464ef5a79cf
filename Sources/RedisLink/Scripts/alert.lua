-- Remembers which thresholds a total has crossed, and tells of each crossing once, whoever sees it and how often.
--
-- What was crossed stands beside the total, in fields of the same hash, so it ends with the period and goes back with a
-- Redis that is restored. Of a counter: `^LABEL` holds the largest total that was seen past the threshold, whether the
-- total was past it when it was looked at last (1 or 0), and the threshold's total when a fall below it was last told.
-- A total that comes back after a refund is no second crossing, and a threshold that a larger limit has put above all
-- that was seen is crossed anew. Of a level: `^LABEL` is there while it is past, since it has no period to begin anew.
--
-- Nothing is told by a limit that may be another by now: the caller names the record that it knows.
--
-- KEYS: 1 the tenant's record, 2 the usage of the period, or the level, 3 the audit stream, 4 the notices.
-- ARGV: 1 the version of the record ('' for none), 2 counter or level, 3 tenant, 4 meter, 5 plan, 6 the limit,
--       7 and 8 the period's start and end (RFC 3339; '' for a level), 9 who saw it, 10 and of which daemon,
--       11 how long an audit entry is kept, in ms, 12 how many notices may wait (0: none is written);
--       then of each threshold its label, the least total past it, and its direction (up, down, both).
-- Returns {} when the record is another; else the total, how many notices had no room, and then label and direction of
-- each crossing.
local call, format = redis.call, string.format
if (call('HGET', KEYS[1], 'v') or '') ~= ARGV[1] then return {} end
local usage, is_level = KEYS[2], ARGV[2] == 'level'
local used = tonumber(call('HGET', usage, 'used') or 0)
local time = call('TIME')
local milliseconds = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = format('%.0f', math.max(0, milliseconds - ARGV[11]))
local most_notices = tonumber(ARGV[12])
-- Notices that nobody delivers any more go after a week.
local NOTICES_LIFETIME = 7 * 86400
local answer = {used, 0}

-- Which way a level has crossed a threshold (nil for neither), and what is to be remembered then (nil: nothing).
local function cross_level(field, total)
    local was_past = call('HEXISTS', usage, field) == 1
    if used >= total and not was_past then return 'up', '1' end
    if used < total and was_past then return 'down' end
    return nil, was_past and '1' or nil
end

local function cross_counter(field, total)
    local kept = call('HGET', usage, field)
    local seen, was_past, told = string.match(kept or '', '^(%d+) (%d) (%d+)$')
    seen, told = tonumber(seen or 0), tonumber(told or 0)
    if used >= total then
        return seen < total and 'up' or nil, format('%.0f 1 %.0f', math.max(seen, used), told)
    elseif was_past == '1' then
        return told ~= total and 'down' or nil, format('%.0f 0 %.0f', seen, total)
    end
    return nil, kept or nil
end

local function text(value) return value == '' and 'null' or '"' .. value .. '"' end

-- Names and labels have no character that JSON would write otherwise.
local function facts(label, direction)
    return format(
        '"meter":"%s","threshold":"%s","direction":"%s","used":%.0f,"limit":%.0f,"period_start":%s,"period_end":%s',
        ARGV[4], label, direction, used, ARGV[6], text(ARGV[7]), text(ARGV[8]))
end

local function audit(action, reason, after)
    call('XADD', KEYS[3], 'MINID', '~', oldest, '*', 'tenant', ARGV[3], 'action', action, 'actor', ARGV[9],
        'reason', reason, 'before', '', 'after', after, 'from', ARGV[10])
end

local function tell(label, direction)
    local said = facts(label, direction)
    local waiting = most_notices > 0 and call('XLEN', KEYS[4]) or 0
    audit('threshold.crossed', '', '{' .. said .. '}')
    answer[#answer + 1] = label
    answer[#answer + 1] = direction
    if most_notices == 0 then return end
    if waiting >= most_notices then
        answer[2] = answer[2] + 1
        return audit('notice.dropped', format('%.0f notices wait', most_notices),
            '{"type":"threshold.crossed",' .. said .. '}')
    end
    local data = format('{"tenant":"%s",%s,"plan":%s}', ARGV[3], said, text(ARGV[5]))
    call('XADD', KEYS[4], '*', 'type', 'threshold.crossed', 'tenant', ARGV[3], 'data', data)
    call('EXPIRE', KEYS[4], NOTICES_LIFETIME)
end

for i = 13, #ARGV, 3 do
    local label, total, wanted = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
    local field = '^' .. label
    local direction, kept = (is_level and cross_level or cross_counter)(field, total)
    -- Told before it is remembered: what fails in between is told when it is looked at again.
    if direction and (wanted == 'both' or wanted == direction) then tell(label, direction) end
    if kept then call('HSET', usage, field, kept) else call('HDEL', usage, field) end
end
return answer
