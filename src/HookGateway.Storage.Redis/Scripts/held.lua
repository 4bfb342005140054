#!lua flags=no-writes
-- Keys that are due to have something released. ARGV: time, due by, limit, sources to leave out.
-- Gives suffixes and when each is due, when the next one will be or '', and sources and how many events each holds.
local held = tag .. ':held'
local left_out = {}
for i = 4, #ARGV do left_out[ARGV[i]] = true end

-- Some are looked at in a call: those left out belong to sources that are configured no more, or whose store is full.
local function first(from, to, limit)
  local found, skip = {}, 0
  while #found < 2 * limit and skip < 10000 do
    local page = call('ZRANGEBYSCORE', held, from, to, 'WITHSCORES', 'LIMIT', skip, 256)
    for i = 1, #page, 2 do
      local length, start = string.match(page[i], '^(%d+):()')
      if not left_out[string.sub(page[i], start, start + length - 1)] and #found < 2 * limit then
        found[#found + 1], found[#found + 2] = page[i], page[i + 1]
      end
    end
    if #page < 512 then break end
    skip = skip + 256
  end
  return found
end

local counts = {}
local all = call('HGETALL', books)
for i = 1, #all, 2 do
  local source = string.match(all[i], '^e3:(.*)$')
  if source then counts[#counts + 1], counts[#counts + 2] = source, all[i + 1] end
end
return { first('-inf', ARGV[2], tonumber(ARGV[3])), first('(' .. ARGV[2], '+inf', 1)[2] or '', counts }
