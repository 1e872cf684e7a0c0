"""The rows of what is rendered from a file: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import CLIPS, SONGS, Row
from bandwalk.records import BANDS
from bandwalk.units import parse_farm, parse_max_steps

SOUNDS = ("auto", "full", "band")
METHODS = ("bandwalk", "published")
X264_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")

RENDER: tuple[Row, ...] = (
    Row(
        "method",
        "s",
        "bandwalk",
        "bandwalk: as in a live show; published: as the published project did.",
        choices=METHODS,
        used_by=SONGS,
    ),
    Row(
        "bpm",
        "f",
        150.0,
        "Beats per minute; the published method takes 16 steps in each beat.",
        20,
        400,
        "1/min",
        used_by=SONGS,
    ),
    Row(
        "max_steps",
        "s",
        "",
        "How far each walk moves (max_step): low, mid, high, for example 4,3,4.",
        check=parse_max_steps,
        unit="LOW,MID,HIGH",
        used_by=CLIPS,
    ),
    Row("start", "f", 0.0, "Second of the song where the clip begins.", 0, 10**6, "s", used_by=CLIPS),
    Row(
        "end",
        "f",
        0.0,
        "Second of the song where the clip ends. 0: at its end.",
        0,
        10**6,
        "s",
        used_by=CLIPS,
    ),
    Row(
        "loop_bars",
        "i",
        0,
        "Make a clip of so many bars that loops without a jump. 0: no loop.",
        0,
        256,
        "bars",
        used_by=CLIPS,
    ),
    Row("only", "s", "all", "Move the walk of one band only.", choices=("all", *BANDS), used_by=CLIPS),
    Row(
        "sound",
        "s",
        "auto",
        "Sound of the clip. auto: the band's sound with --only, else the full song.",
        choices=SOUNDS,
        used_by=CLIPS,
    ),
    Row(
        "loudness",
        "f",
        0.0,
        "Bring the clip's sound to this loudness, e.g. -14. 0: leave it as it is.",
        -40,
        0,
        "LUFS",
        used_by=CLIPS,
        exact="Integrated loudness (ITU-R BS.1770-4) by one gain; no sample goes over -1 dBFS.",
    ),
    Row(
        "title",
        "s",
        "",
        "Title that is shown as the clip begins; {name}: the song's name.",
        unit="TEXT",
        used_by=CLIPS,
    ),
    Row(
        "lyrics",
        "s",
        "",
        "Lyrics to show (.lrc); auto: the file beside the song that has its name, if it is there.",
        unit="FILE|auto",
        used_by=CLIPS,
    ),
    Row(
        "ablation", "b", False, "Make one clip for each band alone, and one with all three side by side.", used_by=CLIPS
    ),
    Row("crf", "i", 18, "Quality of the clip's pictures: 0 best, 51 worst.", 0, 51, used_by=CLIPS),
    Row(
        "x264_preset",
        "s",
        "veryfast",
        "Encoding speed; slower: smaller files.",
        choices=X264_PRESETS,
        used_by=CLIPS,
    ),
    Row(
        "farm",
        "s",
        "",
        "Who draws: processes of this machine, or a Ray cluster. Empty: choose the fastest automatically.",
        check=parse_farm,
        unit="local[:N]|ray[:HOST:PORT]",
        used_by=CLIPS,
    ),
    Row("resume", "b", False, "Continue an interrupted render.", used_by=CLIPS),
    Row("replay", "s", "", "Session log of a show to draw again, instead of a song.", unit="LOG", used_by=CLIPS),
    Row(
        "scenes",
        "s",
        "",
        "List of scenes that the clip follows: a file as a show keeps it.",
        unit="FILE",
        used_by=CLIPS,
    ),
    Row("force", "b", False, "Overwrite a clip that exists already.", used_by=CLIPS),
)
"""What is rendered from a file, and how."""
