"""The rows of what a show on stage needs: who may reach it, and what is left of it after a fault."""

from bandwalk.params.row import SHOWS, Row

STAGE: tuple[Row, ...] = (
    Row(
        "log",
        "s",
        "lines",
        "The log: lines for people, or one JSON object on each line.",
        choices=("lines", "json"),
        used_by=SHOWS,
    ),
)
