#!lua flags=allow-oom
-- Forgets keys of coalescing sources that are due for it, 64 a call. ARGV: time. Gives how many.
local now = clock()
local due = call('ZRANGEBYSCORE', tag .. ':forget', '-inf', string.format('%.0f', now), 'LIMIT', 0, 64)
for _, suffix in ipairs(due) do
  call('DEL', key('c', suffix))
  call('ZREM', tag .. ':forget', suffix)
end
return #due
