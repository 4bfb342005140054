#!lua flags=allow-oom
-- Owes deliveries of an event again. ARGV: time, number, id, trace, bulk or '', the most deliveries, destinations.
-- Gives nothing where there is no such event | 3 held | 4, id of its successor | 5 without its body | 9 too many | 0, then destination, ordinal, revived.
local now = clock()
local n = tonumber(ARGV[2])
local event = key('e', n)
local known = call('HMGET', event, 'm', 'p', 'y')
if not known[1] or string.sub(known[1], 1, 16) ~= ARGV[3] then return nil end

local disposition, count, size = string.match(known[2], '^(%d+)|(%d+)|(%d+)$')
if disposition == '3' then return { 3 } end
if disposition == '4' then return { 4, known[3] } end
if call('HEXISTS', event, 'b') == 0 then return { 5 } end

local dead, to_add, added = {}, {}, tonumber(count)
for i = 7, #ARGV do to_add[ARGV[i]] = true end
for o = 0, added - 1 do
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
if added > tonumber(ARGV[6]) then return { 9 } end

local function replay(d)
  d.state = tonumber(d.attempts) > 0 and 1 or 0
  d.replay = d.attempts .. ',' .. ARGV[5] .. ',' .. ARGV[4]
  make_due(d, now)
  write(d)
end

local given, o = { 0 }, tonumber(count)
for i = 7, #ARGV do
  local to = ARGV[i]
  for _, d in ipairs(dead[to] or {}) do
    call('HDEL', key('blocked', to), delivery_id(n, d.o))
    call('HINCRBY', books, 'dx:' .. to, -1)
    replay(d)
    given[#given + 1] = { to, d.o, 1 }
  end
  if to_add[to] then
    replay({ n = n, o = o, state = 0, attempts = 0, leases = 0, sequence = 0, owed = 0, to = to })
    call('HINCRBY', books, 'do:' .. to, 1)
    given[#given + 1] = { to, o, 0 }
    o = o + 1
  end
end
call('HSET', event, 'p', disposition .. '|' .. o .. '|' .. size)
return given
