#!lua flags=allow-oom
-- Keeps what is leased. ARGV: time, lease in ms, (event's id, ordinal, lease) for each. Gives how many were still held.
local now = clock()
local ends, held = now + tonumber(ARGV[2]), 0
for i = 3, #ARGV, 3 do
  local d = read_of(ARGV[i], tonumber(ARGV[i + 1]))
  if d and d.standing == '1' and d.leases == ARGV[i + 2] then
    call('ZADD', leases, ends, delivery_id(d.n, d.o))
    held = held + 1
  end
end
return held
