"""From what a picture is drawn from to the picture as it is shown: in a show, in a render, in a farm's worker."""

from dataclasses import dataclass

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.output.fade import Fader, dim
from bandwalk.output.shape import to_size
from bandwalk.params.values import Values, number, switch, text
from bandwalk.pipeline import stage_values as plain
from bandwalk.records import Pose
from bandwalk.units import parse_size


@dataclass(frozen=True, slots=True)
class PictureInput:
    """All that a picture is drawn from: pose, and ws [1, num_ws, w_dim] float32 on the model's device."""

    pose: Pose
    ws: torch.Tensor


@dataclass(frozen=True, slots=True)
class FrameInput:
    """What differs from frame to frame of a clip: its picture's input, and its brightness, 0 black, 1 as drawn."""

    picture_input: PictureInput
    brightness: float


class ClipFader:
    """The brightness of a clip's pictures, one after the other."""

    def __init__(self, t_audio: float = 0.0) -> None:
        self._fader = Fader()
        self._t_audio = t_audio

    def step(self, t_audio: float, values: Values) -> float:
        """Move on to an audio time, and return the brightness there: 0 black, 1 as drawn."""
        dt_s = max(0.0, t_audio - self._t_audio)
        self._t_audio = t_audio
        return self._fader.step(switch(values, "/master/blackout"), number(values, "/master/fade"), dt_s=dt_s)


def paint(G: Generator, picture_input: PictureInput, values: Values, *, alpha: bool = False) -> np.ndarray:
    """Draw a picture: [H, W, 3], with alpha [H, W, 4], uint8, at the model's own size."""
    G.transform = plain.input_transform(values)
    G.noise, G.drift = number(values, "/style/noise"), picture_input.pose.drift
    G.bends = plain.bends(values, picture_input.pose.level, G.num_ws)
    return G.render_rgba(picture_input.ws) if alpha else G.render(picture_input.ws)


def draw(G: Generator, frame_input: FrameInput, values: Values, *, alpha: bool = False) -> np.ndarray:
    """Return a frame's picture as it is shown, [H, W, 3], with alpha [H, W, 4], uint8."""
    return finish(paint(G, frame_input.picture_input, values, alpha=alpha), frame_input.brightness, values)


def finish(rgb: np.ndarray, brightness: float, values: Values) -> np.ndarray:
    """Bring a picture to its size and brightness: [H, W, 3] uint8, or with opacity [H, W, 4]."""
    width, height = parse_size(text(values, "/out/size"))
    return dim(to_size(rgb, width, height, fit=text(values, "/out/fit")), brightness)
