#!lua flags=allow-oom
-- include replaying
-- Owes deliveries of an event again. ARGV: time, number, id, trace, the most deliveries, destinations.
-- Gives nothing where there is no such event | 3 held | 4, id of its successor | 5 without its body | 9 too many | 0, then destination, ordinal, revived.
local now = clock()
local n = tonumber(ARGV[2])
local known = call('HMGET', key('e', n), 'm', 'p', 'y')
if not known[1] or string.sub(known[1], 1, 16) ~= ARGV[3] then return nil end

local event = standing_of(known[2])
if event.disposition == '3' then return { 3 } end
if event.disposition == '4' then return { 4, known[3] } end
if call('HEXISTS', key('e', n), 'b') == 0 then return { 5 } end

local asked = { to = {}, trace = ARGV[4], bulk = '', most = tonumber(ARGV[5]), only_dead = false }
for i = 6, #ARGV do asked.to[i - 5] = ARGV[i] end
local given = owe_again(now, n, event, asked)
if not given then return { 9 } end
table.insert(given, 1, 0)
return given
