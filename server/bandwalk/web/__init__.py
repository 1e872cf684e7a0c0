"""The web: OSCQuery, frames for browsers, the control panel and /metrics, on one port."""

from bandwalk.web.hosts import is_loopback
from bandwalk.web.metrics import Readings
from bandwalk.web.server import Web
from bandwalk.web.show_calls import LookReader, ShowCalls, Thumbnail

__all__ = ["LookReader", "Readings", "ShowCalls", "Thumbnail", "Web", "is_loopback"]
