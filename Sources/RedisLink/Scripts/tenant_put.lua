-- Writes a tenant record whole, under a version nobody has used before, and who did it to the audit stream.
--
-- KEYS: 1 tenant record, 2 index of tenants, 3 strangers, 4 version of all records together, 5 audit stream,
--       6 tenants with grants: a record's field `grants_due` says when (Unix seconds) it is to be looked at,
--       7 Stripe's customers, each with its tenant: `CUSTOMER TENANT`.
-- ARGV: 1 version the caller read ('' for no record, * to overwrite whatever is there), 2 new version, 3 tenant,
--       4 how long audit entries are kept (ms), 5 to 10 the entry: action, actor, reason, before, after, from,
--       then field and value, in turn.
-- Published on a channel of the name of KEYS[4]: the tenant.
-- Returns 1, or 0 when the record is another by now: nothing was written.
local version = redis.call('HGET', KEYS[1], 'v') or ''
if ARGV[1] ~= '*' and version ~= ARGV[1] then return 0 end
-- First: where it cannot be told who did it, nothing is done.
local oldest = string.format('%.0f', math.max(0, redis.call('TIME')[1] * 1000 - ARGV[4]))
redis.call('XADD', KEYS[5], 'MINID', '~', oldest, '*', 'tenant', ARGV[3], 'action', ARGV[5], 'actor', ARGV[6],
    'reason', ARGV[7], 'before', ARGV[8], 'after', ARGV[9], 'from', ARGV[10])
local customer = redis.call('HGET', KEYS[1], 'customer')
if customer then redis.call('ZREM', KEYS[7], customer .. ' ' .. ARGV[3]) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', ARGV[2])
for i = 11, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
customer = redis.call('HGET', KEYS[1], 'customer')
if customer then redis.call('ZADD', KEYS[7], 0, customer .. ' ' .. ARGV[3]) end
local due = redis.call('HGET', KEYS[1], 'grants_due')
if due then redis.call('ZADD', KEYS[6], due, ARGV[3]) else redis.call('ZREM', KEYS[6], ARGV[3]) end
redis.call('ZADD', KEYS[2], 0, ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[3])
redis.call('SET', KEYS[4], ARGV[2])
-- It only hastens: what was written stands, also for a user without the right to publish.
redis.pcall('PUBLISH', KEYS[4], ARGV[3])
return 1
