"""The rows of what a show on stage needs: who may reach it, and what is left of it after a fault."""

from bandwalk.params.row import SHOWS, Row

STAGE: tuple[Row, ...] = (
    Row(
        "allow",
        "l",
        (),
        "Address or network, besides this machine, that may reach any port. None: all; repeatable.",
        unit="IP[/BITS]",
        used_by=SHOWS,
    ),
    Row(
        "curve",
        "s",
        "",
        "Folder of bandwalk keys: frames are for clients with a key.",
        unit="FOLDER",
        used_by=SHOWS,
    ),
    Row("cert", "s", "", "Certificate (PEM): HTTP becomes HTTPS.", unit="FILE", used_by=SHOWS),
    Row("key", "s", "", "Key of the certificate (PEM). Empty: it is in that file.", unit="FILE", used_by=SHOWS),
    Row(
        "log",
        "s",
        "lines",
        "The log: lines for people, or one JSON object on each line.",
        choices=("lines", "json"),
        used_by=SHOWS,
    ),
    Row(
        "state",
        "s",
        "",
        "Folder that keeps what was last set. Empty: none.",
        unit="FOLDER",
        used_by=SHOWS,
    ),
    Row(
        "recordings",
        "s",
        "",
        "Folder for recordings; the show keeps its session there from its start. Empty: none.",
        unit="FOLDER",
        used_by=SHOWS,
    ),
    Row("record", "s", "", "Record the show from its start: a .mkv or .mp4 file.", unit="FILE", used_by=SHOWS),
    Row(
        "schedule",
        "s",
        "",
        "Timetable: a file that says what is on by the hour and the weekday. Empty: none.",
        unit="FILE",
        used_by=SHOWS,
    ),
    Row("restore", "b", False, "Start with what --state has kept, as after a fault.", used_by=SHOWS),
)
