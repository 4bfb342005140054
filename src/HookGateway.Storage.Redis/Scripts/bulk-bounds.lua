#!lua flags=no-writes
-- Which events a bulk replay looks at. ARGV: time, from or '', until or ''. Gives the numbers of the first and of the last one.
local known = call('HMGET', meta, 'n', 'low')
local newest, lowest = tonumber(known[1]) or 0, tonumber(known[2]) or 1

-- The first event that was accepted at a time or later: in the last chunk that begins before it, or at the next one.
local function first_at(time)
  local chunks = tag .. ':chunks'
  local chunk = call('ZREVRANGEBYSCORE', chunks, '(' .. time, '-inf', 'LIMIT', 0, 1)[1]
  if chunk then
    for n = math.max(chunk * 256 + 1, lowest), math.min(chunk * 256 + 256, newest) do
      local event = call('HGET', key('e', n), 'm')
      if event and struct.unpack('>I6', event) >= tonumber(time) then return n end
    end
  end
  local after = call('ZRANGEBYSCORE', chunks, time, '+inf', 'LIMIT', 0, 1)[1]
  return after and math.max(after * 256 + 1, lowest) or newest + 1
end

local first = ARGV[2] == '' and lowest or first_at(ARGV[2])
local last = ARGV[3] == '' and newest or math.min(newest, first_at(ARGV[3]) - 1)
return { first, math.max(first - 1, last) }
