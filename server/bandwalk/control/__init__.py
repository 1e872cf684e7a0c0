"""Control: the live parameters, and the controllers that set them (OSC in and out, presets)."""

from bandwalk.control.damping import Damping
from bandwalk.control.dispatch import Dispatcher, Handler
from bandwalk.control.file_jobs import DiskWork
from bandwalk.control.osc_in import OscIn
from bandwalk.control.osc_out import OscOut
from bandwalk.control.osc_tcp import OscTcp
from bandwalk.control.route import open_routes
from bandwalk.control.store import Store
from bandwalk.control.subscribers import Subscribers
from bandwalk.params.controller import Controller

__all__ = [
    "Controller",
    "Damping",
    "DiskWork",
    "Dispatcher",
    "Handler",
    "OscIn",
    "OscOut",
    "OscTcp",
    "Store",
    "Subscribers",
    "open_routes",
]
