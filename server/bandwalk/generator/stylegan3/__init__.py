"""StyleGAN3 in plain torch, config T and R.

weights    the one form that files are brought into
loading    snapshot -> weights
mapping    z, c -> w
waves      the input: waves over the picture plane
reference  ws -> picture, by the book
fast       ws -> picture, the same with fewer passes
model      the interface of all generators
"""

from bandwalk.generator.stylegan3.model import StyleGAN3

__all__ = ["StyleGAN3"]
