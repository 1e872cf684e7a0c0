"""The family of a snapshot's network, recognised by its tensors: all programs call the class Generator."""

from __future__ import annotations

from typing import Literal

from bandwalk.errors import CheckpointError
from bandwalk.generator.scopes import Scopes
from bandwalk.generator.snapshot import Snapshot

Family = Literal["stylegan1", "stylegan2", "stylegan3"]

# Names of tensors that only networks of one family have.
_MARKS: dict[str, Family] = {
    "synthesis.input.freqs": "stylegan3",
    "synthesis.b4.const": "stylegan2",
    "synthesis/4x4/Conv/mod_weight": "stylegan2",
    "conv1.conv.modulation.weight": "stylegan2",  # rosinality
    "synthesis/4x4/Const/StyleMod/weight": "stylegan1",
}


def family(snapshot: Snapshot) -> Family:
    """Return the family of a snapshot's network.

    Raises:
        CheckpointError: the family is unknown.
    """
    scopes = Scopes(snapshot.tensors)
    for name, found in _MARKS.items():
        if scopes.stored(name) in snapshot.tensors:
            return found
    some = ", ".join(list(snapshot.tensors)[:3]) or "no tensors"
    raise CheckpointError(f"{snapshot.name}: expected a StyleGAN1, 2 or 3, got a network with {some}")
