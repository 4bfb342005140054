#!lua flags=allow-oom
-- Ends a bulk replay before its end, in the partition that has all of them. ARGV: time, number, state, reason.
local now = clock()
if call('HEXISTS', tag .. ':replays', ARGV[2]) == 1 then
  call('HSETNX', tag .. ':replays:ended', ARGV[2], ARGV[3] .. '|' .. string.format('%.0f', now) .. '|' .. ARGV[4])
end
return 1
