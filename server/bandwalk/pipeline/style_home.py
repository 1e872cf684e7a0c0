"""Where the walks begin: at a saved style, at the w of the seed, or on the way from what was seen before.

    w = home + map(z) - map(z of the start),   home = before + (style - before) share

The share goes from 0 to 1 over the seconds of a recall, by audio time. Once it is 1, the home is the style, bit for
bit. The walks themselves begin anew, so that the style is what is seen at first, and what a reset returns to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.params.values import Values, text
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.joined_styles import along_directions, join_styles, map_walks
from bandwalk.records import Pose
from bandwalk.walk import Drive, Home, LeftWalks, SavedStyle, Track, Walker

NAME = "/style/name"


@dataclass(slots=True, eq=False)
class Going:
    """How to go to the style that ``/style/name`` is about to name.

    name:    of the style; empty: the seed's.
    seconds: how long the way takes.
    back:    walks to go on with; None: they begin anew.
    left:    the walks that were left, once the walks have gone.
    """

    name: str
    seconds: float = 0.0
    back: LeftWalks | None = None
    left: LeftWalks | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was drawn last: ws [1, num_ws, w_dim] before directions, rgb [H, W, 3 or 4], values as routes moved them."""

    ws: torch.Tensor
    rgb: np.ndarray
    values: Values
    model: Generator


Leave = Callable[[Home, torch.Tensor | None], torch.Tensor | None]
"""Gets a way and the ws seen last [1, num_ws, w_dim]; returns those at which the way begins; None: there is no way."""


def leave_here(home: Home, ws: torch.Tensor | None) -> torch.Tensor | None:
    """Begin a way at what was seen last."""
    return ws


Asked = tuple[Mapping[str, SavedStyle], Going | None]


class StyleHome:
    """Follows ``/style/name``: :meth:`follow` in the thread that hears, the rest in the one that draws.

    seen: what was drawn last; None: nothing yet.
    """

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self.asked: Asked = {}, None
        """The styles that may be named, and how to go to the one that is about to be."""
        self._gone: Going | None = None
        self._home: Home | None = None  # the one that _before and _target belong to
        self._before: torch.Tensor | None = None
        self._target: torch.Tensor | None = None
        self._ws: torch.Tensor | None = None

    @property
    def known(self) -> Mapping[str, SavedStyle]:
        """The styles that may be named, by name."""
        return self.asked[0]

    def ask(self, known: Mapping[str, SavedStyle], going: Going | None = None) -> None:
        """Say which styles may be named, and how to go to the one that is about to be; from any thread."""
        self.asked = known, going

    def follow(
        self, values: Values, walker: Walker, track: Track, drive: Callable[[], Drive], asked: Asked | None = None
    ) -> None:
        """Let the walks begin at the style that the row names, if it is another one or was asked for again.

        A style that is not known yet changes nothing: who reads it makes it known, or takes its name away.

        Args:
            asked: what :attr:`asked` was at the start of the step; None: what it is now.
        """
        name, (known, going) = text(values, NAME), asked or self.asked
        style = known.get(name) if name else None
        if going is self._gone or (going is not None and going.name != name):
            going = None
        if (name and style is None) or (going is None and style is _style_of(track.home)):
            return
        going = self._gone = going or Going(name)
        going.left = walker.leave(drive(), going.back)
        track.go(walker.z, Home(style, track.end, going.seconds))

    def picture_input(self, G: Generator, pose: Pose, values: Values, leave: Leave = leave_here) -> PictureInput:
        """Return what the picture of a pose is drawn from.

        Args:
            values: as routes have moved them.
            leave:  called with the first picture of each way.
        """
        home = self._home_of(G, pose, values, leave)
        self._ws = join_styles(G, pose.z, values, by_drivers=pose.by_drivers, home=home, shares=pose.shares)
        return PictureInput(pose, along_directions(G, self._ws, values))

    def note(self, rgb: np.ndarray, values: Values, G: Generator) -> None:
        """Note the picture that was drawn from the last input."""
        if self._ws is not None:
            self.seen = Seen(self._ws, rgb, values, G)

    def _home_of(self, G: Generator, pose: Pose, values: Values, leave: Leave) -> torch.Tensor | None:
        """Return where the walks begin, [num_ws, w_dim]; None: at the w of their seed."""
        home, shape = pose.home, (G.num_ws, G.w_dim)
        if home is None:
            return None
        if home is not self._home:
            self._home, self._target = home, None
            self._before = leave(home, self._ws) if home.seconds else None
        if home.style is not None and home.style.ws.shape == shape and self._target is None:
            self._target = torch.from_numpy(home.style.ws).to(G.device)
        if self._target is not None and self._target.shape != shape:  # the model was exchanged
            self._target = None
        share = (pose.t_audio - home.t_audio) / home.seconds if home.seconds else 1.0
        before = self._before
        if share >= 1.0 or before is None or before.shape[1:] != shape:
            self._before = None
            return self._target
        end = self._target if self._target is not None else self._seed_home(G, pose, values)
        return torch.lerp(before[0], end, max(0.0, share))

    @staticmethod
    def _seed_home(G: Generator, pose: Pose, values: Values) -> torch.Tensor:
        return G.start if G.start is not None else map_walks(G, pose.z[-1:], values)[0]


def _style_of(home: Home | None) -> SavedStyle | None:
    return home.style if home is not None else None
