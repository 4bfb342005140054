-- What all scripts share. KEYS[1] is the partition's hash tag, ARGV[1] the time in tests, else empty.
-- Which keys there are, and what is always so: docs/decisions/0010-redis.md.
-- What is called with a number has it printed with 17 digits: on paths that every event takes numbers are texts.
local call = redis.call
local tag = KEYS[1]
local meta, leases, books = tag .. ':meta', tag .. ':leases', tag .. ':books'

local function key(kind, name)
  return tag .. ':' .. kind .. ':' .. name
end

-- How far an audit has come that is under way, and the newest event when it began.
local audited, audit_end

-- The server's clock, but never going back (decision 5), and the newest event's number. Before anything is counted.
local function clock()
  local at = tonumber(ARGV[1])
  if not at then
    local time = call('TIME')
    at = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  local known = call('HMGET', meta, 'last', 'ahead', 'n', 'audited', 'audit_end')
  audited, audit_end = tonumber(known[4]), tonumber(known[5])
  local last, ahead = tonumber(known[1]) or 0, tonumber(known[2]) or 0
  if at + ahead < last then
    ahead = last - at
    call('HSET', meta, 'ahead', ahead)
  end
  return at + ahead, tonumber(known[3]) or 0
end

-- What changes of events that an audit does not come to any more, it learns from here.
local function tell_audit(n, what, by)
  if audited and (n <= audited or n > audit_end) then call('HINCRBY', tag .. ':audit', what, by) end
end

-- What the epilogue writes, all at once: counts in the books; leases that began, when they end and of what; and those that ended.
local booked, leases_begun, leases_ended = {}, {}, {}

-- Counts something of an event in the books.
local function book(n, what, by)
  booked[what] = (booked[what] or 0) + by
  tell_audit(n, what, by)
end

-- Counts what a bulk replay made, and what came of it.
local function book_bulk(n, bulk, what)
  call('HINCRBY', key('replay', bulk), what, 1)
  tell_audit(n, 'bulk:' .. bulk, what == 'made' and 1 or -1)
end

local function delivery_id(n, o)
  return string.format('%011x%03x', n, o)
end

local function of_id(id)
  return tonumber(string.sub(id, 1, 11), 16), tonumber(string.sub(id, 12, 14), 16)
end

local function number_of(id)
  local high, low = struct.unpack('>I2I6', string.sub(id, 9))
  return high % 16 * 281474976710656 + low
end

local function parse(n, o, text)
  if not text then return nil end
  local d = { n = n, o = o }
  d.state, d.attempts, d.leases, d.standing, d.due, d.sequence, d.owed, d.replay, d.to =
    string.match(text, '^(%d)|(%d+)|(%d+)|(%d)|(%d+)|(%d+)|(%d)|([^|]*)|(.*)$')
  return d
end

local function read(n, o)
  return parse(n, o, call('HGET', key('e', n), o))
end

-- As a gateway remembers it: not where its event was lost (a crash, a failover) and the number was given to another one since.
local function read_of(id, o)
  local n = number_of(id)
  local event = key('e', n)
  local known = call('HMGET', event, 'm', o)
  if not known[1] or string.sub(known[1], 1, 16) ~= id then return nil end
  local d = parse(n, o, known[2])
  if d then d.event = event end
  return d
end

local function text_of(d)
  return table.concat({ d.state, d.attempts, d.leases, d.standing, d.due, d.sequence, d.owed, d.replay, d.to }, '|')
end

-- With another field of its event, where there is one.
local function write(d, field, value)
  local text, event = text_of(d), d.event or key('e', d.n)
  if field then
    call('HSET', event, d.o, text, field, value)
  else
    call('HSET', event, d.o, text)
  end
  return text
end

local function order(to, suffix)
  return key('o', #to .. ':' .. to .. ':' .. suffix)
end

-- Bulk replays have an index of their own, so that neither stands in the other's way.
local function index(d)
  return key(string.find(d.replay, '^%d+,%d') and 'bulk' or 'due', d.to)
end

local function due_member(d)
  local size = d.size or string.match(call('HGET', key('e', d.n), 'p'), '(%d+)$')
  return delivery_id(d.n, d.o) .. string.format('%x', size)
end

local function mark_owed(d)
  if tonumber(d.owed) == 0 then
    call('ZADD', key('owed', d.to), d.n, delivery_id(d.n, d.o))
    d.owed = 1
  end
end

local function make_due(d, at)
  d.standing, d.due = 0, at
  call('ZADD', index(d), at, due_member(d))
  mark_owed(d)
end

local function bulk_number(d)
  return string.match(d.replay, '^%d+,(%d+)')
end
