"""Pictures from styles: load a model, map z to ws, draw ws.

    from bandwalk.generator import load
    G = load("builtin", size=512)
    rgb = G.render(G.map(z))

All generators share the interface in `interface`.
"""

from bandwalk.generator.engines import check_engine, hasten
from bandwalk.generator.gains import cached_gains, known_gains, measure_gains
from bandwalk.generator.interface import GROUPS, Generator, group_layers
from bandwalk.generator.loading import build, is_embedded, load
from bandwalk.generator.screen import Screen

__all__ = [
    "GROUPS",
    "Generator",
    "Screen",
    "build",
    "cached_gains",
    "check_engine",
    "group_layers",
    "hasten",
    "is_embedded",
    "known_gains",
    "load",
    "measure_gains",
]
