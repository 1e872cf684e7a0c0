"""Receivers that say nothing, on a machine of their own: frame_clients.py ENDPOINT prints "NAME" for each frame."""

import importlib.util
import sys
import threading
from pathlib import Path

from bandwalk_client import Receiver

endpoint = sys.argv[1]
path = Path(__file__).parents[2] / "clients" / "touchdesigner" / "zmq_thread.py"
spec = importlib.util.spec_from_file_location("zmq_thread", path)
touchdesigner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(touchdesigner)


def tell(name):
    sys.stdout.write(name + "\n")
    sys.stdout.flush()


def receive():
    with Receiver(endpoint, max_age_ms=None) as receiver:
        while True:
            if receiver.receive(timeout_s=1.0) is not None:
                tell("receiver")


threading.Thread(target=receive, daemon=True).start()
touchdesigner.Receiver(endpoint, lambda jpeg: tell("touchdesigner")).start()
sys.stdin.read()
