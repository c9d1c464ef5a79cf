-- The peer a direct caller would write: a fixed period's limit, checked and counted in one step.
-- KEYS[1] counter · ARGV[1] n · ARGV[2] limit · ARGV[3] the period's length in milliseconds
-- Returns {allowed, used}. A refusal changes nothing.
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then
  return {0, used}
end
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if used == 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return {1, total}
