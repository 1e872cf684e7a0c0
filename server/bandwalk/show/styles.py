"""Saved styles in a show: keeps what is seen, goes there again, and back."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bandwalk.control import Controller, DiskWork, Dispatcher, Handler, Store
from bandwalk.control.file_jobs import FileJob, FileThread
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator import Generator
from bandwalk.output.colour import recolour
from bandwalk.output.jpeg import Encoder, open_encoder
from bandwalk.output.shape import to_size
from bandwalk.params.row import Value
from bandwalk.params.values import Values, text
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.style_files import (
    KEPT,
    StyleFile,
    check_shape,
    delete_style,
    folder_in,
    list_styles,
    other_weights,
    read_style,
    write_style,
)
from bandwalk.pipeline.style_home import NAME, Going, Seen, StyleHome
from bandwalk.show.parts import ShowParts
from bandwalk.show.picture_sheet import PictureSheet
from bandwalk.show.sheet_subjects import Subjects
from bandwalk.show.threads import LatestWorker
from bandwalk.walk import SavedStyle

SEED = "/style/seed"

MAX_UNDONE = 16
"""Recalls that can be undone."""

THUMB_SIDE, _THUMB_QUALITY = 160, 85
"""Side of a style's picture, pixels."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """What was there before a recall: the rows, their style, and (in ``going.left``) the walks."""

    rows: Mapping[str, Value]
    style: SavedStyle | None
    going: Going


def open_styles(parts: ShowParts, dispatcher: Callable[[], Dispatcher]) -> "Styles":
    """Return the styles of a show."""
    presets, encoder = parts.settings.folders.presets, open_encoder(parts.settings.draw.encoder)

    def model() -> Generator:
        return parts.pipeline.scene.G

    subjects = Subjects(model, parts.store, presets, folder_in(presets))
    return Styles(
        parts.store,
        parts.pipeline.home,
        folder_in(parts.settings.folders.presets),
        model=model,
        encoder=encoder,
        sheet=PictureSheet(subjects.find, encoder),
        may_save=parts.ports.subscribers.may_save,
        report=lambda controller, address, reason: dispatcher().report(controller, address, reason),
    )


class Styles:
    """Saves, recalls and deletes styles by name, files in one folder.

    Args:
        home:     of the pipeline's walks.
        model:    returns the model that draws.
        encoder:  of thumbnails.
        sheet:    draws other small pictures.
        may_save: whether a controller may write files.
        report:   tells a controller what went wrong later.
    """

    def __init__(
        self,
        store: Store,
        home: StyleHome,
        folder: Path,
        *,
        model: Callable[[], Generator],
        encoder: Encoder,
        sheet: PictureSheet,
        may_save: Callable[[Controller], bool],
        report: Callable[[object, str, str], None],
    ) -> None:
        self._store = store
        self._home = home
        self._folder = folder
        self._model = model
        self._encoder = encoder
        self._may_save = may_save
        self._report = report
        self._before: deque[_Before] = deque(maxlen=MAX_UNDONE)
        self._setting: int | None = None  # the thread that sets a style's rows
        self._worker = LatestWorker("styles", self._load)
        self._pictures = FileThread()
        self._sheet = sheet

    def handlers(self) -> dict[str, Handler]:
        """Return what the commands do."""
        return {
            "/style/save": self._on_save,
            "/style/list": lambda args, controller: DiskWork(self._list, is_question=True),
            "/style/recall": lambda args, controller: DiskWork(partial(self._recall, *args)),
            "/style/undo": lambda args, controller: DiskWork(partial(self._undo, *args)),
            "/style/delete": self._on_delete,
        }

    def begin(self) -> None:
        """Read the style that the show begins with."""
        if name := text(self._store.values, NAME):
            self._load((name, None))

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Read the style that a controller names; a new seed ends a style: a listener of the store."""
        if self._setting == threading.get_ident():
            return
        name = text(self._store.values, NAME)
        if address == SEED and name and not self._store.is_written_since(NAME, self._store.mark - 1):
            self._store.set(NAME, "", clamp=False)
        elif address == NAME and value and value not in self._home.known:
            self._worker.ask((str(value), controller))

    def follow_model(self, G: Generator) -> None:
        """Leave a style that a new model cannot draw."""
        style = self._home.known.get(text(self._store.values, NAME))
        if style is None:
            return
        try:
            check_shape(style, G)
        except ParameterError as e:
            logger.warning("%s; the seed's picture is drawn", e)
            self._store.set(NAME, "", clamp=False)
            return
        if note := other_weights(style, G):
            logger.warning(note)

    def prepare(self, values: dict[str, Value], seconds: float) -> str:
        """Read the style of a look that is about to be recalled, and let the walks go there in so many seconds.

        Returns:
            What there is to say about it; empty: nothing.
        """
        note, go = self.read_for(values)
        go(seconds)
        return note

    def read_for(self, values: dict[str, Value]) -> tuple[str, Callable[[float], None]]:
        """Read the style of a look; without it, the look gets the seed's picture.

        Returns:
            What there is to say about it, and what lets the walks go there in some seconds: to be called before the
            look's values are set; it never waits.
        """
        if NAME not in values:
            return "", lambda seconds: None
        name, note = str(values[NAME]), ""
        read: dict[str, SavedStyle] = {}
        if name:
            try:
                file = self._read(name)
                read, note = {name: file.style}, other_weights(file.style, self._model())
            except BandwalkError as e:
                values[NAME], note = "", f"{e}; the seed's picture is drawn"
        return note, partial(self._go_with_look, str(values[NAME]), read)

    def _go_with_look(self, name: str, read: Mapping[str, SavedStyle], seconds: float) -> None:
        going = Going(name, seconds) if name != text(self._store.values, NAME) else None
        self._home.ask({**self._now(), **read}, going)

    def thumbnail(self, kind: str, name: str, reply: Callable[[bytes | None], object]) -> None:
        """Call reply with the picture of a saved style, or one of the sheet; None: there is none. Never waits."""
        if kind != "style":
            self._sheet.ask(kind, name, reply)
            return
        job = FileJob(object(), lambda: reply(self._picture(name)), lambda: reply(None))
        self._pictures.ask(job)

    def close(self) -> None:
        """Read and draw no more pictures."""
        self._pictures.close()
        self._sheet.close()

    def _picture(self, name: str) -> bytes | None:
        try:
            return read_style(self._folder, name).thumbnail
        except BandwalkError:
            return None

    def _now(self) -> dict[str, SavedStyle]:
        """Return the style that the row names now, by its name."""
        name = text(self._store.values, NAME)
        return {name: self._home.known[name]} if name in self._home.known else {}

    def _read(self, name: str) -> StyleFile:
        """Read a style that the model can draw."""
        file = read_style(self._folder, name)
        check_shape(file.style, self._model())
        return file

    def _list(self) -> Iterable[tuple[str, str]]:
        return [("/style/saved", name) for name in list_styles(self._folder)]

    def _check_allowed(self, command: str, controller: Controller) -> None:
        if not self._may_save(controller):
            raise ParameterError(f"{command}: expected this machine, or an address of --osc-allow")

    def _on_save(self, args: list[Any], controller: Controller) -> DiskWork:
        self._check_allowed("/style/save", controller)
        seen = self._home.seen
        if seen is None:
            raise ParameterError(f"/style/save {args[0]}: no picture is drawn yet; expected one")
        return DiskWork(partial(self._save, str(args[0]), seen))

    def _save(self, name: str, seen: Seen) -> None:
        G = seen.model
        style = SavedStyle(name, seen.ws[0].cpu().numpy().copy(), G.name, G.sha256)
        rgb = to_size(recolour(seen.rgb[..., :3], plain.colour(seen.values)), THUMB_SIDE, THUMB_SIDE, fit="crop")
        picture = self._encoder.encode(rgb, quality=_THUMB_QUALITY, chroma="420")
        write_style(self._folder, StyleFile(style, {address: seen.values[address] for address in KEPT}, picture))

    def _on_delete(self, args: list[Any], controller: Controller) -> DiskWork:
        self._check_allowed("/style/delete", controller)
        return DiskWork(lambda: delete_style(self._folder, str(args[0])))

    def _recall(self, name: str, seconds: float = 0.0) -> None:
        """Go to a style; all controllers get the values.

        Raises:
            ParameterError, CheckpointError: it cannot be drawn; or it was made with other weights, and is drawn.
        """
        file, going, now = self._read(name), Going(name, seconds), self._now()
        values = self._store.values
        rows = {address: values[address] for address in (NAME, *KEPT)}
        self._before.append(_Before(rows, now.get(text(values, NAME)), going))
        self._go({**now, name: file.style}, going, {NAME: name, **file.values})
        if note := other_weights(file.style, self._model()):
            raise ParameterError(note)

    def _undo(self, seconds: float = 0.0) -> None:
        """Go back to what was before the last recall, the walks to where they were.

        Raises:
            ParameterError: nothing is to be undone, or the model cannot draw it.
        """
        if not self._before:
            raise ParameterError("/style/undo: expected a recall before it")
        before = self._before.pop()
        style, known = before.style, self._now()
        if style is not None:
            check_shape(style, self._model())
            known[style.name] = style
        self._go(known, Going(text(before.rows, NAME), seconds, back=before.going.left), before.rows)

    def _go(self, known: Mapping[str, SavedStyle], going: Going, rows: Values) -> None:
        """Set a style's rows; the walks follow."""
        self._home.ask(known, going)
        self._setting = threading.get_ident()
        try:
            self._store.set_many(rows)
        finally:
            self._setting = None

    def _load(self, request: tuple[str, object]) -> None:
        """Read a style that somebody named by its row; if that fails, the name is taken away."""
        name, controller = request
        if text(self._store.values, NAME) != name:
            return
        try:
            style = self._read(name).style
        except BandwalkError as e:
            logger.warning("%s; the seed's picture is drawn", e)
            self._report(controller, NAME, f"{e}; the seed's picture is drawn")
            if text(self._store.values, NAME) == name:
                self._store.set(NAME, "", clamp=False)
            return
        self._home.ask({**self._now(), name: style})
        if note := other_weights(style, self._model()):
            self._report(controller, NAME, note)
