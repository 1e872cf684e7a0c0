"""The embedded model by the book: each formula once, nothing in place, gradients back to the styles.

    numbers   choices between forms, as smooth functions of style parameters
    relief    styles 0-5: the plane, warped, and the heights on it
    colours   styles 6-13: palettes, material, light
    picture   all of it, lit; the fine stage is `reference`'s

The fast path is held to it. It draws the plane at full size always; large pictures of the fast path double it.
"""

from bandwalk.generator.builtin.plain.picture import Setting, draw

__all__ = ["Setting", "draw"]
