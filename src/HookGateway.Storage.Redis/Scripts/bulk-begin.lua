#!lua flags=allow-oom
-- Keeps a bulk replay, in the partition that has all of them. ARGV: time, what was asked for. Gives its number.
local now = clock()
local id = call('HINCRBY', meta, 'replays', 1)
call('HSET', tag .. ':replays', id, string.format('%.0f', now) .. '|' .. ARGV[2])
return id
