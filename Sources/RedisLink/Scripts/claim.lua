-- The claim of a partition: who sends its owed hours to Stripe, one daemon at a time, as long as it keeps saying so.
--
-- A token is random and made for one claim, so that what a Redis that was rolled back brings up again is nobody's. A
-- claim of the same name is taken over at once: a name belongs to one live process, so its claim is of one that ended,
-- or its own, whose answer was lost. A claim that runs further ahead than any can was made before the clock stepped
-- back, and is cut.
--
-- Scripts that act for the holder are told the token and refuse any but the current one:
--     local claim = redis.call('HMGET', KEYS[n], 'token', 'until')
--     if claim[1] ~= ARGV[m] or tonumber(claim[2]) <= now then return REFUSED end
-- KEYS: 1 claim.
-- ARGV: 1 'look', 'take', 'renew' or 'release', 2 name of the caller, 3 token ('look': any), 4 for how long from now,
--       in ms.
-- Returns 1: it may be taken, is taken, renewed, released. 0: another has it; 'renew', 'release': the token is not the
-- current one.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local latest = now + ARGV[4] * 1000
local claim = redis.call('HMGET', KEYS[1], 'by', 'token', 'until')
local ends = tonumber(claim[3] or 0)
if ends > latest then
    ends = latest
    redis.call('HSET', KEYS[1], 'until', string.format('%.0f', ends))
end
if ARGV[1] == 'renew' or ARGV[1] == 'release' then
    if claim[2] ~= ARGV[3] then return 0 end
    if ARGV[1] == 'renew' then
        redis.call('HSET', KEYS[1], 'until', string.format('%.0f', latest))
    else
        redis.call('DEL', KEYS[1])
    end
    return 1
end
if ends > now and claim[1] ~= ARGV[2] then return 0 end
if ARGV[1] == 'take' then
    redis.call('HSET', KEYS[1], 'by', ARGV[2], 'token', ARGV[3], 'until', string.format('%.0f', latest))
end
return 1
