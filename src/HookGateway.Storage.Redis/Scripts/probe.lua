#!lua flags=allow-oom
-- Whether the partition can be written. Gives the time, and the time of the newest event.
local now = clock()
call('HSET', meta, 'probed', now)
return { now, call('HGET', meta, 'last') or 0 }
