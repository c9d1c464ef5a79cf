-- Lays out a Redis at its first use: states what every tollgate on it must agree on, and begins the partitions' lives.
--
-- A Redis that never held anything has nothing to learn, so its lives begin learned: the first sidecar of all decides
-- at once. That must be one run with writing the facts, or a Redis that lost its memory right behind it would look new.
-- A caller whose ledger knows of earlier usage knows better: this Redis lost it, and every partition has to learn.
-- Once there are facts this changes nothing. Not for a cluster, where each partition would need a run of its own.
--
-- KEYS: 1 the facts, then every partition's life.
-- ARGV: 1 number of partitions, 2 name of their hash, 3 run id of this Redis, 4 whether lives are made (1 or 0).
-- Returns the facts as they stand: {partitions, hash}.
local call = redis.call
if call('EXISTS', KEYS[1]) == 0 then
    call('HSET', KEYS[1], 'partitions', ARGV[1], 'hash', ARGV[2])
    local time = call('TIME')
    local now = string.format('%.0f', time[1] * 1000000 + time[2])
    for i = 2, ARGV[4] == '1' and #KEYS or 1 do
        -- A life that is there was begun by a sync, and stays what it is. sync.lua states the fields.
        if call('HSETNX', KEYS[i], 'run', ARGV[3]) == 1 then
            call('HSET', KEYS[i], 'born', now, 'until', 0, 'quiet', 0, 'at', now)
        end
    end
end
return call('HMGET', KEYS[1], 'partitions', 'hash')
