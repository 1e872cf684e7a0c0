"""A web server for the network, and npm's oscquery that must find it; run inside a network namespace of its own."""

import subprocess

from bandwalk.control import OscIn, Store
from bandwalk.params import defaults
from bandwalk.records import Counters
from bandwalk.show.web_calls import calls_for_web
from bandwalk.web import Readings, Web

osc_in = OscIn("127.0.0.1", 0, counters=Counters())
web = Web("0.0.0.0", 0, counters=Counters())
store = Store(defaults())
web.start(calls_for_web(store, osc_in, readings=lambda: Readings(0.0, 0, 0.0, (), {})))
found = subprocess.run(["node", "oscquery_peer.js"], capture_output=True, text=True, timeout=30, check=True)
web.close()
osc_in.close()
print(web.port)
print(found.stdout)
