"""What can be seen of music in a sequence of pictures: numbers from arrays, without bandwalk.

Pictures are [n, H, W, 3] uint8, so many a second; hits are seconds from the first picture.

Three parts of a picture may move by themselves:

    structure   the coarse grey picture, its mean and contrast taken out
    colour      mean and spread of the two chroma channels
    light       mean brightness, and how much fine detail there is
"""

from dataclasses import dataclass

import numpy as np

PARTS = ("structure", "colour", "light")
WITHIN_S = 0.08
"""A hit is seen if a part moves at most this much later."""

AROUND_S = 0.6
"""A peak stands out of the motion within this time before and after."""

PEAK = 1.6
"""How many times the median motion a peak has."""

VISIBLE = {"structure": 0.03, "colour": 0.4, "light": 0.4}
"""Least motion from one picture to the next that counts: in standard deviations of the picture, in grey levels."""

_COARSE, _LAYOUT, _BLOCK = 32, 16, 8
_LARGE = 256  # from here on every other pixel is looked at
_LEAST_CONTRAST = 4.0
_CHROMA = np.array([[-0.169, 0.5], [-0.331, -0.419], [0.5, -0.081]], np.float32)
_GREY = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Seen:
    """What is seen of one kind of hit in one part.

    share: of the hits that show.   between: of the moments away from hits of this kind that look like one, too.
    """

    share: float
    between: float

    @property
    def score(self):
        """0: no more than between the hits; 1: every hit and nothing else."""
        return max(0.0, self.share - self.between)


def describe(frames):
    """Return what each picture is like by part: {"structure": [n, 1024], "colour": [n, 4], "light": [n, 2]}."""
    found = {part: [] for part in PARTS}
    for rgb in frames:
        x = rgb[::2, ::2].astype(np.float32) if rgb.shape[0] >= _LARGE else rgb.astype(np.float32)
        grey = x @ _GREY
        coarse = shrink(grey, _COARSE)
        found["structure"].append((coarse - coarse.mean()).ravel() / max(_LEAST_CONTRAST, float(coarse.std())))
        chroma = (x[::2, ::2] @ _CHROMA).reshape(-1, 2)
        found["colour"].append(np.concatenate([chroma.mean(0), chroma.std(0)]))
        found["light"].append(np.array([grey.mean(), 2.0 * detail(grey)]))
    return {part: np.array(rows) for part, rows in found.items()}


def shrink(x, side):
    """Return the means of side x side blocks of a picture [H, W] or [H, W, C]; a rest at the edges is left out."""
    h, w = (max(1, n // side) for n in x.shape[:2])
    x = x[: h * side, : w * side]
    return x.reshape(side, h, side, w, *x.shape[2:]).mean(axis=(1, 3))


def detail(grey):
    """Return how far pixels are from the means of their blocks, grey levels."""
    h, w = (n // _BLOCK * _BLOCK for n in grey.shape)
    blocks = grey[:h, :w].reshape(h // _BLOCK, _BLOCK, w // _BLOCK, _BLOCK)
    return float(np.abs(blocks - blocks.mean(axis=(1, 3), keepdims=True)).mean())


def motions(frames):
    """Return each part's motion into every picture, [n]; the first is 0."""
    found = {}
    for part, rows in describe(frames).items():
        steps = np.diff(rows, axis=0)
        scale = rows.shape[1] if part == "structure" else 1
        found[part] = np.concatenate([[0.0], np.sqrt((steps**2).sum(axis=1) / scale)])
    return found


def peaks(motion, fps, least):
    """Return which pictures are peaks of a motion [n] bool."""
    reach = round(AROUND_S * fps)
    padded = np.pad(motion, reach, mode="reflect") if len(motion) > reach else motion
    usual = np.array([np.median(padded[i : i + 2 * reach + 1]) for i in range(len(motion))])
    return (motion >= PEAK * usual) & (motion >= least)


def hits_seen(motion, hits, fps, least):
    """Return what is seen of hits in one part's motion."""
    n, reach = len(motion), int(WITHIN_S * fps + 1e-6)
    is_peak = peaks(motion, fps, least)
    shows = np.array([is_peak[i : i + reach + 1].any() for i in range(n)])
    first = np.ceil(np.asarray(hits) * fps - 1e-6).astype(int)
    first = first[(first > 0) & (first < n - reach)]
    away = np.ones(n, bool)
    away[[0, *range(n - reach, n)]] = False
    for i in first:
        away[max(0, i - reach) : i + 2 * reach] = False
    share = float(shows[first].mean()) if len(first) else 0.0
    return Seen(share, float(shows[away].mean()) if away.any() else 0.0)


def likeness(a, b):
    """Return how alike two sequences of layouts [n, k] are, picture by picture: the correlation of each pair, [n]."""
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
    return (a * b).sum(axis=1) / np.maximum(1e-9, np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def layouts(frames):
    """Return where which colour is, coarsely: [n, k]."""
    return np.array([shrink(rgb[::2, ::2].astype(np.float32), _LAYOUT).ravel() for rgb in frames])


def unrelated(pictures):
    """Return how alike pictures of different seeds are, on average."""
    x = layouts(pictures)
    pairs = [(i, j) for i in range(len(x)) for j in range(i)]
    return float(np.mean([likeness(x[i : i + 1], x[j : j + 1])[0] for i, j in pairs]))


def held(frames, seconds, fps, by_chance=0.0):
    """Return how much of a picture is still there some seconds later: 1 all, 0 as little as of an unrelated one."""
    x, shift = layouts(frames), round(seconds * fps)
    if shift >= len(x):
        return float("nan")
    return float((likeness(x[:-shift], x[shift:]).mean() - by_chance) / (1 - by_chance))


def difference(frames, others, by_chance=0.0):
    """Return how different two clips are in their second half: 0 alike, 1 as unrelated pictures."""
    n = min(len(frames), len(others))
    alike = likeness(layouts(frames[n // 2 : n]), layouts(others[n // 2 : n])).mean()
    return float(1 - (alike - by_chance) / (1 - by_chance))


def grey_motion(frames):
    """Return the mean change from picture to picture, grey levels."""
    pairs = zip(frames[1:], frames, strict=False)
    return float(np.mean([np.abs(a[::2, ::2].astype(np.int16) - b[::2, ::2]).mean() for a, b in pairs]))


def colour_spread(frames):
    """Return the standard deviation of chroma over all pixels and pictures, grey levels."""
    chroma = np.concatenate([(rgb[::4, ::4].astype(np.float32) @ _CHROMA).reshape(-1, 2) for rgb in frames])
    return float(np.sqrt((chroma.std(axis=0) ** 2).sum()))


def clipped(frames):
    """Return the share of values that are 0 or 255."""
    return float(np.mean([np.mean((rgb[::3, ::3] == 0) | (rgb[::3, ::3] == 255)) for rgb in frames]))
