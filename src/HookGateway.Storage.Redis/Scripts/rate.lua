#!lua flags=allow-oom
-- Takes tokens out of a destination's bucket. ARGV: time, destination, us between tokens, how many it holds on top of one, how many at most.
-- Gives how many, and where there is none how many us until the next. The bucket is written as the time at which it will be full.
local now = clock() * 1000
local bucket, interval, saved = key('rate', ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

-- Never further ahead than empty: it may have been filled more slowly before.
local full = math.min(math.max(tonumber(call('GET', bucket)) or 0, now), now + (saved + 1) * interval)
local there = math.floor((now - full) / interval) + saved + 1
if there < 1 then return { 0, full - saved * interval - now } end

-- A full one need not be kept; a minute longer it is, for it ends by another clock.
local taken = math.min(there, tonumber(ARGV[5]))
full = full + taken * interval
call('SET', bucket, string.format('%.0f', full), 'PX', string.format('%.0f', math.ceil((full - now) / 1000) + 60000))
return { taken, 0 }
