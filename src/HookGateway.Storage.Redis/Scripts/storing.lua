-- How an event and what it owes are stored.

local function event_id(now, n, partition, store)
  return struct.pack('>I6I2I2I6', now, 0x7000 + store, 0x8000 + partition * 16 + math.floor(n / 281474976710656), n % 281474976710656)
end

-- A delivery that is owed from the beginning: leased until a time, where there is one. An ordered one that is not the first of its key waits.
local function owe(now_text, n, o, to, size, lease_ends, ordered, suffix)
  local d = { n = n, o = o, state = '0', attempts = '0', leases = '0', standing = '0', due = now_text, sequence = '0', owed = '0', replay = '', to = to,
    size = size, id = delivery_id(n, o) }
  if ordered and suffix ~= '' then
    d.order, d.sequence = order(to, suffix), n
    if call('EXISTS', d.order) == 1 then
      d.standing, d.owed = '2', '1'
      return d
    end
  end
  if lease_ends then
    d.standing, d.leases, d.lease_ends = '1', '1', lease_ends
  else
    d.owed = '1'
  end
  return d
end

local function enter_indexes(d, now, n)
  if d.order then call('ZADD', d.order, n, d.id) end
  if d.lease_ends then
    leases_begun[#leases_begun + 1], leases_begun[#leases_begun + 2] = d.lease_ends, d.id
  else
    if d.standing == '0' then call('ZADD', index(d), now, due_member(d)) end
    call('ZADD', key('owed', d.to), n, d.id)
  end
  book(d.n, 'do:' .. d.to, 1)
end

local function begin_chunk(now, n)
  local chunk = string.format('%012d', math.floor((n - 1) / 256))
  call('ZADD', tag .. ':chunks', 'NX', now, chunk)
  call('ZADD', tag .. ':bodies', 'NX', now, chunk)
end

-- The event with its deliveries first: an entry that nothing is behind would hold up an order.
local function store_event(now, n, id, event, body, disposition, size, owed)
  local key_of, fields = key('e', n), { 'm', id .. event, 'b', body, 'p', disposition .. '|' .. #owed .. '|' .. size }
  for o, d in ipairs(owed) do
    if #fields > 1000 then
      call('HSET', key_of, unpack(fields))
      fields = {}
    end
    fields[#fields + 1], fields[#fields + 2] = tostring(o - 1), text_of(d)
  end
  call('HSET', key_of, unpack(fields))
  for _, d in ipairs(owed) do enter_indexes(d, now, n) end
  if n % 256 == 1 then begin_chunk(now, n) end
end
