#!lua flags=allow-oom
-- Takes the lead or keeps it. ARGV: time, name, holder, for how many ms. Gives 1 where the holder leads.
local leader = key('lead', ARGV[2])
local holder = call('GET', leader)
if holder and holder ~= ARGV[3] then return 0 end
call('SET', leader, ARGV[3], 'PX', ARGV[4])
return 1
