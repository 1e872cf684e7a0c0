"""Rows of the one clock: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import Row, setup

CLOCKS = ("auto", "tap", "manual", "link", "midi")
"""What may say where the beat is. auto: the beat that is heard."""

DIVISIONS = ("x1", "x2", "/2")

CLOCK_ROWS: tuple[Row, ...] = (
    setup(
        "/beat/from",
        "s",
        "auto",
        "What sets the beat. auto: the music; tap; manual: bpm; link: Ableton Link; midi: MIDI clock.",
        choices=CLOCKS,
        routable=False,
    ),
    setup("/beat/bpm", "f", 120.0, "Tempo of the beat, if it is set by hand (manual).", 20, 400, "bpm", routable=False),
    setup(
        "/beat/nudge", "f", 0.0, "Move all beats. Above 0: later; below 0: earlier.", -500, 500, "ms", routable=False
    ),
    setup(
        "/beat/divide",
        "s",
        "x1",
        "How many beats count. x2: twice as many; /2: half as many.",
        choices=DIVISIONS,
        routable=False,
    ),
)
