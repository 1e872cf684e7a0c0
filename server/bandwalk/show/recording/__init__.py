"""Recording: what a show looked and sounded like as a file, and its session log, written by threads of their own.

``written`` takes things from the show and never waits, ``video`` writes pictures and sound, ``session`` the log and
what was heard, ``recorder`` is what the commands ask.
"""

from bandwalk.show.recording.recorder import Recorder, open_recorder

__all__ = ["Recorder", "open_recorder"]
