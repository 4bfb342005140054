-- What retention asks of an event.

-- The source's name, as EventFormat writes it behind the id, version, times, origin and trace, how the body lies and its length.
local function source_of(event)
  local at = 52
  local function number()
    local value, scale = 0, 1
    while true do
      at = at + 1
      local byte = string.byte(event, at)
      value = value + byte % 128 * scale
      if byte < 128 then return value end
      scale = scale * 128
    end
  end
  number()
  local length = number()
  return string.sub(event, at + 1, at + length)
end

-- Nil where there is no such event. Ended is 2 where all its deliveries were made or it has none, 3 where one is dead, and 9 where something
-- is owed, blocks others or is held.
local function read_event(n)
  local fields = call('HMGET', key('e', n), 'm', 'p', 'y', 'u', 'c')
  if not fields[1] then return nil end
  local event = { n = n, at = time_of(fields[1]), source = source_of(fields[1]), successor = fields[3], deliveries = {}, ended = 2 }
  event.disposition, event.count = string.match(fields[2], '^(%d+)|(%d+)|')
  event.keep_until, event.pointed_to = tonumber(fields[4]) or 0, tonumber(fields[5]) or 0
  if event.disposition == '3' then event.ended = 9 end
  for o = 0, tonumber(event.count) - 1 do
    local d = read(n, o)
    event.deliveries[o + 1] = d
    if not d or d.state < '2' or (d.state == '3' and tonumber(d.sequence) > 0) then
      event.ended = 9
    elseif d.state == '3' then
      event.ended = math.max(event.ended, 3)
    end
  end
  return event
end
