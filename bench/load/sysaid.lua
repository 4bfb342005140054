-- wrk script: posts events as SysAid does, each with an id of its own and a correct HMAC-SHA256 signature.
--
-- Environment, all set by bench/load/run:
--   LOAD_BODY     file with the body: @NAME@ where the four digits of the event's name go, @ID@, later, where its id goes
--   LOAD_SECRET   the key
--   LOAD_HEADER   the signature's header
--   LOAD_NAMES    how many event names are used in turn (default 1)
--   LOAD_REPEATS  how many of 100 requests repeat an id of this thread (default 0)
--   LOAD_FORGED   how many of 100 requests have a wrong signature (default 0)
--   LOAD_CLOSE    1: every request on a connection of its own
--
-- What a SHA-256 has seen before the name is the same for all requests: it is hashed once, and its state copied for each.
-- The result is one line of JSON on standard output, the last that begins with {"load".

local ffi = require("ffi")
local bit = require("bit")

ffi.cdef [[
  typedef struct { uint64_t space[14]; } sha_state; /* libcrypto's SHA256_CTX has 112 bytes */
  int SHA256_Init(sha_state *state);
  int SHA256_Update(sha_state *state, const void *bytes, size_t length);
  int SHA256_Final(uint8_t *digest, sha_state *state);
]]

local BLOCK, DIGEST, ID_LENGTH, NAME_DIGITS = 64, 32, 24, 4

local function crypto_library()
  for _, name in ipairs({ "libcrypto.so.3", "libcrypto.so.1.1" }) do
    local found, library = pcall(ffi.load, name)
    if found then return library end
  end
  error("no libcrypto.so.3 or libcrypto.so.1.1")
end

local crypto = crypto_library()
local names = tonumber(os.getenv("LOAD_NAMES") or "1")
local repeats = tonumber(os.getenv("LOAD_REPEATS") or "0")
local forged = tonumber(os.getenv("LOAD_FORGED") or "0")
local counts_answers = repeats > 0 or forged > 0

-- Before the threads begin: a number for each, and what makes this run's ids unlike those of any other.

local threads = {}

function setup(thread)
  local random = assert(io.open("/dev/urandom", "rb"))
  thread:set("run", (random:read(6):gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
  thread:set("seed", #threads)
  random:close()
  table.insert(threads, thread)
end

-- In each thread.

accepted, duplicate, refused, failed = 0, 0, 0, 0

local message, length, name_at, id_at, signature_at
local inner, outer, work = ffi.new("sha_state[1]"), ffi.new("sha_state[1]"), ffi.new("sha_state[1]")
local digest = ffi.new("uint8_t[?]", DIGEST)
local hex = ffi.new("uint8_t[512]")
local sent = 0

local function keyed_state(state, key, with)
  local block = ffi.new("uint8_t[?]", BLOCK)
  ffi.copy(block, key, #key)
  for i = 0, BLOCK - 1 do block[i] = bit.bxor(block[i], with) end
  crypto.SHA256_Init(state)
  crypto.SHA256_Update(state, block, BLOCK)
end

local function read_body()
  local file = assert(io.open(assert(os.getenv("LOAD_BODY"), "LOAD_BODY is not set"), "rb"))
  local text = file:read("*a")
  file:close()
  local first, middle, last = text:match("^(.*)@NAME@(.*)@ID@(.*)$")
  assert(first, "the body needs @NAME@ and, later, @ID@")
  return first, middle, last
end

function init()
  math.randomseed(seed + 1)
  for i = 0, 255 do
    local pair = ("%02x"):format(i)
    hex[2 * i], hex[2 * i + 1] = pair:byte(1, 2)
  end

  local first, middle, last = read_body()
  local body = first .. ("0"):rep(NAME_DIGITS) .. middle .. run .. ("0"):rep(ID_LENGTH - #run) .. last
  local head = ("POST %s HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s%s: ")
    :format(wrk.path, wrk.host, wrk.port, #body, os.getenv("LOAD_CLOSE") == "1" and "Connection: close\r\n" or "",
      os.getenv("LOAD_HEADER"))
  local whole = head .. ("0"):rep(2 * DIGEST) .. "\r\n\r\n" .. body
  length = #whole
  message = ffi.new("uint8_t[?]", length)
  ffi.copy(message, whole, length)
  signature_at = #head
  name_at = length - #body + #first
  id_at = name_at + NAME_DIGITS + #middle + #run

  local secret = assert(os.getenv("LOAD_SECRET"), "LOAD_SECRET is not set")
  assert(#secret <= BLOCK, "LOAD_SECRET is longer than 64 bytes")
  keyed_state(inner, secret, 0x36)
  keyed_state(outer, secret, 0x5c)
  crypto.SHA256_Update(inner, first, #first)
end

local function sign()
  ffi.copy(work, inner, ffi.sizeof("sha_state"))
  crypto.SHA256_Update(work, message + name_at, length - name_at)
  crypto.SHA256_Final(digest, work)
  ffi.copy(work, outer, ffi.sizeof("sha_state"))
  crypto.SHA256_Update(work, digest, DIGEST)
  crypto.SHA256_Final(digest, work)
end

function request()
  local number = sent
  if repeats > 0 and sent > 0 and math.random(100) <= repeats then
    number = math.random(sent) - 1
  else
    sent = sent + 1
  end

  -- The fast digits first: ids that follow each other lie far apart, as a sender's do.
  ffi.copy(message + id_at, ("%012x"):format(number):reverse(), ID_LENGTH - 12)
  if names > 1 then ffi.copy(message + name_at, ("%04d"):format(number % names), NAME_DIGITS) end
  sign()
  if forged > 0 and math.random(100) <= forged then digest[0] = bit.bxor(digest[0], 1) end
  for i = 0, DIGEST - 1 do
    message[signature_at + 2 * i] = hex[2 * digest[i]]
    message[signature_at + 2 * i + 1] = hex[2 * digest[i] + 1]
  end

  return ffi.string(message, length)
end

-- Looking at each answer costs the load something: only where they differ.
if counts_answers then
  function response(status)
    if status == 202 then accepted = accepted + 1
    elseif status == 200 then duplicate = duplicate + 1
    elseif status == 401 then refused = refused + 1
    else failed = failed + 1 end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local counts = { accepted = summary.requests - errors.status, duplicate = 0, refused = 0, failed = errors.status }
  if counts_answers then
    for name in pairs(counts) do
      counts[name] = 0
      for _, thread in ipairs(threads) do counts[name] = counts[name] + thread:get(name) end
    end
  end

  io.write(('{"load":"sysaid","seconds":%.6f,"requests":%d,"accepted":%d,"duplicate":%d,"refused":%d,"failed":%d,' ..
    '"unanswered":%d,"p50":%.3f,"p99":%.3f,"p999":%.3f,"longest":%.3f}\n'):format(
    summary.duration / 1e6, summary.requests, counts.accepted, counts.duplicate, counts.refused, counts.failed,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, latency.max / 1e3))
end
