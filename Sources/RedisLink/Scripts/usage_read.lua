-- How a tenant's counters, and what it has in flight, stand. Reads only.
--
-- KEYS: usages of one partition, at least one.
-- Returns one array a key: what was used, what is leased and not spent, the holders' rows and the calls that wait, in
-- order. A row is: the holder, the totals granted, returned and spent, what is reserved and until when, when the lease
-- ends, and when the holder said so by its own clock. A call that waits is: its holder, its need and its deadline.
-- Instants are microseconds; numbers are text, with %.0f, since a reply has no doubles.
local unpack, format = struct.unpack, string.format

local function number(value) return format('%.0f', tonumber(value or 0)) end

local usages = {}
for i = 1, #KEYS do
    local used, held, rows, waiting = '0', '0', {}, {}
    local flat = redis.call('HGETALL', KEYS[i])
    for j = 1, #flat, 2 do
        local name, value = flat[j], flat[j + 1]
        if name == 'used' then
            used = number(value)
        elseif name == 'held' then
            held = number(value)
        elseif name == 'waiting' then
            local position = 1
            while position <= #value do
                local deadline, need, holder
                deadline, need, holder, position = unpack('<ddBc0', value, position)
                waiting[#waiting + 1] = {holder, number(need), number(deadline)}
            end
        elseif string.byte(name) == 58 then
            local row = {name:sub(2), unpack('<ddddddd', value)}
            for k = 2, 8 do row[k] = number(row[k]) end
            -- Behind the numbers stands where the next would begin.
            row[9] = nil
            rows[#rows + 1] = row
        end
    end
    usages[i] = {used, held, rows, waiting}
end
return usages
