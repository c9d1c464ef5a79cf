-- Keeps an event of Stripe's until it is applied: once, however often it comes.
--
-- KEYS: 1 the events, 2 the sign that this event was seen.
-- ARGV: 1 how many events may wait, 2 for how long an event is known, in ms, then field and value of the event, in
--       turn.
-- Returns 'stored', 'known', or 'full': nothing was written, and it is to be sent again.
--
-- What is known is made to last anew: that is a write too, so whoever waits until his writes are in the append-only
-- file waits for the first one as well, of which he may have had no answer.
if redis.call('PEXPIRE', KEYS[2], ARGV[2]) == 1 then return 'known' end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 'full' end
local fields = {}
for i = 3, #ARGV do fields[#fields + 1] = ARGV[i] end
local place = redis.call('XADD', KEYS[1], '*', unpack(fields))
redis.call('SET', KEYS[2], place, 'PX', ARGV[2])
return 'stored'
