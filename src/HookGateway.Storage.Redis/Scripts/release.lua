#!lua flags=allow-oom
-- include storing coalescing
-- A step without an event that came. ARGV: time, partition, store's tag, suffix, then the step. Gives the id of what went out, '' where
-- nothing was to; nothing, and nothing has changed, where the key is another by now.
local now, newest = clock()
local step = read_step(5, ARGV[4])
if not step_holds(step) then return nil end

local id = ''
if step.release then
  local n
  n, id = release(step, now, newest, ARGV[2], ARGV[3])
  if n > newest then call('HSET', meta, 'n', n, 'last', now) end
end
end_step(step)
return id
