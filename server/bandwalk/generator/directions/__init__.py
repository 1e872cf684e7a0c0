"""Directions in w: found in closed form or read from files, played by /direction."""

from bandwalk.generator.directions.cache import cached_directions, default_place
from bandwalk.generator.directions.closed import COMPONENTS, METHODS, MOST_COMPONENTS, find_directions
from bandwalk.generator.directions.direction_file import read_directions, read_origin, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, MOST, Directions
from bandwalk.generator.directions.published_colours import published_shape, read_published

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
    "published_shape",
    "read_directions",
    "read_origin",
    "read_published",
    "write_directions",
]
