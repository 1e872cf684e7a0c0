"""Endings of model files, in upper or lower case, and endings of packed ones."""

from __future__ import annotations

ENDINGS = (".safetensors", ".pkl", ".pickle", ".pt", ".pth", ".ckpt")
PACKED = (".gz", ".zip")


def is_model_name(name: str) -> bool:
    """Tell whether a file has a model's ending; any .zip may hold a model, a .gz keeps the model's ending."""
    lower = name.lower()
    return lower.endswith((*ENDINGS, ".zip", *(f"{ending}.gz" for ending in ENDINGS)))


def bare_name(name: str) -> str:
    """Return a model file's name without its endings."""
    for endings in (PACKED, ENDINGS):
        found = next((ending for ending in endings if name.lower().endswith(ending)), "")
        name = name[: len(name) - len(found)] or name
    return name
