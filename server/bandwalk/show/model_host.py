"""How another model takes the place of the one in use while the show runs."""

import contextlib
import gc
import logging
from collections.abc import Callable
from pathlib import Path

from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator import Generator, is_embedded
from bandwalk.generator.directions import FILE_SUFFIX
from bandwalk.generator.reading import bare_name, is_model_name
from bandwalk.machine import lower_priority
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.models import settle, warm_up
from bandwalk.show.threads import LatestWorker
from bandwalk.units import inside

logger = logging.getLogger(__name__)

_NAMED = 8
"""Models that a refusal names."""


class _Superseded(Exception):  # noqa: N818  no error: another model is wanted
    """Work on a model is given up for the next one."""


class ModelHost:
    """Loads and warms models up on a thread of its own; the old one plays on until the new one is ready.

    The thread draws alone and stands back behind the show. What takes many pictures to measure is measured while
    the new model plays already.

    Args:
        name:     of the model that plays at the start, or its path.
        folder:   where models named over the network lie.
        load_one: loads a model by name or path.
        ready:    gets (name or path, the new model).
        failed:   gets (controller, reason); the old model stays.
        settle:   measures the model, calling its second argument every now and then.

    is_right: whether the model that draws has the size at which the one of this name would be loaded now.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        load_one: Callable[[str], Generator],
        *,
        ready: Callable[[str, Generator], None],
        failed: Callable[[object, str], None],
        settle: Callable[[Generator, Callable[[], None]], None] = settle,
    ) -> None:
        self._playing = self._wanted = name
        self._before = "builtin"
        self._given_up: set[str] = set()
        self._retreated_from: Generator | None = None
        self._asked_by: object = None
        self.is_loading = False
        self._folder = folder
        self._load_one = load_one
        self._ready = ready
        self._failed = failed
        self._settle = settle
        self.is_right: Callable[[str], bool] = lambda name: False
        self._newest: Generator | None = None
        self._worker = LatestWorker("models", self._load)

    def names(self) -> list[str]:
        """Return what /model/load takes: builtin and the files in the models folder."""
        called = (path for path in self._folder.glob("*") if is_model_name(path.name))
        files = sorted(path.name for path in called if path.is_file())
        return ["builtin", *(name for name in files if not name.endswith(FILE_SUFFIX) and self._may_be_named(name))]

    def _may_be_named(self, name: str) -> bool:
        """Return whether /model/load takes a file's name: valid text, and no link that leads out of the folder."""
        try:
            inside(self._folder, name)
        except ParameterError:
            return False
        return True

    def request(self, name: str, controller: object) -> None:
        """Ask for a model by the name that a controller may use; the newest request wins.

        Raises:
            ParameterError: no such model in the models folder.
        """
        self.load(self.find(name), controller)

    def find(self, name: str) -> str:
        """Return what loads the model that a controller calls by this name.

        Raises:
            ParameterError: no such model in the models folder.
        """
        path = inside(self._folder, name)
        if not is_embedded(name) and not path.is_file():
            path = self._folder / self._called(name)
        return name if is_embedded(name) else str(path)

    def load(self, found: str, controller: object) -> None:
        """Ask for a model by what :meth:`find` returned."""
        self._wanted = found
        self._given_up &= {self._playing}
        self._worker.ask((found, controller, False))

    @property
    def playing(self) -> str:
        """The model that draws: builtin, or a path."""
        return self._playing

    def is_wanted(self, found: str) -> bool:
        """Return whether this model plays already, or is on its way."""
        return self._wanted == found

    @property
    def is_superseded(self) -> bool:
        """Return whether another model than the one that is being loaded is wanted."""
        return self._worker.is_asked

    def _called(self, name: str) -> str:
        """Return the one file of this name, its ending left out.

        Raises:
            ParameterError: there is no such file, or several.
        """
        names = self.names()
        called = [each for each in names if bare_name(each) == name]
        if len(called) != 1:
            expected = ", ".join((called or names)[:_NAMED])
            raise ParameterError(f"/model/load {name}: no such file in {self._folder}; expected one of {expected}")
        return called[0]

    def resize(self, controller: object) -> None:
        """Load the model again if it is to be drawn at another size."""
        if self.is_loading or self._worker.is_asked or not self.is_right(self._playing):
            self._worker.ask((self._wanted, controller, True))

    def watch(self, reason: str, G: Generator) -> None:
        """Go back from a model that cannot be drawn, once.

        Args:
            reason: why it cannot be drawn; empty: it can.
            G:      the model that plays.
        """
        if not reason:
            self._retreated_from = None
        elif not self.is_loading and self._retreated_from is not G:
            self._retreated_from = G
            self.retreat(reason)

    def retreat(self, reason: str) -> None:
        """Go back to the model before the one that plays, which cannot be drawn, or else to the embedded one.

        Args:
            reason: why it cannot be drawn; the controller that asked for the model is told.
        """
        self._given_up.add(self._playing)
        name = next((each for each in (self._before, "builtin") if each not in self._given_up), None)
        then = f"goes back to {Path(name).name}" if name else "there is no other to go back to"
        logger.error("drawing %s: %s; %s", Path(self._playing).name, reason, then)
        self._failed(self._asked_by, f"drawing {Path(self._playing).name}: {reason}; {then}")
        if name:
            self._wanted = name
            self._worker.ask((name, self._asked_by, False))

    def _load(self, request: tuple[str, object, bool]) -> None:
        lower_priority()
        set_threads(1)
        name, controller, only_resize = request
        if not (only_resize and name == self._playing and self.is_right(name)):
            self._exchange(name, controller)
        if self._newest is not None:
            with contextlib.suppress(_Superseded):
                self._settle(self._newest, self._give_way)

    def _exchange(self, name: str, controller: object) -> None:
        """Load a model and let it draw."""
        self.is_loading = True
        try:
            G = self._load_one(name)
            warm_up(G)
            self._ready(name, G)
        except Exception as e:  # noqa: BLE001  whatever a model file brings up, the show goes on
            self._tell(name, controller, e)
            return
        finally:
            self.is_loading = False
        self._newest = G
        self._note_playing(name, controller)
        gc.collect()  # the model before the last one refers to itself; what is older than the show is left out of this

    def _note_playing(self, name: str, controller: object) -> None:
        if name != self._playing:
            self._before, self._playing = self._playing, name
        self._asked_by = controller

    def _tell(self, name: str, controller: object, error: Exception) -> None:
        logger.error("loading %s: %s; the model before plays on", name, error)
        if self._wanted == name:
            self._wanted = self._playing
        if self._playing in self._given_up and not self._worker.is_asked:
            self._given_up.add(name)
            self.retreat("it is not drawn")
        known = isinstance(error, BandwalkError)
        self._failed(controller, str(error) if known else f"loading {name}: {type(error).__name__}: {error}")

    def _give_way(self) -> None:
        if self._worker.is_asked:
            raise _Superseded
