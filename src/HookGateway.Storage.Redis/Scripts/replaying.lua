-- How deliveries of an event are owed again.

-- Its disposition, how many deliveries it has and its size.
local function standing_of(text)
  local disposition, deliveries, size = string.match(text, '^(%d+)|(%d+)|(%d+)$')
  return { disposition = disposition, deliveries = tonumber(deliveries), size = size }
end

-- Asked for: to (destinations), trace, bulk or '', most (deliveries), only_dead.
-- Gives destination, ordinal and whether it was dead for each; nothing, and nothing has changed, where there would be too many.
local function owe_again(now, n, event, asked)
  local dead, to_add, added = {}, {}, event.deliveries
  for _, to in ipairs(asked.to) do to_add[to] = not asked.only_dead end
  for o = 0, event.deliveries - 1 do
    local d = read(n, o)
    if d and d.state == '3' and to_add[d.to] ~= nil then
      dead[d.to] = dead[d.to] or {}
      table.insert(dead[d.to], d)
      to_add[d.to] = false
    end
  end
  for _, add in pairs(to_add) do
    if add then added = added + 1 end
  end
  if added > asked.most then return nil end

  local function replay(d)
    d.state = tonumber(d.attempts) > 0 and 1 or 0
    d.replay = d.attempts .. ',' .. asked.bulk .. ',' .. asked.trace
    make_due(d, now)
    write(d)
    if asked.bulk ~= '' then book_bulk(n, asked.bulk, 'made') end
  end

  local given, o = {}, event.deliveries
  for _, to in ipairs(asked.to) do
    for _, d in ipairs(dead[to] or {}) do
      call('HDEL', key('blocked', to), delivery_id(n, d.o))
      book(n, 'dx:' .. to, -1)
      replay(d)
      given[#given + 1] = { to, d.o, 1 }
    end
    if to_add[to] then
      replay({ n = n, o = o, state = 0, attempts = 0, leases = 0, sequence = 0, owed = 0, to = to })
      book(n, 'do:' .. to, 1)
      given[#given + 1] = { to, o, 0 }
      o = o + 1
    end
  end
  call('HSET', key('e', n), 'p', event.disposition .. '|' .. o .. '|' .. event.size)
  return given
end
