-- Keeps TouchOSC in step with bandwalk: subscribes every few seconds, and asks for all values when the server appears.
local EVERY_MS = 4000
local sent, heard = -EVERY_MS, -EVERY_MS

function update()
  local now = getMillis()
  if now - sent >= EVERY_MS then
    sent = now
    sendOSC('/subscribe', RECEIVE_PORT)
  end
end

function onReceiveOSC(message, connections)
  local now = getMillis()
  if now - heard >= EVERY_MS then
    for _, address in ipairs(PARAMETERS) do
      sendOSC(address)
    end
  end
  heard = now
  return false -- the controls get it, too
end
