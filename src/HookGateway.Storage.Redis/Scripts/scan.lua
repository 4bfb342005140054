#!lua flags=no-writes
-- include chunks
-- Goes along the events, a bounded way. ARGV: time, 1 upwards or -1 downwards, the number to begin with or '', the first time of all, the time
-- before which they all are, the most events, 1 with deliveries.
-- Gives the number to go on with or '' at the end, then for each event: what never changes, standing, successor or '', whether its
-- body is there, deliveries.
local step, n, from, to, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local newest = tonumber(call('HGET', meta, 'n')) or 0
local looked, bytes = 512, 262144
local found = { '' }

local rank
if n then
  rank = rank_from(chunk_of(n))
  if step < 0 and chunk_at(rank) ~= chunk_of(n) then rank = rank - 1 end
else
  -- What was accepted at a time, or before, may be in the last chunk that began before it.
  rank = call('ZCOUNT', chunks, '-inf', '(' .. ARGV[step > 0 and 4 or 5]) - 1
  if step > 0 and rank < 0 then rank = 0 end
end

-- Gives whether there may be more.
local function look(n)
  local event = call('HMGET', key('e', n), 'm', 'p', 'y')
  if not event[1] then return true end

  local at = time_of(event[1])
  if at < from then return step > 0 end
  if at >= to then return step < 0 end

  local count = ARGV[7] == '1' and tonumber(string.match(event[2], '|(%d+)|')) or 0
  local one = { event[1], event[2], event[3] or '', call('HEXISTS', key('e', n), 'b') }
  for o = 0, count - 1 do one[#one + 1] = call('HGET', key('e', n), o) or '' end
  found[#found + 1] = one
  bytes = bytes - #event[1] - 128 * count
  return true
end

local chunk = chunk_at(rank)
while chunk do
  local first, last = first_of(chunk), math.min(first_of(chunk) + 255, newest)
  n = step > 0 and math.max(n or first, first) or math.min(n or last, last)
  while n >= first and n <= last do
    if looked == 0 or bytes <= 0 or #found > most then
      found[1] = n
      return found
    end
    if not look(n) then return found end
    looked, n = looked - 1, n + step
  end
  rank = rank + step
  chunk = chunk_at(rank)
end
return found
