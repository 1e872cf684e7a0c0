"""Directions in w that need no training: found in closed form, kept in files, played by /direction."""

from bandwalk.generator.directions.cache import cached_directions, default_place
from bandwalk.generator.directions.closed import COMPONENTS, METHODS, MOST_COMPONENTS, find_directions
from bandwalk.generator.directions.file import read_directions, read_origin, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, MOST, Directions

__all__ = [
    "COMPONENTS",
    "FILE_SUFFIX",
    "METHODS",
    "MOST",
    "MOST_COMPONENTS",
    "Directions",
    "cached_directions",
    "default_place",
    "find_directions",
    "read_directions",
    "read_origin",
    "write_directions",
]
