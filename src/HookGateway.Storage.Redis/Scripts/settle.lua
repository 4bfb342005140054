#!lua flags=allow-oom
-- include ending
-- What came of deliveries. ARGV: time, (event's id, ordinal, lease, state, wait in ms, blocks, attempt or '', suffix) for each.
-- Gives for each whether the next of its order became due.
local now = clock()

local function settle(d, lease, state, wait, blocks, attempt, suffix)
  -- Ended is final. Of those who lost their lease only one who delivered is listened to.
  if d.state > '1' then return 0 end
  local held = d.standing == '1' and d.leases == lease
  if not held and state ~= '2' then return 0 end

  if d.standing == '0' then call('ZREM', index(d), due_member(d)) end
  if d.standing == '1' then leases_ended[#leases_ended + 1] = delivery_id(d.n, d.o) end
  local field
  if attempt ~= '' then
    d.attempts = d.attempts + 1
    field = d.o .. '.' .. d.attempts
  end

  local freed = 0
  if state > '1' then
    freed = finish(d, state, now, blocks == '1', suffix)
  else
    d.state = tonumber(d.attempts) > 0 and 1 or 0
    make_due(d, now + wait)
  end
  write(d, field, attempt)
  return freed
end

local freed = {}
for i = 2, #ARGV, 8 do
  local d = read_of(ARGV[i], ARGV[i + 1])
  freed[#freed + 1] = d and settle(d, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7]) or 0
end
return freed
