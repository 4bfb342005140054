#!lua flags=allow-oom
-- Keeps whether a destination is paused, and since when. ARGV: time, destination, 1 or 0.
-- One that changes nothing writes as well: replicas say what they have of a connection's writes.
local now = clock()
call('HSET', meta, 'probed', now)
if ARGV[3] == '1' then
  call('HSETNX', tag .. ':paused', ARGV[2], string.format('%.0f', now))
else
  call('HDEL', tag .. ':paused', ARGV[2])
end
return 1
