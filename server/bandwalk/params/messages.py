"""What bandwalk sends, and the commands that it takes: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import INT32, Command, Row
from bandwalk.records import BANDS, THIRDS_HZ


def _signal_rows(band: str) -> tuple[Row, ...]:
    f = f"/feature/{band}"
    return (
        Row(f"{f}/level", "f", 0.0, "How loud the band is, compared with its loudest recent moment.", 0, 1),
        Row(
            f"{f}/change", "f", 0.0, "How fast the band rises or falls, compared with its fastest recent change.", -1, 1
        ),
        Row(f"{f}/onset", "i", 0, "1 in the analysis step where a hit begins, else 0.", 0, 1),
        Row(f"{f}/rms", "f", 0.0, "RMS of the band under a window of 40 ms (Kaiser), linear, unscaled.", 0),
    )


SIGNALS: tuple[Row, ...] = (
    *(row for band in BANDS for row in _signal_rows(band)),
    Row("/feature/rms", "f", 0.0, "RMS of the whole sound.", 0),
    Row("/feature/time", "f", 0.0, "Audio time of the step since the server began to hear.", 0, unit="s"),
    Row("/frame/seq", "i", 0, "Number of the frame.", 0, INT32),
    Row("/frame/age_ms", "f", 0.0, "Age of the newest sound in the frame when it was published.", 0, unit="ms"),
    Row("/audio/level_db", "f", -120.0, "Highest peak of the input's channels in the last 0.4 s.", -120, 40, "dB"),
    Row("/audio/health", "s", "", "What is wrong with the sound that arrives, in words; empty: nothing."),
    *(Row(f"/spectrum/{hz:g}", "f", 0.0, f"Third-octave at {hz:g} Hz: 0 at -72 dB, 1 full.", 0, 1) for hz in THIRDS_HZ),
)
"""What bandwalk sends: features at each analysis step, frames, and, to WebSockets only, the input and the spectrum."""

COMMANDS: tuple[Command, ...] = (
    Command("/transport/play", "", "Play the file."),
    Command("/transport/pause", "", "Pause the file."),
    Command("/transport/seek", "f", "Go to this second of the file."),
    *(Command(f"/walk/{band}/reset", "", "Return the walk to its start.") for band in BANDS),
    *(Command(f"/walk/{band}/bump", "", "Move the walk once, as far as in 1/40 s when change is 1.") for band in BANDS),
    Command("/model/load", "s", "Draw with another model: builtin, or a name in the models folder."),
    Command("/model/list", "", "List the models.", "/model/name s, once each"),
    Command("/direction/list", "", "List the directions of the model.", "/direction/name s, once each"),
    Command("/preset/save", "s", "Save all live parameters as a preset in the presets folder."),
    Command("/preset/list", "", "List the presets.", "/preset/name s, once each"),
    Command("/preset/recall", "s[f]", "Recall a preset; numbers glide for this many seconds."),
    Command(
        "/subscribe",
        "[ifi]",
        "Send state, features and changes to the sender for 10 s. Arguments: port (default: the sender's own), "
        "maximum messages per second, seconds between repeats of the whole state.",
    ),
    Command("/unsubscribe", "[i]", "End the subscription."),
    Command("/ping", "i", "Ask whether the server is there.", "/pong i, the same number"),
    Command("/stats", "", "Ask for the server's statistics.", "/stats/*"),
)
