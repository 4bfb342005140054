#!lua flags=allow-oom
-- include chunks
-- Begins an audit of the partition. ARGV: time, who audits, after how many ms another that does not go on is given up.
-- Gives the numbers of the first and the last event; nothing where another audit is under way.
local now, newest = clock()
local audit = tag .. ':audit'
local other = call('HMGET', audit, 'by', 'at')
if other[1] and other[1] ~= ARGV[2] and now - tonumber(other[2]) < tonumber(ARGV[3]) then return nil end

call('DEL', audit)
call('HSET', audit, 'by', ARGV[2], 'at', string.format('%.0f', now))
call('HSET', meta, 'audited', 0, 'audit_end', newest)
return { first_of(chunk_at(0) or 0), newest }
