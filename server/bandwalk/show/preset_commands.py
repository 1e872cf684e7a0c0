"""The commands under /preset: presets are saved, recalled, listed, renamed and deleted by name, in one folder."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

from bandwalk.control import Controller, DiskWork, Handler, Store, presets
from bandwalk.errors import ParameterError
from bandwalk.params.row import Row, Value
from bandwalk.pipeline.glide import Glider, recall
from bandwalk.pipeline.start_values import not_at_rest
from bandwalk.show.handlers import SOURCE

Listed = list[tuple[str, str, str, int]]
"""The list of presets as it is answered."""


class Presets:
    """Presets of a show.

    Args:
        glider:   of the show's pipeline; None: without a picture.
        may_save: whether a controller may write files.
        prepare:  called with a look's values and the seconds of its glide before they are set; may change them, and
                  returns what there is to say about them.
        recalled: called with the name of each preset that was recalled.
        saved:    called with the name of each preset that was saved: it is the look that is on.
        is_busy:  whether a preset is still being recalled: a save then takes the values after it.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        glider: Glider | None = None,
        may_save: Callable[[Controller], bool] = lambda controller: True,
        prepare: Callable[[dict[str, Value], float], str] = lambda values, seconds: "",
        recalled: Callable[[str], None] = lambda name: None,
        saved: Callable[[str], None] = lambda name: None,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._glider = glider or Glider()
        self._folder = folder
        self._may_save = may_save
        self._prepare = prepare
        self._recalled = recalled
        self._saved = saved
        self._is_busy = is_busy

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        return {
            "/preset/list": lambda args, _: DiskWork(self._list, is_question=True),
            "/preset/recall": self.recall,
            "/preset/recall_all": partial(self.recall, with_setup=True),
            "/preset/save": self.save,
            "/preset/delete": self._delete,
            "/preset/rename": self._rename,
        }

    def recall(self, args: list[Value], controller: Controller, *, with_setup: bool = False) -> DiskWork:
        """Set what the preset holds, numbers gliding; what is set while it is read stays."""
        return DiskWork(partial(self._recall, args, controller, self._store.mark, with_setup=with_setup))

    def recall_now(self, name: str) -> None:
        """Set what the preset holds, for one that can wait for the disk.

        Raises:
            ParameterError: as for a controller.
        """
        self._recall([name], None, self._store.mark, with_setup=False)

    def _recall(self, args: list[Value], controller: object, since: int, *, with_setup: bool) -> None:
        """Recall a preset; all controllers get the values, also the one that asked: its faders have old values.

        Raises:
            ParameterError: no such preset; or some of it is not set, and the rest is recalled.
        """
        name, seconds = str(args[0]), cast(float, args[1]) if len(args) > 1 else 0.0
        look = presets.recall(self._folder, name)
        values = dict(look.over(self._store.rows()))
        note = self._prepare(values, seconds)
        setup = dict(look.setup) if with_setup else {}
        spec = setup.pop(SOURCE, None)
        left_out = recall(self._store, self._glider, {**values, **setup}, since=since, seconds=seconds)
        if spec is not None and not self._store.is_written_since(SOURCE, since):
            self._store.set(SOURCE, spec, clamp=False, controller=controller)  # may fail later; then it gets a report
        self._recalled(name)
        lost = not_at_rest(values, left_out)
        remarks = [f"the model has no {', '.join(lost)}"] if lost else []
        remarks += [*look.remarks(with_setup=with_setup), *filter(None, [note])]
        if remarks:
            raise ParameterError(f"preset {name}: {'; '.join(remarks)}; the rest is recalled")

    def _list(self) -> Listed:
        return [("/preset/name", name, text, int(own)) for name, text, own in presets.describe_all(self._folder)]

    def save(self, args: list[Value], controller: Controller) -> DiskWork:
        """Save what is part of a look, as it is now.

        Raises:
            ParameterError: who asks may not.
        """
        self._check("/preset/save", controller)
        now = None if self._is_busy() else (self._store.values, self._store.rows())
        return DiskWork(partial(self._save, str(args[0]), now))

    def _save(self, name: str, now: tuple[Mapping[str, Value], Mapping[str, Row]] | None) -> None:
        """Write the values and rows of the moment, or those that hold now."""
        values, rows = now or (self._store.values, self._store.rows())
        presets.save(presets.find_room(self._folder, name), values, rows)
        self._saved(name)

    def _delete(self, args: list[Value], controller: Controller) -> DiskWork:
        self._check("/preset/delete", controller)
        return DiskWork(partial(self._listed_after, presets.delete, str(args[0])))

    def _rename(self, args: list[Value], controller: Controller) -> DiskWork:
        self._check("/preset/rename", controller)
        return DiskWork(partial(self._listed_after, presets.rename, str(args[0]), str(args[1])))

    def _listed_after(self, act: Callable[..., None], *names: str) -> Listed:
        act(self._folder, *names)
        return self._list()

    def _check(self, address: str, controller: Controller) -> None:
        """Refuse a controller that may not write files.

        Raises:
            ParameterError: it may not.
        """
        if not self._may_save(controller):
            raise ParameterError(f"{address}: expected this machine, or an address of --osc-allow")
