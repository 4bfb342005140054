#!lua flags=no-writes
-- include chunks
-- Which events a bulk replay looks at. ARGV: time, from or '', until or ''. Gives the numbers of the first and of the last one,
-- and that of the newest bulk replay which came here.
local newest, lowest = tonumber(call('HGET', meta, 'n')) or 0, first_of(chunk_at(0) or 0)

-- The first event that was accepted at a time or later: in the last chunk that begins before it, or at the next one.
local function first_at(time)
  local chunk = call('ZREVRANGEBYSCORE', chunks, '(' .. time, '-inf', 'LIMIT', 0, 1)[1]
  if chunk then
    local first = first_of(tonumber(chunk))
    for n = first, math.min(first + 255, newest) do
      local event = call('HGET', key('e', n), 'm')
      if event and time_of(event) >= tonumber(time) then return n end
    end
  end
  local after = call('ZRANGEBYSCORE', chunks, time, '+inf', 'LIMIT', 0, 1)[1]
  return after and first_of(tonumber(after)) or newest + 1
end

local first = ARGV[2] == '' and lowest or first_at(ARGV[2])
local last = ARGV[3] == '' and newest or math.min(newest, first_at(ARGV[3]) - 1)
return { first, math.max(first - 1, last), tonumber(call('HGET', meta, 'stepped')) or 0 }
