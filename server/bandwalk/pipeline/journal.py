"""What a pipeline gets from outside, in the order in which it takes it.

Walks and pictures follow from the sound and from this alone: whoever keeps it can draw the same again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from bandwalk.generator import Generator
from bandwalk.params.values import Values
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.glide import Glide, Glider
from bandwalk.pipeline.style_home import Asked
from bandwalk.records import Block, Features
from bandwalk.walk import Home, Keyframes

Push = tuple[str, str]
"""("bump" or "reset", band)."""


class Taken(NamedTuple):
    """What holds when another model is taken: the values as the hand set them, and the place of the glide."""

    values: Values
    place: float


class Outside(NamedTuple):
    """What holds when a block is heard.

    values: as the hand set them.
    glider: of the pipeline; nobody changes it while the block is heard.
    G:      the model.
    taken:  with what it was taken.
    """

    values: Values
    glider: Glider
    G: Generator
    taken: Taken


class Followed(NamedTuple):
    """What the walks follow in one step, after the conductor; controls: values by name."""

    values: Values
    glider: Glider
    controls: Mapping[str, float]
    styles: Asked
    keyframes: Mapping[str, Keyframes]


class Journal:
    """Keeps nothing; one that keeps something must not wait. Each method is called by one thread."""

    def hears(self, block: Block, outside: Outside, pushes: Sequence[Push]) -> None:
        """Take what holds from this block on; pushes: done to the walks before it."""

    def follows(self, features: Features, followed: Followed) -> None:
        """Take what the walks follow in a step."""

    def draws(self, picture_input: PictureInput, values: Values, glide: Glide | None, G: Generator) -> None:
        """Take what a picture is drawn from, and the values as the hand set them."""

    def leaves(self, home: Home, ws: torch.Tensor | None) -> torch.Tensor | None:
        """Take the ws [1, num_ws, w_dim] at which a way begins, in its first picture; return them."""
        return ws
