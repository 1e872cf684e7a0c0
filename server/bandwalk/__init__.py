"""Turns sound into pictures on stage: bands of music walk through the latent space of a generator."""
