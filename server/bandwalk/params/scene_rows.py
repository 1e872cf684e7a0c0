"""Rows of scenes and autopilot: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import SHOWS, Row, setup

QUANTA = ("off", "beat", "bar", "4 bars", "16 bars")
"""Where a change of scene may land."""

GLIDE_UNITS = ("beats", "seconds")

SCENE_ROWS: tuple[Row, ...] = (
    setup(
        "/scene/quantize",
        "s",
        "bar",
        "When a change of scene lands: on the next beat, bar, or so many bars. off: at once.",
        choices=QUANTA,
        routable=False,
    ),
    setup("/scene/glide", "f", 4.0, "How long a change of scene takes. 0: a cut.", 0, 256, routable=False),
    setup(
        "/scene/glide_unit",
        "s",
        "beats",
        "Whether the glide is counted in beats or in seconds.",
        choices=GLIDE_UNITS,
        routable=False,
    ),
    setup(
        "/auto/enabled",
        "b",
        False,
        "Change scenes by itself, on a drop or after some bars, but not while a hand is on the controls.",
        routable=False,
    ),
    setup(
        "/auto/bars",
        "i",
        16,
        "The autopilot changes the scene after so many bars.",
        1,
        256,
        routable=False,
    ),
    setup(
        "/schedule/enabled",
        "b",
        True,
        "Follow the timetable (--schedule); what should be on when you switch it on comes at once.",
        used_by=SHOWS,
        routable=False,
    ),
)
