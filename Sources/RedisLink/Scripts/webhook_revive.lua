-- Lets an event that was given up be applied again.
--
-- KEYS: 1 the events, 2 those that were given up.
-- ARGV: 1 Stripe's id of the event, 2 how many events may wait.
-- Returns 'revived', 'unknown', or 'full': too many wait.
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+')) do
    local fields, again = entry[2], {}
    local id
    for i = 1, #fields, 2 do
        if fields[i] == 'id' then id = fields[i + 1] end
        if fields[i] ~= 'attempts' and fields[i] ~= 'why' and fields[i] ~= 'came' then
            again[#again + 1] = fields[i]
            again[#again + 1] = fields[i + 1]
        end
    end
    if id == ARGV[1] then
        if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 'full' end
        redis.call('XADD', KEYS[1], '*', unpack(again))
        redis.call('XDEL', KEYS[2], entry[1])
        return 'revived'
    end
end
return 'unknown'
