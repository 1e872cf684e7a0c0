"""What the panel's small pictures show: a seed, a direction of the model, a look at rest."""

from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path

import numpy as np
import torch

from bandwalk.control import Store, presets
from bandwalk.generator import Generator
from bandwalk.output.colour import recolour
from bandwalk.params.row import INT32, Row, Value
from bandwalk.params.values import Values, number, text, whole
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.joined_styles import along_directions, join_styles, map_walks
from bandwalk.pipeline.style_files import check_shape, read_style
from bandwalk.pipeline.style_home import NAME
from bandwalk.records import BANDS
from bandwalk.show.picture_sheet import Subject
from bandwalk.units import seed_to_z

ALONG = 4.0
"""How far a direction's picture is along it: half of its range."""

_CLASSES = tuple(f"/style/{name}" for name in ("psi", "class", "class_b", "class_mix"))
_SEEN = ("/style/", "/direction/", "/bend/", "/transform/", "/color/", "/mix/")
"""What a look at rest depends on."""


class Subjects:
    """Finds what there is to draw.

    Args:
        model:  returns the model that draws.
        store:  the present values.
        folder: of presets.
        styles: the folder of saved styles.
    """

    def __init__(self, model: Callable[[], Generator], store: Store, folder: Path, styles: Path) -> None:
        self._model, self._store, self._folder, self._styles = model, store, folder, styles

    def find(self, kind: str, name: str) -> Subject | None:
        """Return the subject of a kind and a name; None: there is none.

        Raises:
            ParameterError: a look or its style cannot be read, or the model cannot draw it.
        """
        known = {"seed": self._seed, "direction": self._direction, "look": self._look}
        return known[kind](name) if kind in known else None

    def _seed(self, name: str) -> Subject | None:
        """Return the picture of a seed, without effects."""
        seed = int(name) if name.isascii() and name.isdigit() and len(name) <= 10 else -1
        return self._at_rest(seed) if 0 <= seed <= INT32 else None

    def _direction(self, name: str) -> Subject | None:
        """Return the picture of the present seed, moved along a direction."""
        if name not in self._model().directions:
            return None
        return self._at_rest(whole(self._store.values, "/style/seed"), name)

    def _at_rest(self, seed: int, direction: str = "") -> Subject:
        G, values = self._model(), self._store.values
        key = ("at rest", G.sha256, G.width, G.height, seed, direction, *(values[address] for address in _CLASSES))

        def draw() -> np.ndarray:
            ws = map_walks(G, seed_to_z(seed, G.z_dim)[None], values)
            if direction:
                ws = ws + ALONG * G.directions[direction]
            return _drawn(_rested(G, values), ws)

        return Subject(key, draw)

    def _look(self, name: str) -> Subject:
        """Return the picture with which a look begins, in its colours."""
        G, now, rows = self._model(), self._store.values, self._store.rows()
        values = {**now, **look_values(self._folder, name, rows)}
        home = self._home(G, text(values, NAME))
        key = ("look", G.sha256, G.width, G.height, *sorted((a, v) for a, v in values.items() if a.startswith(_SEEN)))

        def draw() -> np.ndarray:
            z = np.repeat(seed_to_z(whole(values, "/style/seed"), G.z_dim)[None], len(BANDS) + 1, axis=0)
            ws = along_directions(G, join_styles(G, z, values, home=home), values)
            shown = _rested(G, values)
            shown.transform, shown.bends = plain.input_transform(values), plain.bends(values, G.num_ws)
            return recolour(_drawn(shown, ws), plain.colour(values))

        return Subject(key, draw)

    def _home(self, G: Generator, style: str) -> torch.Tensor | None:
        if not style:
            return None
        saved = read_style(self._styles, style).style
        check_shape(saved, G)
        return torch.from_numpy(saved.ws).to(G.device)


def look_values(folder: Path, name: str, rows: Mapping[str, Row]) -> dict[str, Value]:
    """Return what the recall of a look sets, by address; without a name: where everything rests.

    Raises:
        ParameterError: no such look, or it cannot be read.
    """
    look = presets.recall(folder, name) if name else presets.Look({}, is_complete=True)
    return {address: value for address, value in look.over(rows).items() if address in rows}


def _rested(G: Generator, values: Values) -> Generator:
    """Return the model for a picture by itself: the show sets noise, bends and transform on its own one."""
    G = copy(G)
    G.noise, G.drift, G.transform, G.bends = number(values, "/style/noise"), 0.0, None, ()
    return G


def _drawn(G: Generator, ws: torch.Tensor) -> np.ndarray:
    shown = G.synthesize(ws)[0, :3]  # [3, H, W], -1..1
    return (shown.float().clamp(-1.0, 1.0) * 127.5 + 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
