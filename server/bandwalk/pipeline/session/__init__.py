"""The log of a session: what a show got from outside, as lines of JSON, and the same show drawn again from it.

``notes`` makes the lines, ``lines`` says what is in them, ``log`` reads them, ``sound`` has the heard sound beside
them, ``replay`` draws again.
"""

from bandwalk.pipeline.session.lines import SUFFIX, Header
from bandwalk.pipeline.session.log import Log
from bandwalk.pipeline.session.notes import Notes
from bandwalk.pipeline.session.replay import Replay, Shown
from bandwalk.pipeline.session.sound import SUFFIX_OF_SOUND, HeardSound, SoundWriter, on_grid

__all__ = [
    "SUFFIX",
    "SUFFIX_OF_SOUND",
    "Header",
    "HeardSound",
    "Log",
    "Notes",
    "Replay",
    "Shown",
    "SoundWriter",
    "on_grid",
]
