"""StyleGAN1 in plain torch: G_style of TensorFlow's files.

model          fills `model_file.ModelFile` with the four below
weights        the form that is drawn from
from_snapshot  snapshot -> weights
reference      ws -> picture, the plain reference
fast           ws -> picture, the same, faster
to_rgb         features -> picture, for both
"""

from bandwalk.generator.stylegan1.model import StyleGAN1

__all__ = ["StyleGAN1"]
