-- How a delivery ends, and the next of its order begins.

-- Gives 1 where the next one is due now. It must have left the order.
local function free_next(now, to, suffix)
  local id = call('ZRANGE', order(to, suffix), 0, 0)[1]
  if not id then return 0 end
  local d = read(of_id(id))
  if not d or d.standing ~= '2' then return 0 end
  make_due(d, now)
  write(d)
  return 1
end

local function leave_order(d, now, suffix)
  call('ZREM', order(d.to, suffix), delivery_id(d.n, d.o))
  d.sequence = 0
  return free_next(now, d.to, suffix)
end

-- Ends it as delivered (2) or dead (3), and gives 1 where the next one is due now.
local function finish(d, state, now, blocks, suffix)
  d.state, d.standing, d.due = state, '0', '0'
  local id = delivery_id(d.n, d.o)
  if tonumber(d.owed) == 1 then
    call('ZREM', key('owed', d.to), id)
    d.owed = 0
  end

  book(d.n, (state == '2' and 'dd:' or 'dx:') .. d.to, 1)
  local bulk = bulk_number(d)
  if bulk then book_bulk(d.n, bulk, state == '2' and 'delivered' or 'dead') end
  if tonumber(d.sequence) == 0 then return 0 end

  if state == '3' and blocks then
    call('HSET', key('blocked', d.to), id, suffix)
    return 0
  end
  return leave_order(d, now, suffix)
end
