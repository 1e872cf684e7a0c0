"""The rows of what is rendered from a file: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.records import BANDS
from bandwalk.row import Row
from bandwalk.units import parse_farm, parse_max_steps

SOUNDS = ("auto", "full", "band")
METHODS = ("bandwalk", "published")
X264_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")

RENDER: tuple[Row, ...] = (
    Row("method", "s", "bandwalk", "The live method, or the published one as it was.", choices=METHODS),
    Row("bpm", "f", 150.0, "Tempo of the song: 16 published steps a beat.", 20, 400, "1/min"),
    Row("max_steps", "s", "", "max_step of the three walks, e.g. 4,3,4.", check=parse_max_steps, unit="LOW,MID,HIGH"),
    Row("start", "f", 0.0, "Second of the song at which the clip begins.", 0, 10**6, "s"),
    Row("end", "f", 0.0, "Second at which it ends; 0: where the song ends.", 0, 10**6, "s"),
    Row("only", "s", "all", "The one band whose walk moves.", choices=("all", *BANDS)),
    Row("sound", "s", "auto", "The clip's sound; auto: with --only the band's, else full.", choices=SOUNDS),
    Row("ablation", "b", False, "One clip for each band alone, and all three side by side."),
    Row("crf", "i", 18, "Quality of H.264, or of VP9 in a .webm: 0 best, 51 worst.", 0, 51),
    Row("x264_preset", "s", "veryfast", "How hard H.264 tries to make the file small.", choices=X264_PRESETS),
    Row(
        "farm",
        "s",
        "",
        "Who draws: processes of this machine, or a Ray cluster; if empty, what is soonest here.",
        check=parse_farm,
        unit="local[:N]|ray[:HOST:PORT]",
    ),
    Row("resume", "b", False, "Go on where an interrupted render stopped."),
    Row("force", "b", False, "Write over a clip that is there already."),
)
"""What is rendered from a file, and how."""
