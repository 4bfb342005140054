#!lua flags=allow-oom
-- Leases what is due, the longest due first. ARGV: time, lease in ms, (destination, bulk, count, bytes) for each.
-- Gives for each what was leased: number, ordinal, delivery, event, body.
local now = clock()
local ends = now + tonumber(ARGV[2])
local given = {}
for i = 3, #ARGV, 4 do
  local from = key(ARGV[i + 1] == '1' and 'bulk' or 'due', ARGV[i])
  local left, taken = tonumber(ARGV[i + 3]), {}
  for _, member in ipairs(call('ZRANGEBYSCORE', from, '-inf', now, 'LIMIT', 0, ARGV[i + 2])) do
    left = left - tonumber(string.sub(member, 15), 16)
    if left < 0 then break end

    local n, o = of_id(member)
    local d = read(n, o)
    call('ZREM', from, member)
    if d and d.standing == '0' then
      d.standing, d.leases = 1, d.leases + 1
      call('ZADD', leases, ends, delivery_id(n, o))
      local event = call('HMGET', key('e', n), 'm', 'b')
      taken[#taken + 1] = { n, o, write(d), event[1], event[2] }
    end
  end
  given[#given + 1] = taken
end
return given
