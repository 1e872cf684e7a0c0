"""Captions: lines of small letters below and above pictures."""

import numpy as np

# Characters of 3 x 5 dots, row by row, three bits each: enough for numbers and names.
_GLYPHS = {
    "0": 0o75557, "1": 0o26227, "2": 0o71747, "3": 0o71717, "4": 0o55711,
    "5": 0o74717, "6": 0o74757, "7": 0o71122, "8": 0o75757, "9": 0o75717,
    "a": 0o25755, "b": 0o65656, "c": 0o34443, "d": 0o65556, "e": 0o74647, "f": 0o74644, "g": 0o34553,
    "h": 0o55755, "i": 0o72227, "j": 0o11152, "k": 0o55655, "l": 0o44447, "m": 0o57755, "n": 0o65555,
    "o": 0o25552, "p": 0o65644, "q": 0o25563, "r": 0o65655, "s": 0o34216, "t": 0o72222, "u": 0o55557,
    "v": 0o55552, "w": 0o55775, "x": 0o55255, "y": 0o55222, "z": 0o71247,
    " ": 0o00000, "-": 0o00700, "_": 0o00007, ".": 0o00002, "+": 0o02720,
}  # fmt: skip
_PAPER, _PRINT = 16, 200  # grey levels

LINE = 9
"""Height of a line, dots."""


def caption(text: str, width: int, dot: int = 2) -> np.ndarray:
    """Return a line of text [LINE * dot, width, 3] uint8, cut off at the picture's width.

    Args:
        text:  of 0-9, a-z, blank, and - _ . +
        width: pixels.
        dot:   pixels per dot of a character.
    """
    dots = np.zeros((LINE, max(4 * len(text), 1) + 2), np.uint8)
    for k, letter in enumerate(text):
        bits = [(_GLYPHS[letter] >> (14 - i)) & 1 for i in range(15)]
        dots[2:7, 4 * k + 2 : 4 * k + 5] = np.reshape(bits, (5, 3))
    line = np.full((LINE * dot, width, 3), _PAPER, np.uint8)
    printed = np.kron(dots, np.ones((dot, dot), np.uint8))[:, :width]
    line[:, : printed.shape[1]][printed == 1] = _PRINT
    return line
