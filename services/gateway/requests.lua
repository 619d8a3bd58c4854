-- Refuses what the transcoder would take in silence: JSON fields that do not
-- exist (it drops them), the same field twice (the last one wins), and query
-- fields that belong in the path or the body (they win over both).
--
-- `api` is written before this file, derived from the protos: `api.paths`, a tree
-- of path segments with a rule per HTTP method at its ends, and `api.messages`,
-- the fields of every message. What is not in it is refused, so a path that this
-- file reads differently from the transcoder is not found, never unchecked.
--
-- A body is read piece by piece as it passes, and never kept. By then headers have
-- gone on to the token check, so nobody without a token has a body read, and no
-- answer can be given from here: the piece is spoiled instead, the transcoder
-- refuses it, and the reply is made of the metadata that is set here.

local find, byte, sub, match = string.find, string.byte, string.sub, string.match

-- Deeper than any message of ours.
local MAX_DEPTH = 32
-- Longer than any field's name.
local MAX_NAME = 128
-- More than any path of ours has.
local MAX_SEGMENTS = 12
-- No JSON goes on after this, whatever came before it.
local SPOILED = '""!'
local METADATA = "demeter.request"
-- The message of calls without a body. The transcoder would read one all the same.
local NOTHING = ""

local QUOTE, COMMA, COLON = byte('"'), byte(","), byte(":")
local OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST = byte("{"), byte("}"), byte("["), byte("]")

-- A value of which everything is allowed: google.protobuf.Struct and the like.
local FREE = {}
FREE.each = FREE

-- === Paths ===

local function segments_of(path)
  if find(path, "//", 1, true) then return nil end
  local segments = {}
  for segment in string.gmatch(path, "[^/]+") do
    if #segments == MAX_SEGMENTS then return nil end
    segments[#segments + 1] = segment
  end
  return segments
end

local function rule_of(node, segments, index, method)
  if index > #segments then return node.methods and node.methods[method] end
  local exact = node.literal and node.literal[segments[index]]
  local rule = exact and rule_of(exact, segments, index + 1, method)
  if rule then return rule end
  return node.any and rule_of(node.any, segments, index + 1, method)
end

-- What may be shown and logged of a name that a caller made up.
local function shown(name)
  return (string.gsub(sub(name, 1, MAX_NAME), "[^\32-\126]", "?"))
end

-- The first query field that may not be there, and why.
local function wrong_query(rule, query)
  local seen = {}
  for piece in string.gmatch(query, "[^&]+") do
    local name = match(piece, "^[^=]*")
    local field = rule.query[name]
    if not field then
      if rule.bound[name] then return shown(name), "is part of the path, and may not be in the query" end
      if rule.body and rule.body ~= NOTHING then return shown(name), "may not be in the query: this call takes its fields from the body" end
      return shown(name), "is not a field of this call"
    end
    if seen[field.name] and not field.list then return field.name, "is there twice" end
    seen[field.name] = true
  end
end

-- === Bodies ===

local Scan = {}
Scan.__index = Scan

-- A body that is a JSON object of this message. `bound` names what the path says.
local function new_scan(message, bound)
  return setmetatable({
    bound = bound,
    expect = "value",   -- value, item, key, first_key, colon, comma, end
    pending = {of = message},
    depth = 0,
    frames = {},
    rest = "",          -- a key that was cut off
    in_string = false,  -- in a value that is a text
    in_word = false,    -- in a number, true, false or null
    skip = 0,           -- an escape that was cut off
  }, Scan)
end

-- `a.b[3].c`
function Scan:path(name)
  local path = ""
  for depth = 1, self.depth do
    local frame = self.frames[depth]
    if frame.list then
      path = path .. "[" .. frame.index .. "]"
    elseif depth < self.depth then
      path = path .. (path == "" and "" or ".") .. shown(frame.key)
    end
  end
  return name and path .. (path == "" and "" or ".") .. shown(name) or path
end

function Scan:not_json()
  return "body", "must be JSON", "MALFORMED_REQUEST"
end

function Scan:value_ended()
  self.expect = self.depth == 0 and "end" or "comma"
end

-- Frames are used again: a list of a million objects makes none.
function Scan:push(list)
  if self.depth == MAX_DEPTH then return "body", "is nested too deeply", "MALFORMED_REQUEST" end
  local depth = self.depth + 1
  self.depth = depth
  local frame = self.frames[depth]
  if not frame then
    frame = {seen = {}, serial = 0}
    self.frames[depth] = frame
  end
  frame.list, frame.index, frame.key, frame.serial = list, 0, "", frame.serial + 1
  frame.item = self.pending
  if not list then
    local field = self.pending
    frame.each = field.each
    frame.fields = field.of and api.messages[field.of]
  end
end

function Scan:pop(list)
  local frame = self.frames[self.depth]
  if not frame or frame.list ~= list then return self:not_json() end
  self.depth = self.depth - 1
  self:value_ended()
end

function Scan:open_object()
  local field = self.pending
  if not field.of and not field.each then
    -- Here the frame is the one around the value, and its key names it.
    local frame = self.frames[self.depth]
    return self:path(not frame.list and frame.key), "must not be an object", "INVALID_FIELD"
  end
  self.expect = "first_key"
  return self:push(false)
end

function Scan:key(name)
  local frame = self.frames[self.depth]
  frame.key = name
  self.expect = "colon"
  if frame.each then
    self.pending = frame.each
    return
  end
  local field = frame.fields[name]
  if not field then return self:path(name), "is not a field of this call", "INVALID_FIELD" end
  if frame.seen[field.name] == frame.serial then return self:path(name), "is there twice", "INVALID_FIELD" end
  frame.seen[field.name] = frame.serial
  if self.depth == 1 and self.bound[field.name] then
    return self:path(name), "is part of the path, and may not be in the body", "INVALID_FIELD"
  end
  self.pending = field
end

-- Reads on in a text that began before; where it ended, or nothing.
function Scan:through_string(text, at)
  at = at + self.skip
  self.skip = 0
  while true do
    local found = find(text, '["\\]', at)
    if not found then break end
    if byte(text, found) == QUOTE then
      self.in_string = false
      return found + 1
    end
    at = found + 2
  end
  self.skip = at > #text + 1 and 1 or 0
end

-- A key at a place; where it ended, or nothing when it is cut off.
function Scan:read_key(text, at)
  local stop = find(text, '["\\]', at + 1)
  if stop and byte(text, stop) == QUOTE then
    return stop + 1, self:key(sub(text, at + 1, stop - 1))
  end
  if stop or #text - at > MAX_NAME then
    return nil, self:path(sub(text, at + 1, (stop or at + MAX_NAME) - 1)), "is not a field of this call", "INVALID_FIELD"
  end
  self.rest = sub(text, at)
end

-- A value at a place; where it ended, or nothing when it is cut off.
function Scan:read_value(text, at, first)
  if self.depth == 0 and first ~= OPEN_OBJECT then return nil, "body", "must be a JSON object", "MALFORMED_REQUEST" end
  if first == OPEN_OBJECT then return at + 1, self:open_object() end
  if first == OPEN_LIST then
    self.expect = "item"
    return at + 1, self:push(true)
  end
  self:value_ended()
  if first == QUOTE then
    self.in_string = true
    return self:through_string(text, at + 1)
  end
  local stop = find(text, "[^%w+.-]", at)
  if stop == at then return nil, self:not_json() end
  self.in_word = not stop
  return stop
end

-- What comes next at a place that is no white space.
function Scan:step(text, at, first)
  local expect = self.expect
  if expect == "key" or expect == "first_key" then
    if first == QUOTE then return self:read_key(text, at) end
    if expect == "first_key" and first == CLOSE_OBJECT then return at + 1, self:pop(false) end
    return nil, self:not_json()
  elseif expect == "colon" then
    if first ~= COLON then return nil, self:not_json() end
    self.expect = "value"
    return at + 1
  elseif expect == "comma" then
    local frame = self.frames[self.depth]
    if first == CLOSE_OBJECT then return at + 1, self:pop(false) end
    if first == CLOSE_LIST then return at + 1, self:pop(true) end
    if first ~= COMMA then return nil, self:not_json() end
    if frame.list then frame.index, self.pending = frame.index + 1, frame.item end
    self.expect = frame.list and "value" or "key"
    return at + 1
  elseif expect == "end" then
    return nil, self:not_json()
  end
  if expect == "item" and first == CLOSE_LIST then return at + 1, self:pop(true) end
  return self:read_value(text, at, first)
end

-- Reads on; what is wrong with it: field, problem, reason.
function Scan:feed(text)
  text, self.rest = self.rest .. text, ""
  local at = 1
  if self.in_string then at = self:through_string(text, at) end
  if self.in_word then
    at = find(text, "[^%w+.-]", at)
    self.in_word = not at
  end
  while at do
    at = find(text, "[^ \t\r\n]", at)
    if not at then return end
    local field, problem, reason
    at, field, problem, reason = self:step(text, at, byte(text, at))
    if field then return field, problem, reason end
  end
end

-- === Envoy ===

local function remember(handle, field, problem, reason)
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set(METADATA, "field", field)
  metadata:set(METADATA, "problem", problem)
  metadata:set(METADATA, "reason", reason)
end

local function refuse(handle, field, problem)
  remember(handle, field, problem, "INVALID_FIELD")
  handle:respond({[":status"] = "400"}, problem)
end

local function check_body(handle, rule)
  local scan, left, wrong = new_scan(rule.body, rule.bound), rule.limit, false
  for chunk in handle:bodyChunks() do
    local length = chunk:length()
    left = left - length
    if not wrong and length > 0 then
      local field, problem, reason
      if left < 0 then
        field, problem, reason = "body", "must not be above " .. rule.limit .. " bytes", "BODY_TOO_LARGE"
      else
        field, problem, reason = scan:feed(chunk:getBytes(0, length))
      end
      if field then
        remember(handle, field, problem, reason)
        wrong = true
      end
    end
    if wrong and length > 0 then chunk:setBytes(SPOILED) end
  end
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local path, query = match(headers:get(":path"), "^(/api/[^?]*)%??(.*)$")
  if not path then return end
  local segments = segments_of(path)
  local rule = segments and rule_of(api.paths, segments, 1, headers:get(":method"))
  if not rule then
    handle:respond({[":status"] = "404"}, "")
    return
  end
  if query ~= "" then
    local field, problem = wrong_query(rule, query)
    if field then
      refuse(handle, field, problem)
      return
    end
  end
  if rule.body then check_body(handle, rule) end
end
