"""StyleGAN3 in plain torch, config T and R.

model          fills `model_file.ModelFile` with the four below
weights        the form that is drawn from
from_snapshot  snapshot -> weights
reference      ws -> picture, the plain reference
fast           ws -> picture, the same, faster
waves          the input: waves over the picture plane
resampling     the filters around a nonlinearity, fast
phases         the filter on the way up, by phases
"""

from bandwalk.generator.stylegan3.model import StyleGAN3

__all__ = ["StyleGAN3"]
