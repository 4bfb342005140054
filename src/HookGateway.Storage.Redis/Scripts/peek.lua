#!lua flags=allow-oom
-- What is due for some destinations. ARGV: time, (destination, bulk, how many at most) for each.
-- Gives the time, then for each: members and scores of what is due, and when the next one will be, or ''.
local now = clock()

-- Whoever held these has died, or they would have been renewed.
for _, id in ipairs(call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 256)) do
  local d = read(of_id(id))
  if d and d.standing == '1' then
    make_due(d, d.due)
    write(d)
  end
  call('ZREM', leases, id)
end

local found = { now }
for i = 2, #ARGV, 3 do
  local from = key(ARGV[i + 1] == '1' and 'bulk' or 'due', ARGV[i])
  found[#found + 1] = call('ZRANGEBYSCORE', from, '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[i + 2])
  found[#found + 1] = call('ZRANGEBYSCORE', from, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2] or ''
end
return found
