"""The embedded model: a designed, style-modulated synthesis network, not trained.

    mapping   z -> w            weights   the one file of fixed numbers, made by build
    coarse    styles 0-2        folds, rotates and warps the plane
    middle    styles 3-5        lays patterns on it
    look      styles 6-13       palette, material, light and tone of the picture
    fine      draws the look at full size; reference is its plain form
    plain     all of it by the book, with gradients

The whole is in `model`.
"""

from bandwalk.generator.builtin.model import Builtin
from bandwalk.generator.builtin.weights import WALKS

__all__ = ["WALKS", "Builtin"]
