"""The first page of every layout: what a hand needs in the dark. Looks, scenes, bumps, blackout, and how much moves."""

from importlib import resources

TITLE = "Play"

RECALL = "/preset/recall"
"""The command that a look's button sends, with the look's name."""

LOOK_COLUMNS = 7

LINES: tuple[tuple[tuple[str, ...], int], ...] = (
    (("/walk/low/bump", "/walk/mid/bump", "/walk/high/bump"), 112),
    (("/scene/previous", "/scene/next", "/auto/enabled", "/beat/tap", "/beat/resync"), 60),
    (("/master/blackout", "/master/freeze"), 72),
    (("/master/intensity", "/master/speed"), 60),
)
"""Addresses side by side under the looks, line by line, each line with its height in pixels."""

ADDRESSES = frozenset(address for line, _ in LINES for address in line)


def looks() -> tuple[str, ...]:
    """Return the names of the looks that ship, in order."""
    folder = resources.files("bandwalk").joinpath("looks")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))
