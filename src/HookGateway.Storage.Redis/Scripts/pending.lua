#!lua flags=no-writes
-- What destinations are owed. Gives for each: name, owed, delivered, dead, purged, blocked, the oldest owed event or ''.
local counts = {}
local all = call('HGETALL', books)
for i = 1, #all, 2 do
  local kind, to = string.match(all[i], '^d(%l):(.*)$')
  if kind then
    local count = counts[to] or {}
    count[kind] = all[i + 1]
    counts[to] = count
  end
end

local found = {}
for to, count in pairs(counts) do
  local oldest = call('ZRANGE', key('owed', to), 0, 0)[1]
  local event = oldest and call('HGET', key('e', of_id(oldest)), 'm') or ''
  found[#found + 1] = { to, count.o or 0, count.d or 0, count.x or 0, count.p or 0, call('HLEN', key('blocked', to)), event }
end
return found
