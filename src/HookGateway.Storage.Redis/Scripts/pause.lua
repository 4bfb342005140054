#!lua flags=allow-oom
-- Keeps whether a destination is paused, and since when. ARGV: time, destination, 1 or 0.
local now = clock()
if ARGV[3] == '1' then
  call('HSETNX', tag .. ':paused', ARGV[2], string.format('%.0f', now))
else
  call('HDEL', tag .. ':paused', ARGV[2])
end
return 1
