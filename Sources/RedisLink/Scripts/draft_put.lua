-- Keeps what is known of a tenant's invoice of the period that ended last. Whoever read it at Stripe later is right,
-- and an invoice of an earlier period takes no later one's place.
--
-- KEYS: 1 the drafts of the partition.
-- ARGV: 1 tenant, 2 invoice, 3 end of the period that it bills (Unix s; '' for that of the same invoice, if it is
--       kept),
--       4 when it is finalised, or was at the latest (Unix s), 5 1 if it is no draft any more, else 0,
--       6 when it began to be read (us of Redis's clock).
-- Returns 1, or 0 when nothing was changed.
local read_at = ARGV[1] .. '=read'
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local invoice, period_end, at = string.match(kept or '', '^(%S+) (%d+) (%d+)$')
local ends, finalised = ARGV[3], ARGV[4]
if invoice == ARGV[2] then
    if tonumber(redis.call('HGET', KEYS[1], read_at) or 0) > tonumber(ARGV[6]) then return 0 end
    if ends == '' then ends = period_end end
    if ARGV[5] == '1' and tonumber(at) < tonumber(finalised) then finalised = at end
elseif ends == '' or (invoice and tonumber(period_end) > tonumber(ends)) then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ends .. ' ' .. finalised, read_at, ARGV[6])
return 1
