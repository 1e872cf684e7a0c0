"""Sources of sound: the demo track, files and sound cards, as one endless stream of blocks."""

from bandwalk.audio.cards import find_output, hear_the_computer, list_inputs
from bandwalk.audio.deck import Deck
from bandwalk.audio.demo import demo_onsets
from bandwalk.audio.device import Device
from bandwalk.audio.feed import Feed
from bandwalk.audio.health import NOTHING_DB, Health, HealthReading
from bandwalk.audio.level import measure_all
from bandwalk.audio.may_hang import run_or_give_up
from bandwalk.audio.monitor import Monitor, open_monitor
from bandwalk.audio.opening import open_source
from bandwalk.audio.songs import ALL, LISTS, SUFFIXES, Songs, list_songs, song_length, songs_of
from bandwalk.audio.sound_file import missing_end
from bandwalk.audio.source import BLOCK, PullSource, PushSource, Source, SourceOptions

__all__ = [
    "ALL",
    "BLOCK",
    "LISTS",
    "NOTHING_DB",
    "SUFFIXES",
    "Deck",
    "Device",
    "Feed",
    "Health",
    "HealthReading",
    "Monitor",
    "PullSource",
    "PushSource",
    "Songs",
    "Source",
    "SourceOptions",
    "demo_onsets",
    "find_output",
    "hear_the_computer",
    "list_inputs",
    "list_songs",
    "measure_all",
    "missing_end",
    "open_monitor",
    "open_source",
    "run_or_give_up",
    "song_length",
    "songs_of",
]
