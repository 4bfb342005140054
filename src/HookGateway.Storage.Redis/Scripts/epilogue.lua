-- What every script ends with, also where a later part of it failed.
local is_done, given = pcall(main)
for what, by in pairs(booked) do
  if by ~= 0 then call('HINCRBY', books, what, by) end
end
for i = 1, #leases_begun, 1000 do call('ZADD', leases, unpack(leases_begun, i, math.min(i + 999, #leases_begun))) end
for i = 1, #leases_ended, 1000 do call('ZREM', leases, unpack(leases_ended, i, math.min(i + 999, #leases_ended))) end
if not is_done then error(given) end
return given
