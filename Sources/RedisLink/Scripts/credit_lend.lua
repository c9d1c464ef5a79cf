-- Spreads a credit over the hours of a period of usage records. None of them may be set below zero, so where more was
-- given back than an hour has, the rest has to lower other hours.
--
-- The period's first hour is where late usage of earlier periods comes to, so it is the one that lends: what it lends
-- raises it, and lowers the hours that have usage, the oldest first, to zero at most. An hour that is below zero itself
-- leaves that to the first. The sum over the period stays as it was, and all that have changed are owed.
-- KEYS: 1 owed hours, 2 life of the partition, 3 claim of the partition, 4 dead letters, 5 totals of the UTC day of the
--       period's first hour, then of each day in turn, 40 at most, in which other hours may change.
-- ARGV: 1 token of the claim, 2 hours since 1970 of the first hour, 3 the hour from which on others may change, which
--       is of the sixth key's day, 4 the hour before which to end, 5 meter and tenant as in a member of the owed set,
--       6 the subscription item.
-- Returns how many units have moved, and how many hours are owed that were not; {-1} when the claim is
-- lost or the partition learns.
if not may_settle(KEYS[3], KEYS[2], ARGV[1]) then return {-1} end
local call, format = redis.call, string.format
local first, from, last, item = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] - 1, ARGV[6]
local days, moved, newly_owed = {}, 0, 0

-- A day's fields by their hours: each hour is summed up more than once.
local function hours_of(key)
    local hours = {}
    for field, value in pairs(fields_of(key)) do
        local hour = string.sub(field, 1, 2)
        hours[hour] = hours[hour] or {}
        hours[hour][field] = value
    end
    return hours
end

local function place_of(number)
    local key = number == first and KEYS[5] or KEYS[6 + math.floor(number / 24) - math.floor(from / 24)]
    days[key] = days[key] or hours_of(key)
    local hour, member = format('%02.0f', number % 24), format('%07.0f ', number) .. ARGV[5]
    return {key = key, fields = days[key][hour] or {}, hour = hour, member = member}
end

local function total(place) return (hour_total(place.fields, place.hour)) end

-- Raises what `place` is to have by so many units. Returns 1 if it was not owed.
local function raise(place, units)
    local field = place.hour .. '=lent'
    local lent = format('%.0f', (place.fields[field] or 0) + units)
    place.fields[field] = lent
    call('HSET', place.key, field, lent)
    return call('ZADD', KEYS[1], 0, place.member)
end

local lender = place_of(first)
-- What a dead letter is about does not change.
if call('HEXISTS', KEYS[4], lender.member) == 1 then return {0, 0} end

local function lend(place, units)
    if units == 0 then return end
    newly_owed = newly_owed + raise(lender, units) + raise(place, -units)
    moved = moved + math.abs(units)
end

-- What is not sent any more does not change, nor what another item was billed.
local function may_change(place)
    local to = string.match(place.fields[place.hour .. '=to'] or item, '^[^@]+')
    return to == item and not place.fields[place.hour .. '=late'] and call('HEXISTS', KEYS[4], place.member) == 0
end

local others = {}
for number = math.max(first + 1, from), last do
    local place = place_of(number)
    local due = total(place)
    if due < 0 and may_change(place) then lend(place, due) end
    if due > 0 then others[#others + 1] = place end
end
for _, place in ipairs(others) do
    local credit = -total(lender)
    if credit <= 0 then break end
    if may_change(place) then lend(place, math.min(credit, total(place))) end
end
return {moved, newly_owed}
