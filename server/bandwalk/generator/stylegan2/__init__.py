"""StyleGAN2 in plain torch: skip, resnet and orig; conditional or not; three kinds of files.

layouts    where each kind of file keeps which tensor
source     tensors of a snapshot by one set of names, their shapes checked
weights    the one form that all files are brought into
prepare    snapshot -> weights
mapping    z, c -> w
reference  ws -> picture, by the book
fast       ws -> picture, the same with fewer passes
model      the interface of all generators
"""

from bandwalk.generator.stylegan2.model import StyleGAN2

__all__ = ["StyleGAN2"]
