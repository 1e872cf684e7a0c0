"""``bandwalk inspect`` and ``convert``: what a file holds, and the same as plain tensors."""

from pathlib import Path
from typing import Any

from bandwalk.analysis import nsynth
from bandwalk.errors import CheckpointError, ParameterError, WorkError
from bandwalk.generator import build
from bandwalk.generator.directions import published_shape, read_published, write_directions
from bandwalk.generator.reading import NOT_TRAINED, family, read_snapshot, write_safetensors
from bandwalk.units import readable

_AVERAGES = ("mapping.w_avg", "dlatent_avg", "latent_avg", "w_avg")
_LICENCE = "not in the file: ask the person who trained it (NVIDIA's own models are for non-commercial use)"


def describe(path: Path, like: Path | None = None) -> dict[str, Any]:
    """Return what a model file holds, by name.

    Args:
        path: The file.
        like: A whole model of the same shapes, for a state dict.

    Raises:
        CheckpointError: it cannot be read, or is neither a generator nor NSynth's encoder.
    """
    if nsynth.is_encoder(path):
        return nsynth.describe(path)
    snapshot = read_snapshot(path, like)
    G = build(snapshot, exact=True)
    return {
        "file": readable(path.name),
        "written_by": snapshot.written_by,
        "container": snapshot.container,
        "key": snapshot.key,
        "family": family(snapshot),
        "resolution": G.resolution,
        "size": f"{G.width}x{G.height}",
        "alpha": G.has_alpha,
        "styles": G.num_ws,
        "classes": G.c_dim,
        "z": G.z_dim,
        "w": G.w_dim,
        "parameters": sum(x.numel() for name, x in snapshot.tensors.items() if not NOT_TRAINED.fullmatch(name)),
        "psi_average": any(name in snapshot.tensors for name in _AVERAGES),
        "sha256": snapshot.sha256,
        "notes": "; ".join(snapshot.notes),
        "licence": _LICENCE,
    }


def as_text(found: dict[str, Any]) -> str:
    """Return a description as lines, a name and a value each."""
    values = {name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in found.items()}
    return "\n".join(f"{name.replace('_', ' '):12} {value}" for name, value in values.items() if value != "")


def convert(path: Path, out: Path, like: Path | None = None) -> str:
    """Write a model file, an encoder's or one of published walks as .safetensors; return what was written in a line.

    Args:
        path: The file.
        out:  The file to write.
        like: A whole model of the same shapes, for a state dict: what is written is a whole model, too.

    Raises:
        CheckpointError: it cannot be read, or is of another kind.
        ParameterError:  the output is called otherwise, or cannot be written.
    """
    if out.suffix != ".safetensors":
        raise ParameterError(f"OUT = {out}: expected a name that ends in .safetensors")
    if nsynth.is_encoder(path):
        return nsynth.convert(path, out)
    shape = published_shape(path)
    if shape is not None:
        return _convert_walks(path, shape, out)
    snapshot = read_snapshot(path, like)
    build(snapshot, exact=True)  # what cannot be drawn with is not worth keeping
    try:
        write_safetensors(snapshot, out)
    except OSError as e:
        raise ParameterError(f"OUT = {out}: {e.strerror}; expected a file that can be written") from e
    return f"{out}: {family(snapshot)} with {len(snapshot.tensors)} tensors, {out.stat().st_size / 1e6:.1f} MB"


def _convert_walks(path: Path, shape: tuple[int, int], out: Path) -> str:
    """Write published walks as a file of directions."""
    try:
        walks = read_published(path, shape)
        write_directions(walks, out)
    except CheckpointError as e:
        raise CheckpointError(f"{path}: {e}") from e
    except WorkError as e:
        raise ParameterError(f"OUT = {e}; expected a file that can be written") from e
    return f"{out}: walks {', '.join(walks.vectors)} for {shape[0]} styles"
