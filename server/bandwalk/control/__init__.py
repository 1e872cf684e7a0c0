"""Control: the live parameters and who steers them (OSC in and out, presets)."""

from bandwalk.control.beside import Later
from bandwalk.control.dispatch import Dispatcher, Handler
from bandwalk.control.osc_in import OscIn
from bandwalk.control.osc_out import OscOut
from bandwalk.control.peers import Line, Source, Subscribers
from bandwalk.control.route import open_routes
from bandwalk.control.store import Store

__all__ = [
    "Dispatcher",
    "Handler",
    "Later",
    "Line",
    "OscIn",
    "OscOut",
    "Source",
    "Store",
    "Subscribers",
    "open_routes",
]
