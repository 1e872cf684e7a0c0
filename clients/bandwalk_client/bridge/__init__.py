"""Bridges: a server's pictures for programs that receive NDI, Spout or Syphon."""

from bandwalk_client.bridge.bridging import Bridge, bridge
from bandwalk_client.bridge.sink import FrameSink

__all__ = ["Bridge", "FrameSink", "bridge"]
