"""What model files are called: endings in any case of letters, and once more where somebody has packed them."""

from __future__ import annotations

ENDINGS = (".safetensors", ".pkl", ".pickle", ".pt", ".pth", ".ckpt")
PACKED = (".gz", ".zip")


def is_model_name(name: str) -> bool:
    """Tell whether a file is called like a model; any .zip may hold one, a .gz is called after what it holds."""
    lower = name.lower()
    return lower.endswith((*ENDINGS, ".zip", *(f"{ending}.gz" for ending in ENDINGS)))


def bare_name(name: str) -> str:
    """Return a model file's name without its endings."""
    for endings in (PACKED, ENDINGS):
        found = next((ending for ending in endings if name.lower().endswith(ending)), "")
        name = name[: len(name) - len(found)] or name
    return name
