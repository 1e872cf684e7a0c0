"""StyleGAN2 in plain torch: architectures skip, resnet and orig, with or without classes, from three kinds of files.

model          fills `model_file.ModelFile` with the four below
weights        the form that is drawn from
from_snapshot  snapshot -> weights
reference      ws -> picture, the plain reference
fast           ws -> picture, the same, faster
layouts        where each kind of file keeps which tensor
named_tensors  tensors of a snapshot by one set of names, checked
"""

from bandwalk.generator.stylegan2.model import StyleGAN2

__all__ = ["StyleGAN2"]
