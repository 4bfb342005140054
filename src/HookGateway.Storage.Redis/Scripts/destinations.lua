#!lua flags=allow-oom
-- What gateways tell one another of destinations. ARGV: time, holder, for how many ms its word counts at least,
-- (destination, ms until it is tried) of each breaker that is open there. Gives the names of the paused, then name and ms of what is open elsewhere.
local now = clock()
local breakers = tag .. ':breakers'
local open, elsewhere = {}, {}
for i = 4, #ARGV, 2 do open[ARGV[i]] = tonumber(ARGV[i + 1]) end

local known = call('HGETALL', breakers)
for i = 1, #known, 2 do
  local name = known[i]
  local tried, lapses, holder = string.match(known[i + 1], '^(%d+)|(%d+)|(.*)$')
  if holder ~= ARGV[2] and tonumber(lapses) > now then
    elsewhere[#elsewhere + 1] = name
    elsewhere[#elsewhere + 1] = math.max(0, tried - now)
    open[name] = nil
  elseif not open[name] then
    call('HDEL', breakers, name)
  end
end
for name, ms in pairs(open) do
  call('HSET', breakers, name, string.format('%.0f|%.0f|%s', now + ms, now + math.max(ms, tonumber(ARGV[3])), ARGV[2]))
end
return { call('HKEYS', tag .. ':paused'), elsewhere }
