"""StyleGAN1 in plain torch: G_style of TensorFlow's files.

weights    what a file holds, read from a snapshot
mapping    z, c -> w
reference  ws -> picture, by the book
fast       ws -> picture, the same with fewer passes
picture    features -> picture, for both
model      the interface of all generators
"""

from bandwalk.generator.stylegan1.model import StyleGAN1

__all__ = ["StyleGAN1"]
