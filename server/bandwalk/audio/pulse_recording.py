"""Sound of one source of the sound server, as it comes."""

import logging
import threading
from collections.abc import Callable

from bandwalk.audio.device import Device, OnSound
from bandwalk.audio.pulse import TURN_S, Connection, NoServer
from bandwalk.errors import DeviceError

logger = logging.getLogger(__name__)


class Recording:
    """Sound of a source as it comes, read on a thread of its own, until the source is gone or :meth:`close`.

    Args:
        source:   of :func:`list_sources`.
        on_sound: takes the sound.
        finished: called once, when no more comes.
        follows:  whether it also ends when the source is the system's choice no more.

    Raises:
        DeviceError: it does not open.
    """

    def __init__(
        self, source: Device, on_sound: OnSound, finished: Callable[[], None], *, follows: bool = False
    ) -> None:
        doing = f"opening live:{source.name}"
        self.is_gone = True
        """Whether the source went away, where the recording has finished; else another one is the system's choice."""
        self._source = source
        self._on_sound, self._finished = on_sound, finished
        self._follows = follows
        self._closing = threading.Event()
        self._may_have_changed = False
        try:
            self._connection = Connection(doing)
        except NoServer as e:
            raise DeviceError(f"{doing}: the sound server is gone") from e
        try:
            self._connection.record(source)
            if follows:
                self._connection.watch_defaults(self._note_change)
        except BaseException:
            self._connection.close()
            raise
        self._thread = threading.Thread(target=self._run, name="sound-server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the source go."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(4 * TURN_S)

    def _run(self) -> None:
        connection, channels = self._connection, len(self._source.channel_map)
        try:
            while connection.is_alive and not self._closing.is_set():
                connection.turn(TURN_S)
                connection.read(channels, self._on_sound)
                if self._may_have_changed and self._is_chosen_no_more():
                    self.is_gone = False
                    return
        except DeviceError as e:
            logger.debug("%s", e)
        finally:
            connection.close()
            if not self._closing.is_set():
                self._finished()

    def _note_change(self) -> None:
        self._may_have_changed = True

    def _is_chosen_no_more(self) -> bool:
        self._may_have_changed = False
        chosen = [source for source in self._connection.sources() if self._source.is_choice_now(source)]
        return bool(chosen) and chosen[0].key != self._source.key
