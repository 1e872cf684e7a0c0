-- Keeps TouchOSC in step with bandwalk: a subscription gets the whole state at once, and then again bit by bit.
local EVERY_MS = 4000
local RATE = 30 -- features a second: what eyes see
local REFRESH_S = 5
local sent = -EVERY_MS

function update()
  local now = getMillis()
  if now - sent >= EVERY_MS then
    sent = now
    sendOSC('/subscribe', RECEIVE_PORT, RATE, REFRESH_S)
  end
end
