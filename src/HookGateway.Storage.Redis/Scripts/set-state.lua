#!lua
-- Replaces a named state that is still the one that was read. ARGV: time, name, version, value. Gives the new version, or nothing.
local state = key('s', ARGV[2])
if (call('HGET', state, 'v') or '0') ~= ARGV[3] then return nil end
local version = call('HINCRBY', meta, 'v', 1)
call('HSET', state, 'v', version, 's', ARGV[4])
return version
