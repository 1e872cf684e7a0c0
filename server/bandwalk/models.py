"""The model in use, and how another one takes its place while the show runs."""

import logging
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from bandwalk.control import Store
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator import Generator, load
from bandwalk.generator.gains import cached_gains
from bandwalk.output.shape import native_side
from bandwalk.threads import Latest
from bandwalk.units import inside, parse_size, seed_to_z
from bandwalk.values import Values

logger = logging.getLogger(__name__)

SUFFIXES = (".safetensors", ".pkl", ".pt")

LOADED_PSI = 0.7
"""Truncation of a model that was trained, where nobody has chosen another: its far corners are seldom beautiful."""


GAIN_SEEDS = 16
"""Pictures by which a model file's gains are measured, once: a minute for the largest ones on a CPU."""


def open_model(name: str, values: Values, *, device: str, exact: bool) -> Generator:
    """Load a model at the side that the wanted picture needs.

    Raises:
        CheckpointError, ParameterError: as :func:`bandwalk.generator.load`.
    """
    if name == "builtin":
        return load(name, device=device, exact=exact, size=wanted_side(values))
    G = load(name, device=device, exact=exact)
    G.gains = cached_gains(G, user_cache_path("bandwalk", appauthor=False), GAIN_SEEDS)
    return G


def wanted_side(values: Values) -> int:
    """Return the side at which the embedded model draws for the wanted picture."""
    width, height = parse_size(values["/out/size"])
    return native_side(width, height, values["/out/fit"])


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
        name:     of the model that plays at the start, or its path.
        folder:   where models named over the network lie.
        load_one: loads a model by name or path.
        ready:    gets (name or path, the new model).
        failed:   gets (who asked, reason); the old model stays.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        load_one: Callable[[str], Generator],
        *,
        ready: Callable[[str, Generator], None],
        failed: Callable[[object, str], None],
    ) -> None:
        self._playing = self._wanted = name
        self._folder = folder
        self._load_one = load_one
        self._ready = ready
        self._failed = failed
        self._worker = Latest("models", self._load)

    def names(self) -> list[str]:
        """Return what /model/load takes: builtin and the files in the models folder."""
        files = sorted(path.name for path in self._folder.glob("*") if path.suffix in SUFFIXES)
        return ["builtin", *files]

    def request(self, name: str, origin: object) -> None:
        """Ask for a model by the name that a controller may use; the newest request wins.

        Raises:
            ParameterError: no such model in the models folder.
        """
        path = inside(self._folder, name)
        if name != "builtin" and not path.is_file():
            raise ParameterError(f"/model/load {name}: no such file in {self._folder}; expected one of /model/list")
        self._wanted = "builtin" if name == "builtin" else str(path)
        self._worker.ask((self._wanted, origin))

    def resize(self, origin: object) -> None:
        """Load the embedded model at another side; model files have a side of their own."""
        if self._wanted == "builtin":
            self._worker.ask((self._wanted, origin))

    def _load(self, request: tuple[str, object]) -> None:
        name, origin = request
        try:
            G = self._load_one(name)
            warm_up(G)
            self._ready(name, G)
            self._playing = name
        except Exception as e:  # noqa: BLE001  whatever a model file brings up, the show goes on
            logger.error("loading %s: %s; the model before plays on", name, e)
            if self._wanted == name:
                self._wanted = self._playing
            self._failed(origin, str(e) if isinstance(e, BandwalkError) else f"loading {name}: {type(e).__name__}: {e}")
