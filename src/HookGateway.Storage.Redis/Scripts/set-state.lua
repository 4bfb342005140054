#!lua
-- Replaces a named state that is still the one that was read. ARGV: time, name, version, value, the new version. Gives it, or nothing.
local state = key('s', ARGV[2])
if (call('HGET', state, 'v') or '0') ~= ARGV[3] then return nil end
call('HSET', state, 'v', ARGV[5], 's', ARGV[4])
return ARGV[5]
