#!lua
-- include replaying
-- Makes deliveries and moves a bulk replay on in its partition. ARGV: time, bulk replay, where it begins, where it ends, from, next,
-- time of the last event looked at, state of events that are wanted or '', only dead ones, the most deliveries of an event, and of a step;
-- then number, id, trace, count and destinations of each event. Changes nothing where the replay stands elsewhere.
local now = clock()
local bulk, ends = ARGV[2], tonumber(ARGV[4])
local place = key('replay', bulk)
local known = call('HMGET', place, 'cursor', 'stopped')
local cursor = tonumber(known[1]) or tonumber(ARGV[3])
if known[2] or cursor ~= tonumber(ARGV[5]) then return 0 end

-- As Store/EventStanding says.
local function state_of(n, event)
  if event.disposition == '3' then return '1' end
  if event.disposition == '4' then return '7' end
  local seen = {}
  for o = 0, event.deliveries - 1 do
    local d = read(n, o)
    if d then seen[d.state] = true end
  end
  if seen['3'] then return '6' end
  if seen['1'] then return '5' end
  if seen['0'] then return '0' end
  if event.deliveries > 0 then return '4' end
  return event.disposition == '1' and '2' or event.disposition == '2' and '3' or '4'
end

-- Retention may have deleted it since, and another replay changed its state.
local matched, skipped, made = 0, 0, 0
local function look_at(n, id, asked)
  local found = call('HMGET', key('e', n), 'm', 'p')
  if not found[1] or string.sub(found[1], 1, 16) ~= id then return end

  local event = standing_of(found[2])
  if ARGV[8] ~= '' and ARGV[8] ~= state_of(n, event) then return end

  matched = matched + 1
  local can = event.disposition < '3' and call('HEXISTS', key('e', n), 'b') == 1
  local given = can and owe_again(now, n, event, asked) or {}
  made = made + #given
  if #given == 0 then skipped = skipped + 1 end
end

local next, next_time, at = tonumber(ARGV[6]), ARGV[7], 12
while at <= #ARGV do
  if made >= tonumber(ARGV[11]) then
    next, next_time = cursor, nil
    break
  end

  local to = {}
  for i = 1, tonumber(ARGV[at + 3]) do to[i] = ARGV[at + 3 + i] end
  cursor = tonumber(ARGV[at])
  look_at(cursor, ARGV[at + 1], {
    to = to, trace = ARGV[at + 2], bulk = bulk, most = tonumber(ARGV[10]), only_dead = ARGV[9] == '1' })
  at = at + 4 + #to
end

if tonumber(bulk) > (tonumber(call('HGET', meta, 'stepped')) or 0) then call('HSET', meta, 'stepped', bulk) end
call('HINCRBY', place, 'matched', matched)
call('HINCRBY', place, 'skipped', skipped)
if next_time then call('HSET', place, 'time', next_time) end
if next >= ends then call('HSET', place, 'ended', string.format('%.0f', now)) end
call('HSET', place, 'cursor', next)
return 1
