"""Where sound comes from: the demo track, files and sound cards, as one endless stream of blocks."""

from bandwalk.audio.demo import demo_onsets
from bandwalk.audio.feed import Feed
from bandwalk.audio.file import missing_end
from bandwalk.audio.level import measure_peak
from bandwalk.audio.monitor import Monitor
from bandwalk.audio.opening import open_source
from bandwalk.audio.portaudio import Device, has_output, list_devices
from bandwalk.audio.source import BLOCK, Options, PullSource, PushSource, Source

__all__ = [
    "BLOCK",
    "Device",
    "Feed",
    "Monitor",
    "Options",
    "PullSource",
    "PushSource",
    "Source",
    "demo_onsets",
    "has_output",
    "list_devices",
    "measure_peak",
    "missing_end",
    "open_source",
]
