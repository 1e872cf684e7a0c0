"""Directions in w that need no training: found in closed form, kept in files, played by /direction."""

from bandwalk.generator.directions.cache import cached_directions, default_place
from bandwalk.generator.directions.closed import COMPONENTS, METHODS, find_directions
from bandwalk.generator.directions.file import read_directions, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, MOST, Directions

__all__ = [
    "COMPONENTS",
    "FILE_SUFFIX",
    "METHODS",
    "MOST",
    "Directions",
    "cached_directions",
    "default_place",
    "find_directions",
    "read_directions",
    "write_directions",
]
