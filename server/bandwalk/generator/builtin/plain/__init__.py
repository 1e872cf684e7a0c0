"""The embedded model in plain form: each formula once, nothing in place, gradients back to the styles.

    constants the model's fixed numbers as tensors
    numbers   choices between forms, as smooth functions of style parameters
    relief    styles 0-5: the plane, warped, and the heights on it
    colours   styles 6-13: palettes, material, light
    picture   the whole picture; the fine stage is that of `reference`

Tests compare the fast path of the CPU with it. On a CUDA GPU it draws live pictures (`live`): there its operations are
captured as one graph, so that nothing in it may depend on a number that is read back.
"""

from bandwalk.generator.builtin.plain.constants import Constants
from bandwalk.generator.builtin.plain.picture import Setting, draw

__all__ = ["Constants", "Setting", "draw"]
