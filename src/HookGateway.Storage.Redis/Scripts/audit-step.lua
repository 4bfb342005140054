#!lua flags=allow-oom
-- include storing
-- Counts what is there of some events, and holds it against the indexes. ARGV: time, who audits, numbers of the first and of the last one.
-- Gives the number of the last one that was looked at, then what was found and how many of it; nothing where another audit took over.
local now = clock()
local audit = tag .. ':audit'
if call('HGET', audit, 'by') ~= ARGV[2] then return nil end

-- So many deliveries are looked at in a call, and those of its last event.
local most = 512
local found, looked_at = {}, 0
local function add(what, by)
  found[what] = (found[what] or 0) + (by or 1)
end

-- The source of an event, and the suffix of its key or '': from what never changes of it (Format/EventFormat.cs).
local function about(m)
  local at = 53
  local function byte()
    at = at + 1
    return string.byte(m, at - 1) or 0
  end
  local function number()
    local value, scale, part = 0, 1, nil
    repeat
      part = byte()
      value, scale = value + part % 128 * scale, scale * 128
    until part < 128
    return value
  end
  local function text()
    local length = number()
    at = at + length
    return string.sub(m, at - length, at - 1)
  end
  local function optional()
    return byte() == 1 and text() or nil
  end

  number()
  local source = text()
  text()
  optional()
  local name = optional()
  return source, name and #source .. ':' .. source .. ':' .. name or ''
end

-- Whether the first of an order lets those behind it go once it has ended.
local function lets_go(to, suffix)
  local id = call('ZRANGE', order(to, suffix), 0, 0)[1]
  local d = id and read(of_id(id))
  if not d or d.state == '2' then return false end
  return d.state < '2' and d.standing ~= '2' or call('HEXISTS', key('blocked', to), id) == 1
end

-- Whether nobody will attempt an owed delivery.
local function is_forgotten(d, suffix)
  local id, waits = delivery_id(d.n, d.o), d.standing == '2'
  if d.sequence ~= '0' or waits then
    local place = call('ZRANK', order(d.to, suffix), id)
    if not place or (place > 0) ~= waits then return true end
  end
  if waits then return not lets_go(d.to, suffix) end
  if d.standing == '1' then return not call('ZSCORE', leases, id) end
  return tonumber(call('ZSCORE', index(d), due_member(d)) or -1) ~= tonumber(d.due)
end

local function look_at_delivery(d, suffix)
  if d.state > '1' then
    add((d.state == '2' and 'dd:' or 'dx:') .. d.to)
    return
  end

  add('dw:' .. d.to)
  if is_forgotten(d, suffix) then add('forgotten') end
  local bulk = bulk_number(d)
  if bulk then add('bulk:' .. bulk) end
end

local function will_go_out(id, suffix)
  local coalesced = key('c', suffix)
  local at = call('HGET', coalesced, 'r')
  if not at or at == '' or not call('ZSCORE', tag .. ':held', suffix) then return false end

  local fields = call('HGETALL', coalesced)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 1) == '#' and fields[i + 1] == id then return true end
  end
  return false
end

local function went_out(id)
  local known = id and call('HMGET', key('e', number_of(id)), 'm', 'p')
  return known and known[1] and string.sub(known[1], 1, 16) == id and string.sub(known[2] or '3', 1, 1) < '3'
end

local function look_at(n)
  local event = key('e', n)
  local known = call('HMGET', event, 'm', 'p', 'y')
  local disposition, deliveries = string.match(known[2] or '', '^(%d)|(%d+)|%d+$')
  if not known[1] or not disposition then
    add('orphans', call('HLEN', event))
    return
  end

  local source, suffix = about(known[1])
  local id, whole = string.sub(known[1], 1, 16), call('HEXISTS', event, deliveries) == 0
  add('e' .. disposition .. ':' .. source)
  if disposition == '3' and not will_go_out(id, suffix) then add('held') end
  if disposition == '4' and not went_out(known[3]) then add('lost') end
  for o = 0, deliveries - 1 do
    local d = read(n, o)
    if d and d.state then look_at_delivery(d, suffix) else whole = false end
  end
  if not whole then add('uneven') end
  looked_at = looked_at + deliveries
end

local n, last = tonumber(ARGV[3]) - 1, tonumber(ARGV[4])
while n < last and looked_at < most do
  n = n + 1
  look_at(n)
end

call('HSET', audit, 'at', string.format('%.0f', now))
call('HSET', meta, 'audited', n)
local given = { n }
for what, by in pairs(found) do
  given[#given + 1] = what
  given[#given + 1] = by
end
return given
