"""What a pipeline gets from outside, in the order in which it takes it.

Walks and pictures follow from the sound and from this alone: whoever keeps it can draw the same again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bandwalk.generator import Generator
from bandwalk.params.values import Values
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.glide import Glide, Glider
from bandwalk.pipeline.style_home import Asked
from bandwalk.records import Block, Features
from bandwalk.walk import Keyframes

Push = tuple[str, str]
"""("bump" or "reset", band)."""


class Outside(NamedTuple):
    """What holds when a block is heard.

    values:    as the hand set them.
    glider:    of the pipeline; nobody changes it while the block is heard.
    G:         the model.
    used_with: the values with which the model was taken.
    """

    values: Values
    glider: Glider
    G: Generator
    used_with: Values


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
