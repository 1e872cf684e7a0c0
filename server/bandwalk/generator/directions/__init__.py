"""Directions in w: computed in closed form or read from files, controlled by /direction."""

from bandwalk.generator.directions.cache import cached_directions, default_place
from bandwalk.generator.directions.closed import MAX_COMPONENTS, METHODS, find_directions
from bandwalk.generator.directions.direction_file import read_directions, read_origin, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, Directions
from bandwalk.generator.directions.published_colours import published_shape, read_published

__all__ = [
    "FILE_SUFFIX",
    "MAX_COMPONENTS",
    "METHODS",
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
