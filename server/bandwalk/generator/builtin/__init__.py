"""The embedded model: a style-modulated synthesis network that was designed, not trained.

    mapping     z -> w
    weights     the file of fixed numbers, made by build
    coarse      styles 0-2: folds, rotates and warps the plane
    middle      styles 3-5: draws patterns on it
    appearance  styles 6-13: palette, material, light and tone of the picture
    fine        draws the picture at full size; reference is its plain form
    plain       the whole model in plain form, with gradients
    live        pictures on a CUDA GPU: plain, captured as one graph

`model` joins them.
"""

from bandwalk.generator.builtin.model import Builtin
from bandwalk.generator.builtin.weights import WALKS

__all__ = ["WALKS", "Builtin"]
