-- Spreads a credit over the hours of a period of usage records. None of them may be set below zero, so where more was
-- given back than an hour has, the rest has to lower other hours.
--
-- The period's first hour is where late usage of earlier periods comes to, so it is the one that lends: what it lends
-- raises it, and lowers the hours that have usage, the oldest first, to zero at most. An hour that fell below zero
-- afterwards gives back. The sum over the period stays as it was, and all that have changed are owed.
-- KEYS: 1 owed hours, 2 life of the partition, 3 claim of the partition, 4 dead letters, 5 totals of the UTC day of the
--       period's first hour, then of each day in turn, 40 at most, in which hours may be lowered.
-- ARGV: 1 token of the claim, 2 hours since 1970 of the first hour, 3 days since 1970 of the sixth key, 4 the hour
--       before which to end, 5 meter and tenant as in a member of the owed set, 6 the subscription item.
-- Returns how many units have moved; -1 when the claim is lost or the partition learns.
if not may_settle(KEYS[3], KEYS[2], ARGV[1]) then return -1 end
local call, format = redis.call, string.format
local first, last, item = tonumber(ARGV[2]), ARGV[4] - 1, ARGV[6]
local days, moved = {}, 0

local function place_of(number)
    local key = number == first and KEYS[5] or KEYS[6 + math.floor(number / 24) - ARGV[3]]
    days[key] = days[key] or fields_of(key)
    local member = format('%07.0f ', number) .. ARGV[5]
    return {key = key, fields = days[key], hour = format('%02.0f', number % 24), member = member}
end

local function total(place) return (hour_total(place.fields, place.hour)) end

-- Raises what `place` is to have by so many units.
local function raise(place, units)
    local field = place.hour .. '=lent'
    local lent = format('%.0f', (place.fields[field] or 0) + units)
    place.fields[field] = lent
    call('HSET', place.key, field, lent)
    call('ZADD', KEYS[1], 0, place.member)
end

local lender = place_of(first)

local function lend(place, units)
    if units == 0 then return end
    raise(lender, units)
    raise(place, -units)
    moved = moved + math.abs(units)
end

-- What is not sent any more cannot be lowered, nor what another item was billed.
local function may_borrow(place)
    local to = string.match(place.fields[place.hour .. '=to'] or item, '^[^@]+')
    return to == item and not place.fields[place.hour .. '=late'] and call('HEXISTS', KEYS[4], place.member) == 0
end

local others = {}
for number = math.max(first + 1, ARGV[3] * 24), last do
    local place = place_of(number)
    local lent = tonumber(place.fields[place.hour .. '=lent'] or 0)
    if lent < 0 then lend(place, -math.min(-lent, math.max(0, -total(place)))) end
    if total(place) > 0 then others[#others + 1] = place end
end
for _, place in ipairs(others) do
    local credit = -total(lender)
    if credit <= 0 then break end
    if may_borrow(place) then lend(place, math.min(credit, total(place))) end
end
return moved
