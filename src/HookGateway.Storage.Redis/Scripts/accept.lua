#!lua
-- include storing coalescing
-- Stores events, each with its mark and its deliveries. Checks everything of an event first; the mark is its last write.
-- ARGV: time, lease in ms, partition, store's tag, then for each event how many arguments follow: mark, nonce, window in ms, event, body,
-- size, source, disposition, suffix, number of deliveries, (destination, lease, ordered) for each, and the step of its key where its
-- source coalesces.
-- Gives for each 0, id, ordinals that are leased, released id or '' | 1, id of the first | 2: the key has changed.
local now, newest = clock()
local now_text, lease_ends, partition, store = tostring(now), tostring(now + ARGV[2]), ARGV[3], ARGV[4]
local numbered = newest

-- Gives the numbers to what may be stored before any of it is: where a later part fails, the next script must not give them again.
local function take_numbers()
  local at = 5
  while at < #ARGV do
    local behind, owed = at + 1 + ARGV[at], at + 11
    numbered = numbered + (owed + 3 * ARGV[at + 10] < behind and 2 or 1)
    at = behind
  end
  call('HSET', meta, 'n', tostring(numbered), 'last', now_text)
end

-- Whether a mark is of an earlier event that is still remembered: its id begins with when it was accepted, and its window is the mark's end.
local function is_remembered(known)
  return known and struct.unpack('>I6', known) + struct.unpack('>I5', known, 24) > now
end

local function leased_before(n, count)
  local ordinals = {}
  for o = 0, count - 1 do
    local d = read(n, o)
    if d and d.state == '0' and d.standing == '1' and d.leases == '1' and d.owed == '0' then
      ordinals[#ordinals + 1] = o
    end
  end
  return ordinals
end

-- Accepts what is told from one argument on, before another.
local function accept(at, behind)
  local mark, nonce, window, source = key('m', ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 6]
  local disposition, suffix, count = ARGV[at + 7], ARGV[at + 8], tonumber(ARGV[at + 9])
  local known = call('GET', mark)
  if is_remembered(known) then
    local id = string.sub(known, 1, 16)
    if string.sub(known, 17, 23) ~= nonce then return { 1, id } end

    -- Asked again by who stored it, for the answer was lost.
    local n = number_of(id)
    return { 0, id, leased_before(n, count), call('HGET', key('e', n), 'r') or '' }
  end

  local owed = at + 10
  local step = owed + 3 * count < behind and read_step(owed + 3 * count, suffix)
  if step and not step_holds(step) then return { 2 } end

  local released = ''
  if step and step.release then
    newest, released = release(step, now, newest, partition, store)
  end

  newest = newest + 1
  local n = newest
  local id = event_id(now, n, partition, store)
  local owes, leased, size = {}, {}, ARGV[at + 5]
  for o = 0, count - 1 do
    local to = owed + 3 * o
    local d = owe(now_text, n, o, ARGV[to], size, ARGV[to + 1] == '1' and lease_ends, ARGV[to + 2] == '1', suffix)
    owes[o + 1] = d
    if d.lease_ends then leased[#leased + 1] = o end
  end
  store_event(now, n, id, ARGV[at + 3], ARGV[at + 4], disposition, size, owes)
  book(n, 'e' .. disposition .. ':' .. source, 1)

  if step then
    end_step(step, n, id)
    if released ~= '' then call('HSET', key('e', n), 'r', released) end
  end

  call('SET', mark, id .. nonce .. struct.pack('>I5', window), 'PX', window)
  return { 0, id, leased, released }
end

local function accept_all()
  local results, at = {}, 5
  while at < #ARGV do
    local behind = at + 1 + tonumber(ARGV[at])
    results[#results + 1] = accept(at + 1, behind)
    at = behind
  end
  if newest < numbered then call('HSET', meta, 'n', tostring(newest)) end
  return results
end

take_numbers()
local is_done, results = pcall(accept_all)
if not is_done then
  -- Numbers that were taken stay taken, and one that begins a chunk may be among them.
  begin_chunk(now, numbered)
  error(results)
end
return results
