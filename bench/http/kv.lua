-- wrk script used for every peer, so that the load generator costs the same for all.
-- wrk ... -s kv.lua BASE_URL -- SCHEME OP KEYS VALUE_BYTES [PREFIX]
--   SCHEME  webdis | etcd | infinispan, or the path before the key, such as /kv/
--   OP      get | put | mix (90 % get, 10 % put) | load (put every key once, then stop)
-- HEADER, from the environment, is an additional header for schemes with a path. With "X-Any: 1", for example, requests
-- do not take the fast path.
-- Keys are 16 bytes long: PREFIX (4 characters) and 12 digits, drawn uniformly.

local format, random = string.format, math.random
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("seed", os.time() + threads * 7919)
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local part = ""
    for shift = 18, 0, -6 do
      local index = math.floor(n / 2 ^ shift) % 64
      part = part .. ALPHABET:sub(index + 1, index + 1)
    end
    if not b then part = part:sub(1, 2) .. "==" elseif not c then part = part:sub(1, 3) .. "=" end
    out[#out + 1] = part
  end
  return table.concat(out)
end

-- For each scheme the text before and after the key, for a get and for a put.
local header = os.getenv("HEADER")
header = header and header .. "\r\n" or ""

local function rest(path)
  return function(host, value)
    local end_of_head = " HTTP/1.1\r\nHost: " .. host .. "\r\n" .. header
    return "GET " .. path, end_of_head .. "\r\n",
           "PUT " .. path, end_of_head .. "Content-Type: application/octet-stream\r\n" ..
           "Content-Length: " .. #value .. "\r\n\r\n" .. value
  end
end

local schemes = {
  infinispan = rest("/rest/v2/caches/kv/"),
  webdis = function(host, value)
    local end_of_head = " HTTP/1.1\r\nHost: " .. host .. "\r\n"
    return "GET /GET/", ".txt" .. end_of_head .. "\r\n",
           "PUT /SET/", end_of_head .. "Content-Length: " .. #value .. "\r\n\r\n" .. value
  end,
  etcd = function(host, value)
    local function post(path, body_head, body_tail)
      local length = #body_head + 24 + #body_tail -- base64 of 16 bytes is 24 bytes
      return "POST " .. path .. " HTTP/1.1\r\nHost: " .. host ..
             "\r\nContent-Type: application/json\r\nContent-Length: " .. length ..
             "\r\n\r\n" .. body_head, body_tail
    end
    local get_head, get_tail = post("/v3/kv/range", '{"key":"', '"}')
    local put_head, put_tail = post("/v3/kv/put", '{"key":"', '","value":"' .. base64(value) .. '"}')
    return get_head, get_tail, put_head, put_tail
  end,
}

local get_head, get_tail, put_head, put_tail
local op, keys, prefix, encoded
local sent, answered = 0, 0

local function key(n)
  if not encoded then return prefix .. format("%012d", n) end
  local k = encoded[n]
  if not k then
    k = base64(prefix .. format("%012d", n))
    encoded[n] = k
  end
  return k
end

function init(args)
  math.randomseed(seed)
  local scheme, value
  scheme, op, keys = args[1], args[2], tonumber(args[3])
  value = string.rep("v", tonumber(args[4]))
  prefix = args[5] or "key:"
  encoded = scheme == "etcd" and {} or nil
  if encoded then for n = 0, math.min(keys, 200000) - 1 do key(n) end end
  local host = wrk.host .. ":" .. wrk.port
  get_head, get_tail, put_head, put_tail =
    (schemes[scheme] or rest(scheme))(host, value)
  if op == "load" then
    response = function(status)
      if status < 300 then answered = answered + 1 end
      -- A few more than all, so that the last ones in flight are certainly stored. wrk itself would sleep until the end
      -- of its duration, so exit the process.
      if answered >= keys + 512 then os.exit(0) end
    end
  end
end

function request()
  if op == "load" then
    local n = sent % keys
    sent = sent + 1
    return put_head .. key(n) .. put_tail
  end
  local k = key(random(0, keys - 1))
  if op == "put" or (op == "mix" and random(10) == 1) then
    return put_head .. k .. put_tail
  end
  return get_head .. k .. get_tail
end

-- One line: requests seconds p50_us p99_us errors
function done(summary, latency)
  local e = summary.errors
  print(format("RESULT %d %.3f %.0f %.0f %d", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
