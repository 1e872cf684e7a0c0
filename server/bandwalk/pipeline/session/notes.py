"""Makes the lines of a session log from what a pipeline gets. It never waits: the lines go where ``put`` takes them."""

import hashlib
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import torch

from bandwalk.generator import Generator
from bandwalk.params.values import Values
from bandwalk.pipeline.beat_clock.timebase import Timebase
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.glide import Glide, Glider
from bandwalk.pipeline.journal import Followed, Journal, Outside, Push
from bandwalk.pipeline.session.arrays import said_array
from bandwalk.pipeline.session.lines import to_line
from bandwalk.pipeline.style_home import Asked, Going
from bandwalk.records import Block, Features
from bandwalk.units import samples_to_s
from bandwalk.walk import Home

HASH_S = 0.25
"""Time between two pictures whose ws are noted as a hash."""

SIGNALS_S = 1.0
"""Time between two lines of signals."""

_KEPT = 16


def hash_of(ws: torch.Tensor) -> str:
    """Return what tells ws [1, num_ws, w_dim] apart, hex."""
    return hashlib.blake2b(ws.detach().cpu().numpy().tobytes(), digest_size=8).hexdigest()


class Notes(Journal):
    """A journal as lines; one thread hears, another draws.

    Args:
        values: that the pipeline began with.
        put:    takes a line; must not wait.
    """

    def __init__(self, values: Values, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._numbering = threading.Lock()
        self._values: deque[tuple[Values, int]] = deque([(values, 0)], maxlen=_KEPT)
        self._others: dict[str, deque[tuple[Any, int]]] = {"m": deque(maxlen=_KEPT), "g": deque(maxlen=_KEPT)}
        self._goings: deque[Going] = deque(maxlen=_KEPT)
        self._heard: dict[str, Any] = {"v": 0, "m": None}
        self._gains: tuple[float, ...] = ()
        self._drawn: dict[str, Any] = {}
        self._revision = 0
        self._followed: dict[str, Any] = {"c": {}, "k": None, "h": None}
        self._zero, self._t_hash, self._t_signals = math.nan, -math.inf, -math.inf
        self._now = 0

    def say(self, *what: object) -> None:
        """Write a line for people."""
        self._put(to_line(["i", *what]))

    def lose(self, why: str) -> None:
        """Note that from here on a replay is another show."""
        self._put(to_line(["x", why]))

    def hears(self, block: Block, outside: Outside, pushes: Sequence[Push]) -> None:
        """Note what is new from this block on."""
        news: dict[str, Any] = {}
        model = self._number("m", outside.G)
        if model != self._heard["m"]:
            news |= {"m": model, "u": [self._number_values(outside.taken.values), outside.taken.place]}
        gains = outside.G.gains  # of a model file they come when they are measured
        if gains != self._gains:
            news["n"] = self._gains = gains
        version = self._now = self._number_values(outside.values)
        if version != self._heard["v"]:
            news["v"] = version
        self._heard = {"v": version, "m": model}
        news |= self._glide_news(outside.glider) | self._time_news(block)
        if pushes:
            news["p"] = [list(push) for push in pushes]
        if news:
            self._put(to_line(["b", block.end, news]))

    def follows(self, features: Features, followed: Followed) -> None:
        """Note what is new in a step."""
        news = self._glide_news(followed.glider)
        version = self._number_values(followed.values)
        if version != self._now:
            news["v"] = self._now = version
        before = self._followed
        if followed.controls is not before["c"]:
            news["c"] = {name: x for name, x in followed.controls.items() if before["c"].get(name) != x}
        if followed.keyframes is not before["k"] and (followed.keyframes or before["k"]):
            news["k"] = sorted(followed.keyframes)
        if followed.styles is not before["h"] and (followed.styles[0] or before["h"]):
            news["h"] = self._styles(followed.styles)
        self._followed = {"c": followed.controls, "k": followed.keyframes, "h": followed.styles}
        if news:
            self._put(to_line(["s", features.step, news]))
        if features.t_audio - self._t_signals >= SIGNALS_S:
            self._t_signals = features.t_audio
            heard = [features.beat.bpm, features.music.loudness, features.music.energy, *features.level]
            self.say("signals", features.t_audio, *(round(float(x), 4) for x in heard))

    def draws(self, picture_input: PictureInput, values: Values, glide: Glide | None, G: Generator) -> None:
        """Note what pictures are drawn from, where that is new."""
        pose = picture_input.pose
        now = {"v": self._number_values(values), "m": self._number("m", G), "g": self._glide_number(glide)}
        news: dict[str, Any] = {name: n for name, n in now.items() if self._drawn.get(name, -1) != n}
        self._drawn = now
        if pose.t_audio - self._t_hash >= HASH_S and not pose.is_late:
            self._t_hash = pose.t_audio
            news["f"] = hash_of(picture_input.ws)
        if news:
            self._put(to_line(["d", pose.t_audio, news]))

    def leaves(self, home: Home, ws: torch.Tensor | None) -> torch.Tensor | None:
        """Note where a way begins."""
        if ws is not None:
            self._put(to_line(["w", home.t_audio, said_array(ws[0].cpu().numpy())]))
        return ws

    def clock(self, step: int, kind: str, what: object) -> None:
        """Note what the beat clock got."""
        said = [what.t, what.beats, what.bpm, what.run] if isinstance(what, Timebase) else what
        self._put(to_line(["c", step, kind, said]))

    def _number_values(self, values: Values) -> int:
        """Return the number of values; new ones are written."""
        with self._numbering:
            for known, n in reversed(self._values):
                if known is values:
                    return n
            before, n = self._values[-1]
            changed = {a: x for a, x in values.items() if a not in before or (before[a] is not x and before[a] != x)}
            self._values.append((values, n + 1))
            self._put(to_line(["v", n + 1, changed, [a for a in before if a not in values]]))
            return n + 1

    def _number(self, kind: str, thing: Any) -> int:
        """Return the number of a model or a glide; a new one is written."""
        with self._numbering:
            known = self._others[kind]
            for other, n in known:
                if other is thing:
                    return n
            n = known[-1][1] + 1 if known else 1
            known.append((thing, n))
            if kind == "m":
                said = [thing.name, thing.sha256]
            else:
                said = [thing.begins, thing.lands, dict(thing.starts), dict(thing.ends)]
            self._put(to_line([kind, n, *said]))
            return n

    def _glide_number(self, glide: Glide | None) -> int:
        return 0 if glide is None else self._number("g", glide)

    def _glide_news(self, glider: Glider) -> dict[str, Any]:
        if glider.revision == self._revision:
            return {}
        self._revision = glider.revision
        state = glider.state
        return {"g": [self._glide_number(state.glide), state.place, state.left, state.is_in_beats]}

    def _time_news(self, block: Block) -> dict[str, float]:
        """Note when a block was captured, where that does not follow from the one before."""
        since = samples_to_s(block.end)
        if self._zero + since == block.t_capture:
            return {}
        near = block.t_capture - since
        for zero in (near, math.nextafter(near, -math.inf), math.nextafter(near, math.inf)):
            if zero + since == block.t_capture:
                self._zero = zero
                return {"z": zero}
        return {"t": block.t_capture}

    def _styles(self, asked: Asked) -> list[Any]:
        """Return the known styles, then how to go to the next: name, seconds, how many recalls ago walks were left."""
        known, going = asked
        styles = {name: [said_array(style.ws), style.model, style.sha256] for name, style in known.items()}
        if going is None:
            return [styles]
        back = [n for n, other in enumerate(self._goings) if going.back is not None and other.left is going.back]
        ago = len(self._goings) - back[0] if back else 0
        self._goings.append(going)
        return [styles, going.name, going.seconds, ago]
