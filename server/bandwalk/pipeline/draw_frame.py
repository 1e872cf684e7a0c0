"""From what a picture is drawn from to its pixels, each picture by itself: in a show, in a render, in a farm's worker.

What depends on the pictures before it comes after that, where they are in order: ``frame_sequence``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.output.colour import recolour
from bandwalk.output.fade import Fader
from bandwalk.output.shape import to_size
from bandwalk.params.row import Value
from bandwalk.params.values import Values, number, switch, text
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.moves import moved
from bandwalk.records import Pose
from bandwalk.units import parse_size


@dataclass(frozen=True, slots=True)
class PictureInput:
    """All that a picture is drawn from, beside the values that all pictures of a clip share.

    ws:      [1, num_ws, w_dim] float32 on the model's device.
    changes: values that differ from those of the clip, by address, as a scene has set them.
    """

    pose: Pose
    ws: torch.Tensor
    changes: Mapping[str, Value] = field(default_factory=dict)

    def over(self, values: Values) -> Values:
        """Return the values with the changes of this picture."""
        return {**values, **self.changes} if self.changes else values


class ClipFader:
    """The brightness of a clip's pictures, one after the other."""

    def __init__(self, t_audio: float = 0.0) -> None:
        self._fader = Fader()
        self._t_audio = t_audio

    @property
    def brightness(self) -> float:
        """0 black, 1 as drawn."""
        return self._fader.brightness

    @brightness.setter
    def brightness(self, brightness: float) -> None:
        self._fader.brightness = brightness

    def step(self, t_audio: float, values: Values) -> float:
        """Move on to an audio time, and return the brightness there: 0 black, 1 as drawn."""
        dt_s = max(0.0, t_audio - self._t_audio)
        self._t_audio = t_audio
        return self._fader.step(switch(values, "/master/blackout"), number(values, "/master/fade"), dt_s=dt_s)


def paint(G: Generator, picture_input: PictureInput, values: Values, *, alpha: bool = False) -> np.ndarray:
    """Draw a picture: [H, W, 3], with alpha [H, W, 4], uint8, at the model's own size.

    Args:
        values: as routes have moved them (:func:`bandwalk.pipeline.moves.moved`).
    """
    G.transform = plain.input_transform(values)
    G.noise, G.drift = number(values, "/style/noise"), picture_input.pose.drift
    G.bends = plain.bends(values, G.num_ws)
    return G.render_rgba(picture_input.ws) if alpha else G.render(picture_input.ws)


def draw(G: Generator, picture_input: PictureInput, values: Values, *, alpha: bool = False) -> np.ndarray:
    """Return a picture in its colours and size, [H, W, 3], with alpha [H, W, 4], uint8.

    Args:
        values: as the hand set them, without the changes of this picture.
    """
    values = moved(picture_input.over(values), picture_input.pose)
    return finish(paint(G, picture_input, values, alpha=alpha), values)


def finish(rgb: np.ndarray, values: Values) -> np.ndarray:
    """Bring a picture to its colours and size: [H, W, 3] uint8, or with opacity [H, W, 4]."""
    width, height = parse_size(text(values, "/out/size"))
    return to_size(recolour(rgb, plain.colour(values)), width, height, fit=text(values, "/out/fit"))
