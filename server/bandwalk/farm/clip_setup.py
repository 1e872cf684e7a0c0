"""What a worker gets: once what all pictures of a clip share, then chunks of inputs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from bandwalk.generator import Generator, Screen
from bandwalk.params.row import Value
from bandwalk.params.values import Values
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.records import Pose


@dataclass(frozen=True, slots=True)
class Chunk:
    """The inputs of some frames, one after the other, without torch's own ways between processes.

    ws [n, num_ws, w_dim] float32; pose of each frame, and its changes.
    """

    ws: np.ndarray
    poses: tuple[Pose, ...]
    changes: tuple[Mapping[str, Value], ...]

    def inputs(self) -> list[PictureInput]:
        """Return the inputs in memory of their own."""
        each = zip(self.ws, self.poses, self.changes, strict=True)
        return [PictureInput(pose, torch.tensor(ws[None]), changes) for ws, pose, changes in each]


@dataclass(frozen=True, slots=True)
class ClipSetup:
    """All that shapes a clip's pictures beside their inputs; equal to a copy of itself only.

    key:     names this setup.
    model:   builtin, or a path.
    like:    whole model that a state dict takes its settings from; empty: none. A path, on every host.
    weights: the model file's bytes [n] uint8 where workers may not have the file; None: they read the path.
    sha256:  names the weights, hex.
    screen:  that the model is loaded for; None: none, its pictures have its own size.
    alpha:   whether pictures say how opaque they are.
    engine:  that draws model files.
    decided: which precision draws which model: decided once, by the leading process.
    probe:   ws [1, num_ws, w_dim] float32, and picture: what it looks like in the leading process (:func:`look`).
    """

    key: str
    model: str = field(compare=False)
    like: str = field(compare=False)
    weights: np.ndarray | None = field(compare=False)
    sha256: str = field(compare=False)
    device: str = field(compare=False)
    exact: bool = field(compare=False)
    engine: str = field(compare=False)
    screen: Screen | None = field(compare=False)
    threads: int = field(compare=False)
    alpha: bool = field(compare=False)
    values: Values = field(compare=False)
    decided: Mapping[tuple[str, str], bool] = field(compare=False)
    probe: np.ndarray = field(compare=False)
    picture: str = field(compare=False)


def to_chunk(inputs: Sequence[PictureInput]) -> Chunk:
    """Return inputs as a chunk."""
    ws = torch.cat([picture_input.ws for picture_input in inputs]).cpu().numpy()
    return Chunk(ws, tuple(each.pose for each in inputs), tuple(each.changes for each in inputs))


def look(G: Generator, ws: np.ndarray) -> str:
    """Return what a model's pictures have in common only if all their pixels are the same, hex.

    Args:
        ws: [1, num_ws, w_dim] float32.
    """
    return hashlib.sha256(G.render(torch.tensor(ws)).tobytes()).hexdigest()
