-- The chunks: every 256 numbers of which one event at least is there, or was a moment ago.
local chunks = tag .. ':chunks'

local function chunk_of(n)
  return math.floor((n - 1) / 256)
end

local function first_of(chunk)
  return chunk * 256 + 1
end

local function chunk_name(chunk)
  return string.format('%012d', chunk)
end

-- The chunk of a rank; nil where there is none.
local function chunk_at(rank)
  if rank < 0 then return nil end
  local name = call('ZRANGE', chunks, rank, rank)[1]
  return name and tonumber(name)
end

-- The rank of the first chunk that is not before one: chunks lie in the order of their numbers.
local function rank_from(chunk)
  local low, high = 0, call('ZCARD', chunks)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if chunk_at(middle) < chunk then low = middle + 1 else high = middle end
  end
  return low
end

-- When an event was accepted, as its id tells.
local function time_of(id)
  return struct.unpack('>I6', id)
end
