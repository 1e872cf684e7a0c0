"""Rows of the song that plays: a part of the table in :mod:`bandwalk.params`.

They say where it is, and what is marked in it. They are set by controllers and, as the song goes on, by the show.
"""

from functools import partial

from bandwalk.params.row import SHOWS, setup

REPEATS = ("off", "one", "all")
"""off: each song once; one: the song again; all: the list again."""

CUES = tuple(range(1, 9))
"""Numbers of the cue points."""

NO_CUE = -1.0
"""Value of a cue point that is not set."""

MAX_S = 86_400.0
"""A day: no song is longer."""

_seconds = partial(setup, unit="s", used_by=(), routable=False, folded=True)

SONG_ROWS = (
    _seconds("/transport/position", "f", 0.0, "Where the song is; set it to go there.", 0, MAX_S),
    setup(
        "/transport/repeat",
        "s",
        "off",
        "What follows at the end: off: the next song, if there is one; one: the song again; all: the list again.",
        choices=REPEATS,
        used_by=SHOWS,
        routable=False,
    ),
    setup(
        "/transport/crossfade",
        "f",
        0.0,
        "How long the songs of a list fade into each other; 0: they follow without a gap.",
        0,
        30,
        unit="s",
        exact="The next song begins so many s before the end, with equal power; at most half of each of the two.",
        used_by=SHOWS,
        routable=False,
    ),
    _seconds("/loop/in", "f", 0.0, "Start of the loop.", 0, MAX_S),
    _seconds("/loop/out", "f", 0.0, "End of the loop, which is on where this is later than its start.", 0, MAX_S),
    *(_seconds(f"/cue/at/{n}", "f", NO_CUE, "Where the cue point is; -1: not set.", -1, MAX_S) for n in CUES),
)
