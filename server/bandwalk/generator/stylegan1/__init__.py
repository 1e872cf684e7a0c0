"""StyleGAN1: pictures from TensorFlow's G_style.

    weights   what the file holds      mapping   z -> w
    reference draws in plain form      fast      draws the same in fewer passes
    picture   features -> picture

The whole is in `model`.
"""

from bandwalk.generator.stylegan1.model import StyleGAN1

__all__ = ["StyleGAN1"]
