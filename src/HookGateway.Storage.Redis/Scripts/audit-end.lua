#!lua flags=allow-oom
-- Ends an audit of the partition. ARGV: time, who audits, bulk replays that something of was found, or that are known.
-- Gives the books, what changed of events after the audit had come to them, and a bulk replay's number and what is pending of it for
-- each; nothing where another audit took over.
local audit = tag .. ':audit'
if call('HGET', audit, 'by') ~= ARGV[2] then return nil end

call('HDEL', audit, 'by', 'at')
local changed, replays, pending = call('HGETALL', audit), {}, {}
for i = 3, #ARGV do replays[ARGV[i]] = true end
for i = 1, #changed, 2 do
  local bulk = string.match(changed[i], '^bulk:(%d+)$')
  if bulk then replays[bulk] = true end
end
for bulk, _ in pairs(replays) do
  local counts = call('HMGET', key('replay', bulk), 'made', 'delivered', 'dead')
  pending[#pending + 1] = bulk
  pending[#pending + 1] = (tonumber(counts[1]) or 0) - (tonumber(counts[2]) or 0) - (tonumber(counts[3]) or 0)
end

call('HDEL', meta, 'audited', 'audit_end')
call('DEL', audit)
return { call('HGETALL', books), changed, pending }
