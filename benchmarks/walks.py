"""How the embedded model's learned walks change pictures from which they were not learned.

python benchmarks/walks.py
"""

import numpy as np
import torch

from bandwalk.generator import Generator, load
from bandwalk.generator.builtin import WALKS
from bandwalk.generator.directions import read_directions
from bandwalk.generator.learned import EDITS
from bandwalk.generator.learned.learning import difference

_SEEDS, _SEED = 12, 77
_ALPHAS = (-1.0, -0.5, 0.0, 0.5, 1.0)


def main() -> None:
    """Print one line for each walk and alpha."""
    G = load("builtin", size=128)
    rng = np.random.Generator(np.random.PCG64(_SEED))
    ws = G.map(rng.standard_normal((_SEEDS, G.z_dim)).astype(np.float32))
    print(f"{'walk':10} alpha   mean red green blue   edges   rest of the edit")
    for name, walk in read_directions(WALKS, G).vectors.items():
        for alpha in _ALPHAS:
            print(f"{name:10} {alpha:+5.1f}   {_measure(G, ws, name, alpha, walk=walk)}")


def _measure(G: Generator, ws: torch.Tensor, name: str, alpha: float, *, walk: torch.Tensor) -> str:
    base, moved = G.synthesize(ws), G.synthesize(ws + alpha * walk)
    red, green, blue = (127.5 * (moved.mean((0, 2, 3)) + 1.0)).tolist()
    pairs = zip(_edges(base), _edges(moved), strict=True)
    alike = np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs])
    wanted, mask = EDITS[name](base, torch.full((len(ws),), alpha))
    still = float(difference(base, wanted, mask))
    left = float(difference(moved, wanted, mask)) / still if still > 1e-9 else 0.0
    return f"{red:12.1f} {green:5.1f} {blue:4.1f}   {alike:5.3f}   {left:5.3f}"


def _edges(img: torch.Tensor) -> np.ndarray:
    """Return the gradients of the luminance [N, 2, H, W]."""
    luma = np.tensordot(img.numpy(), (0.3, 0.59, 0.11), (1, 0))
    return np.stack(np.gradient(luma, axis=(1, 2)), axis=1)


if __name__ == "__main__":
    main()
