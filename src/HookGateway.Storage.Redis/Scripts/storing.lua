-- How an event and what it owes are stored.

local function event_id(now, n, partition, store)
  return struct.pack('>I6I2I2I6', now, 0x7000 + store, 0x8000 + partition * 16 + math.floor(n / 281474976710656), n % 281474976710656)
end

local function store_event(now, n, id, event, body, size, disposition, count)
  call('HSET', key('e', n), 'm', id .. event, 'b', body, 'p', disposition .. '|' .. count .. '|' .. size)
  if n % 256 == 1 then
    local chunk = string.format('%012d', math.floor(n / 256))
    call('ZADD', tag .. ':chunks', now, chunk)
    call('ZADD', tag .. ':bodies', now, chunk)
  end
end

-- Gives whether it is leased. An ordered one that is not the first of its key waits.
local function owe(now, n, o, to, lease_ends, ordered, suffix)
  local d = { n = n, o = o, state = 0, attempts = 0, leases = 0, standing = 0, due = now, sequence = 0, owed = 0, replay = '', to = to }
  local waits = false
  if ordered and suffix ~= '' then
    local group = order(to, suffix)
    waits = call('EXISTS', group) == 1
    call('ZADD', group, n, delivery_id(n, o))
    d.sequence = n
  end
  if waits then
    d.standing = 2
    mark_owed(d)
  elseif lease_ends then
    d.standing, d.leases = 1, 1
    call('ZADD', leases, lease_ends, delivery_id(n, o))
  else
    make_due(d, now)
  end
  write(d)
  book(n, 'do:' .. to, 1)
  return d.standing == 1
end
