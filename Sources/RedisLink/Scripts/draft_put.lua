-- Keeps what is known of a tenant's invoice of the period that ended last. Whoever read it at Stripe later is right,
-- and an invoice of an earlier period takes no later one's place. But what closed a period's books, also because
-- nothing was known of its invoice, keeps them closed: its usage goes elsewhere from then on.
--
-- KEYS: 1 the drafts of the partition.
-- ARGV: 1 tenant, 2 invoice, 3 end of the period that it bills (Unix s; '' for that of the same invoice, if it is
--       kept),
--       4 when it is finalised, or was at the latest (Unix s), 5 1 if it is no draft any more, else 0,
--       6 when it began to be read (us of Redis's clock), 7 the present (Unix s), 8 how long before an invoice is
--       finalised its books close, 9 how long after its period one is finalised of which nothing is known (s).
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
-- Of the same period: its end may be told to the second or to the hour.
local known = ends + ARGV[9]
if invoice and math.abs(period_end - ends) < 3600 then known = tonumber(at) end
local is_closed = tonumber(ARGV[7]) >= math.max(tonumber(ends), known - ARGV[8])
if is_closed and known < tonumber(finalised) then finalised = string.format('%.0f', known) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ends .. ' ' .. finalised, read_at, ARGV[6])
return 1
