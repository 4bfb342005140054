#!lua flags=allow-oom
-- include chunks ended
-- Drops bodies of events that need them no more, in one chunk that is due for it. ARGV: time, how long bodies are kept in ms, the number to go on
-- with and when to look again as the call before gave them, or '' twice; sources whose bodies stay.
-- Gives how many were dropped, and the two for the next call; an empty list where no chunk is due.
local now, newest = clock()
local limit, n, again = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) or math.huge
local index = tag .. ':bodies'
local dropped, left = 0, 1024
local stays = {}
for i = 5, #ARGV do stays[ARGV[i]] = true end

local chunk
if n then
  chunk = chunk_of(n)
else
  local name = call('ZRANGEBYSCORE', index, '-inf', '(' .. string.format('%.0f', now - limit), 'LIMIT', 0, 1)[1]
  if not name then return {} end
  chunk = tonumber(name)
end

-- Of a chunk that stays a while the last numbers are still to come. Scores are when a chunk was young: the limit can change.
local began = call('ZSCORE', chunks, chunk_name(chunk))
local first, last = first_of(chunk), first_of(chunk) + 255
if newest < last then
  last, again = newest, math.min(again, now)
end

n = n or first
while n <= last do
  if dropped == 64 or left <= 0 then return { dropped, n, again < math.huge and string.format('%.0f', again) or '' } end
  local event = call('HEXISTS', key('e', n), 'b') == 1 and read_event(n)
  if event and now - event.at <= limit then
    -- So is all that follows.
    again = math.min(again, event.at)
    break
  end
  if event and not stays[event.source] then
    left = left - event.count
    if event.disposition == '4' or (event.ended == 2 and #event.deliveries > 0) then
      call('HDEL', key('e', n), 'b')
      dropped = dropped + 1
    else
      -- It may end later. It is looked at again when the chunk is a quarter older.
      again = math.min(again, now + math.ceil((now - (tonumber(began) or now)) / 4) - limit)
    end
  end
  n = n + 1
end

if again < math.huge and began then
  call('ZADD', index, string.format('%.0f', math.max(again, now - limit)), chunk_name(chunk))
else
  call('ZREM', index, chunk_name(chunk))
end
return { dropped, '', '' }
