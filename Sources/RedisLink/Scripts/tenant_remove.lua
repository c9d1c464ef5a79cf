-- Removes a tenant record and its levels, and tells the audit stream what it was. Usage stays until its lifetime ends.
--
-- A tenant with hours that Stripe does not have, owed ones and dead letters, is kept unless forced: without its record
-- nobody could tell Stripe whose usage it was.
-- KEYS: 1 tenant record, 2 index of tenants, 3 owed hours, 4 version of all records together, 5 audit stream,
--       6 tenants with grants, 7 dead letters, 8 Stripe's customers, each with its tenant, 9 draft invoices, then the
--       tenant's levels.
-- ARGV: 1 tenant, 2 force (1 or 0), 3 new version of all records together, which nobody has used before,
--       4 how long audit entries are kept (ms), 5 to 10 the entry: action, actor, reason, before, after, from;
--       what was there is for this script to say, so before and after are not used.
-- Published on a channel of the name of KEYS[4]: the tenant.
-- Returns {removed, hours}: removed 1 or 0, and how many hours Stripe does not have (dropped, when forced).
local owed, dead = {}, {}
local cursor = '0'
repeat
    -- No character of a tenant id or a meter name means anything in a pattern.
    local page = redis.call('ZSCAN', KEYS[3], cursor, 'MATCH', '* * ' .. ARGV[1], 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do owed[#owed + 1] = page[2][i] end
until cursor == '0'
repeat
    local page = redis.call('HSCAN', KEYS[7], cursor, 'MATCH', '* * ' .. ARGV[1], 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do dead[#dead + 1] = page[2][i] end
until cursor == '0'
local hours = #owed + #dead
if hours > 0 and ARGV[2] ~= '1' then return {0, hours} end
local fields = redis.call('HGETALL', KEYS[1])
if #fields > 0 or hours > 0 then
    local before = {}
    for i = 1, #fields, 2 do
        if fields[i] ~= 'v' then before[fields[i]] = fields[i + 1] end
    end
    local is_there = #fields > 0
    local after = hours > 0 and cjson.encode({dropped_hours = hours}) or ''
    -- First: where it cannot be told who did it, nothing is done.
    local oldest = string.format('%.0f', math.max(0, redis.call('TIME')[1] * 1000 - ARGV[4]))
    redis.call('XADD', KEYS[5], 'MINID', '~', oldest, '*', 'tenant', ARGV[1], 'action', ARGV[5], 'actor', ARGV[6],
        'reason', ARGV[7], 'before', is_there and cjson.encode(before) or '', 'after', after, 'from', ARGV[10])
end
for _, member in ipairs(owed) do redis.call('ZREM', KEYS[3], member) end
for _, member in ipairs(dead) do redis.call('HDEL', KEYS[7], member) end
local customer = redis.call('HGET', KEYS[1], 'customer')
if customer then redis.call('ZREM', KEYS[8], customer .. ' ' .. ARGV[1]) end
redis.call('HDEL', KEYS[9], ARGV[1], ARGV[1] .. '=read')
local removed = redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('SET', KEYS[4], ARGV[3])
-- It only hastens: what was written stands, also for a user without the right to publish.
redis.pcall('PUBLISH', KEYS[4], ARGV[1])
for i = 10, #KEYS do redis.call('DEL', KEYS[i]) end
return {removed, hours}
