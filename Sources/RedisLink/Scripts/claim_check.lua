-- No script of its own but the head of those that move what is owed from hour to hour.

-- Whether the partition is the caller's, and has learned all that holders know.
local function may_settle(claim_key, life_key, token)
    local time = redis.call('TIME')
    local claim = redis.call('HMGET', claim_key, 'token', 'until')
    if claim[1] ~= token or tonumber(claim[2]) <= time[1] * 1000000 + time[2] then return false end
    local life = redis.call('HMGET', life_key, 'until', 'run')
    if tonumber(life[1] or 0) > 0 then return false end
    return not life[2] or life[2] == string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end
