-- No script of its own but the head of those that ask what Stripe is to have of an hour: they must all say the same.

-- A day's fields by name.
local function fields_of(day)
    local fields, flat = {}, redis.call('HGETALL', day)
    for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
    return fields
end

-- What Stripe is to have of the hour: what was used and what is late for earlier periods, less what is billed nowhere
-- or elsewhere, and with what it has lent or was waived; whether anybody ever used it; and what of it a write-off
-- lowers. That takes nothing below zero. What the same item was billed in the period before may, when usage was given
-- back since, and late usage may.
local function hour_total(fields, hour)
    local usage, late, is_used = 0, 0, false
    for field, value in pairs(fields) do
        local start = string.sub(field, 1, 3)
        if start == hour .. ':' then usage, is_used = usage + tonumber(value), true end
        if start == hour .. '^' then late, is_used = late + tonumber(value), true end
    end
    local earlier = fields[hour .. '=earlier'] or 0
    local raised = (fields[hour .. '=lent'] or 0) + (fields[hour .. '=waived'] or 0)
    -- Usage is below zero only while it is forgotten what was given back: the ledger that knows is not back yet.
    local billable = math.max(0, usage) + math.max(0, late)
    local written_off = (fields[hour .. '=dropped'] or 0) - earlier
    local kept = math.max(0, billable - written_off)
    return kept - earlier + math.min(0, late) + raised, is_used, kept
end
