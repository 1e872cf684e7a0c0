"""The model in use, and how another one takes its place while the show runs."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from bandwalk.control import Store
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator import Generator, load
from bandwalk.output.shape import native_side
from bandwalk.units import inside, parse_size, seed_to_z
from bandwalk.values import Values

logger = logging.getLogger(__name__)

SUFFIXES = (".safetensors", ".pkl", ".pt")

LOADED_PSI = 0.7
"""Truncation of a model that was trained, where nobody has chosen another: its far corners are seldom beautiful."""


def open_model(name: str, values: Values, *, device: str, exact: bool) -> Generator:
    """Load a model at the side that the wanted picture needs.

    Raises:
        CheckpointError, ParameterError: as :func:`bandwalk.generator.load`.
    """
    width, height = parse_size(values["/out/size"])
    side = native_side(width, height, values["/out/fit"]) if name == "builtin" else None
    return load(name, device=device, exact=exact, size=side)


def offer_psi(store: Store, name: str) -> None:
    """Give a loaded model its usual truncation, unless somebody has chosen one."""
    if name != "builtin":
        store.offer("/style/psi", LOADED_PSI)


def warm_up(G: Generator) -> None:
    """Draw a picture, so that the first one of the show is not the slow one."""
    G.render(G.map(seed_to_z(0, G.z_dim)[None]))


class ModelHost:
    """Loads and warms models up on a thread of its own; the old one plays on until the new one is ready.

    Args:
        folder:  where models named over the network lie.
        load_one: loads a model by name or path.
        ready:   gets (name or path, the new model).
        failed:  gets (who asked, reason); the old model stays.
    """

    def __init__(
        self,
        folder: Path,
        load_one: Callable[[str], Generator],
        *,
        ready: Callable[[str, Generator], None],
        failed: Callable[[object, str], None],
    ) -> None:
        self._folder = folder
        self._load_one = load_one
        self._ready = ready
        self._failed = failed
        self._wanted: tuple[str, object] | None = None
        self._changed = threading.Lock()
        self._running = False

    def names(self) -> list[str]:
        """Return what /model/load takes: builtin and the files in the models folder."""
        files = sorted(path.name for path in self._folder.glob("*") if path.suffix in SUFFIXES)
        return ["builtin", *files]

    def request(self, name: str, origin: object) -> None:
        """Ask for a model by the name that a controller may use; the newest request wins.

        Raises:
            ParameterError: no such model in the models folder.
        """
        if name != "builtin" and not inside(self._folder, name).is_file():
            raise ParameterError(f"/model/load {name}: no such file in {self._folder}; expected one of /model/list")
        self._start("builtin" if name == "builtin" else str(inside(self._folder, name)), origin)

    def reload(self, name: str, origin: object) -> None:
        """Load a model again by its own name or path: the picture's size has changed."""
        self._start(name, origin)

    def _start(self, name: str, origin: object) -> None:
        with self._changed:
            self._wanted = (name, origin)
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._work, name="models", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                wanted, self._wanted = self._wanted, None
                if wanted is None:
                    self._running = False
                    return
            name, origin = wanted
            try:
                G = self._load_one(name)
                warm_up(G)
            except (BandwalkError, RuntimeError, MemoryError) as e:
                logger.error("loading %s: %s; the model before plays on", name, e)
                self._failed(origin, str(e))
            else:
                self._ready(name, G)
