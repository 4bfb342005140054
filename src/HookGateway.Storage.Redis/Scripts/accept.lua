#!lua
-- include storing coalescing
-- Stores an event, its mark and its deliveries. Checks everything first; the mark is the last write.
-- ARGV: time, lease in ms, mark, nonce, window in ms, partition, store's tag, event, body, size, source, disposition, suffix,
-- number of deliveries, (destination, lease, ordered) for each, then the step of its key where its source coalesces.
-- Gives 0, id, ordinals that are leased, released id or '' | 1, id of the first | 2: the key has changed.
local now, newest = clock()
local lease, mark, nonce, window = tonumber(ARGV[2]), key('m', ARGV[3]), ARGV[4], tonumber(ARGV[5])
local count, suffix = tonumber(ARGV[14]), ARGV[13]

local function leased_before(n)
  local ordinals = {}
  for o = 0, count - 1 do
    local d = read(n, o)
    if d and d.state == '0' and d.standing == '1' and d.leases == '1' then
      ordinals[#ordinals + 1] = o
    end
  end
  return ordinals
end

local known = call('GET', mark)
if known and tonumber(string.sub(known, 25)) > now then
  local id = string.sub(known, 1, 16)
  if string.sub(known, 17, 24) ~= nonce then return { 1, id } end

  -- Asked again by who stored it, for the answer was lost.
  local n = number_of(id)
  return { 0, id, leased_before(n), call('HGET', key('e', n), 'r') or '' }
end

local step = read_step(15 + 3 * count, suffix)
if step and not step_holds(step) then return { 2 } end

local released = ''
local n = newest
if step and step.release then
  n, released = release(step, now, n, ARGV[6], ARGV[7])
end

n = n + 1
local id = event_id(now, n, ARGV[6], ARGV[7])
call('HSET', meta, 'n', n, 'last', now)
store_event(now, n, id, ARGV[8], ARGV[9], ARGV[10], ARGV[12], count)
call('HINCRBY', books, 'e' .. ARGV[12] .. ':' .. ARGV[11], 1)
local leased = {}
for o = 0, count - 1 do
  local at = 15 + 3 * o
  if owe(now, n, o, ARGV[at], ARGV[at + 1] == '1' and now + lease, ARGV[at + 2] == '1', suffix) then
    leased[#leased + 1] = o
  end
end

if step then
  end_step(step, n, id)
  if released ~= '' then call('HSET', key('e', n), 'r', released) end
end

call('SET', mark, id .. nonce .. string.format('%.0f', now + window), 'PX', window)
return { 0, id, leased, released }
