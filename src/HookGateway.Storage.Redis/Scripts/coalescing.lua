-- What happens to a key of a coalescing source in one commit. Disposition 3 is held, 4 superseded.

-- Reads the step that begins at an argument.
-- Version, the next one, state or nothing ('1' or '0', bytes, release at, forget at, count, numbers it refers to), number of the accepted event,
-- of what supersedes it, keep until, then what is released: number ('' for nothing), event ('' for the held one), body, size, source,
-- disposition, keep until, count, numbers it takes in, count, destinations.
local function read_step(at, suffix)
  local function take()
    at = at + 1
    return ARGV[at - 1]
  end
  local function take_all()
    local all = {}
    for i = 1, tonumber(take()) do all[i] = take() end
    return all
  end

  local step = { suffix = suffix, key = key('c', suffix), version = take(), next_version = take(), events = {} }
  if take() == '1' then
    step.state = { bytes = take(), release_at = take(), forget_at = take(), refers = take_all() }
  end
  step.number, step.superseded_by, step.keep_until = take(), take(), take()
  local number = take()
  if number ~= '' then
    step.release = { number = number, event = take(), body = take(), size = take(), source = take(), disposition = take(),
      keep_until = take(), takes = take_all(), to = take_all() }
  end
  return step
end

-- Whether the key is still the one that was read; reads the events that it refers to.
local function step_holds(step)
  local version = '0'
  local fields = call('HGETALL', step.key)
  for i = 1, #fields, 2 do
    if fields[i] == 'v' then version = fields[i + 1] end
    local number = string.match(fields[i], '^#(%d+)$')
    if number then step.events[number] = fields[i + 1] end
  end
  if version ~= step.version then return false end

  local release = step.release
  if release then
    if release.event == '' and not step.events[release.number] then return false end
    for _, number in ipairs(release.takes) do
      if not step.events[number] then return false end
    end
  end

  local function is_known(number)
    return step.events[number] ~= nil or step.number == number or (release ~= nil and release.number == number)
  end
  for _, number in ipairs(step.state and step.state.refers or {}) do
    if not is_known(number) then return false end
  end
  return step.superseded_by == '' or is_known(step.superseded_by)
end

local function redispose(n, disposition, count, source)
  local before, deliveries, size = string.match(call('HGET', key('e', n), 'p'), '^(%d+)|(%d+)|(%d+)$')
  call('HSET', key('e', n), 'p', disposition .. '|' .. (count or deliveries) .. '|' .. size)
  book(n, 'e' .. before .. ':' .. source, -1)
  book(n, 'e' .. disposition .. ':' .. source, 1)
end

-- What a held event owes once it is let go.
local function owe_held(now, n, out)
  for _, d in ipairs(out.owed) do
    write(d)
    enter_indexes(d, now, n)
  end
  redispose(n, out.disposition, #out.to, out.source)
end

-- Lets an event go out of what is held. Gives the newest event's number, and the id of what went out.
local function release(step, now, newest, partition, store)
  local out = step.release
  local n, id = nil, step.events[out.number]
  if out.event == '' then
    n = number_of(id)
  else
    newest = newest + 1
    n, id = newest, event_id(now, newest, partition, store)
  end

  out.owed = {}
  for i, to in ipairs(out.to) do out.owed[i] = owe(tostring(now), n, i - 1, to, out.event ~= '' and out.size, nil, true, step.suffix) end
  if out.event == '' then
    owe_held(now, n, out)
  else
    store_event(now, n, id, out.event, out.body, out.disposition, out.size, out.owed)
    book(n, 'e' .. out.disposition .. ':' .. out.source, 1)
  end

  local taken = {}
  for i, number in ipairs(out.takes) do
    taken[i] = step.events[number]
    redispose(number_of(taken[i]), '4', nil, out.source)
    call('HSET', key('e', number_of(taken[i])), 'y', id)
  end
  call('HSET', key('e', n), 'u', out.keep_until, 't', table.concat(taken))
  if #taken > 0 then call('HINCRBY', key('e', n), 'c', #taken) end
  step.events[out.number] = id
  return newest, id
end

-- Writes what the key is now. With the accepted event, where there is one.
local function end_step(step, n, id)
  if id then
    if step.number ~= '' then step.events[step.number] = id end
    if step.superseded_by ~= '' then
      local successor = key('e', number_of(step.events[step.superseded_by]))
      call('HSET', key('e', n), 'y', step.events[step.superseded_by])
      if call('EXISTS', successor) == 1 then call('HINCRBY', successor, 'c', 1) end
    end
    if step.keep_until ~= '' then call('HSET', key('e', n), 'u', step.keep_until) end
  end

  local state = step.state
  if not state then return end
  call('DEL', step.key)
  call('HSET', step.key, 'v', step.next_version, 's', state.bytes, 'r', state.release_at, 'f', state.forget_at)
  for _, number in ipairs(state.refers) do
    call('HSET', step.key, '#' .. number, step.events[number])
  end
  if state.release_at == '' then
    call('ZREM', tag .. ':held', step.suffix)
    call('ZADD', tag .. ':forget', state.forget_at, step.suffix)
  else
    call('ZADD', tag .. ':held', state.release_at, step.suffix)
    call('ZREM', tag .. ':forget', step.suffix)
  end
end
