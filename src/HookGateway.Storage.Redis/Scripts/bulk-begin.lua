#!lua flags=allow-oom
-- Keeps a bulk replay, in the partition that has all of them. ARGV: time, what was asked for, the highest number that any partition
-- has seen: this one may have lost what others kept. Gives its number.
local now = clock()
local id = math.max(tonumber(call('HGET', meta, 'replays')) or 0, tonumber(ARGV[3])) + 1
call('HSET', meta, 'replays', id)
call('HSET', tag .. ':replays', id, string.format('%.0f', now) .. '|' .. ARGV[2])
return id
