"""The embedded model in plain form: each formula once, nothing in place, gradients back to the styles.

    numbers   choices between forms, as smooth functions of style parameters
    relief    styles 0-5: the plane, warped, and the heights on it
    colours   styles 6-13: palettes, material, light
    picture   the whole picture; the fine stage is that of `reference`

Tests compare the fast path with it. It always draws the plane at full size; the fast path doubles it for large
pictures.
"""

from bandwalk.generator.builtin.plain.picture import Setting, draw

__all__ = ["Setting", "draw"]
