"""Receives bandwalk's frames: the newest one, its description, and its age.

from bandwalk_client import Receiver

with Receiver("127.0.0.1") as receiver:
    while True:
        received = receiver.receive(timeout_s=1.0)
        if received is not None:
            print(received.meta["seq"], received.age_ms, received.rgb().shape)
"""

from bandwalk_client.control import Control
from bandwalk_client.grab import grab
from bandwalk_client.receiver import Received, Receiver

__all__ = ["Control", "Received", "Receiver", "grab"]
