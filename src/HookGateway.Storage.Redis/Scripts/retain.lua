#!lua flags=allow-oom
-- include chunks storing ended
-- Deletes what is old, in one chunk. ARGV: time, the number to begin with, how long delivered events are kept in ms, how long dead ones.
-- Gives how many were deleted, and the number to go on with, or '' where all that follows is young enough to stay.
local now, newest = clock()
local n, delivered, dead = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local removed, left = 0, 1024

local function remove(event)
  call('UNLINK', key('e', event.n))
  book(event.n, 'e' .. event.disposition .. ':' .. event.source, -1)
  book(event.n, 'ep:' .. event.source, 1)
  for _, d in ipairs(event.deliveries) do
    book(event.n, (d.state == '2' and 'dd:' or 'dx:') .. d.to, -1)
    book(event.n, 'dp:' .. d.to, 1)
  end
  local successor = event.successor and key('e', number_of(event.successor))
  if successor and call('EXISTS', successor) == 1 then call('HINCRBY', successor, 'c', -1) end
  removed = removed + 1
end

local chunk = chunk_at(rank_from(chunk_of(n)))
if not chunk then return { 0, '' } end

local first, last = first_of(chunk), math.min(first_of(chunk) + 255, newest)
n = math.max(n, first)
while n <= last do
  if removed == 64 or left <= 0 then return { removed, n } end
  local event = read_event(n)
  if event then
    local age = now - event.at
    if age <= math.min(delivered, dead) then return { removed, '' } end

    left = left - event.count
    local keep = event.ended == 2 and delivered or event.ended == 3 and dead or math.huge
    if age > keep and event.pointed_to == 0 and event.keep_until <= now then remove(event) end
  end
  n = n + 1
end

-- The newest chunk stays: other events may come into it.
if last == newest then return { removed, '' } end
for kept = first, last do
  if call('EXISTS', key('e', kept)) == 1 then return { removed, n } end
end
call('ZREM', chunks, chunk_name(chunk))
call('ZREM', tag .. ':bodies', chunk_name(chunk))
return { removed, n }
