#!lua flags=allow-oom
-- include ending
-- Lets go what waits behind dead deliveries to a destination. ARGV: time, destination. Gives 1 where there may be more.
local now = clock()
local blocked = key('blocked', ARGV[2])
local page = call('HSCAN', blocked, 0, 'COUNT', 256)[2]
for i = 1, #page, 2 do
  local d = read(of_id(page[i]))
  if d and d.state == '3' then
    leave_order(d, now, page[i + 1])
    write(d)
  end
  call('HDEL', blocked, page[i])
end
return #page > 0 and 1 or 0
