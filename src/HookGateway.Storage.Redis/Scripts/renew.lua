#!lua flags=allow-oom
-- Keeps what is leased. ARGV: time, lease in ms, (number, ordinal, lease) for each. Gives how many were still held.
local now = clock()
local ends, held = now + tonumber(ARGV[2]), 0
for i = 3, #ARGV, 3 do
  local n, o = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local d = read(n, o)
  if d and d.standing == '1' and d.leases == ARGV[i + 2] then
    call('ZADD', leases, ends, delivery_id(n, o))
    held = held + 1
  end
end
return held
