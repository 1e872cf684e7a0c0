"""Records one source of the sound server."""

import logging
import threading
from collections.abc import Callable

from bandwalk.audio.device import Device, OnSound
from bandwalk.audio.pulse import TURN_S, NoServer, PulseConnection
from bandwalk.errors import DeviceError

logger = logging.getLogger(__name__)


class PulseRecording:
    """Records a source on a thread of its own, until the source is gone or :meth:`close` is called.

    Args:
        source:   one of :func:`list_sources`.
        on_sound: takes the sound.
        finished: called once, when no more sound comes.
        follows:  whether it also ends when the system chooses a different source.

    Raises:
        DeviceError: it does not open.
    """

    def __init__(
        self, source: Device, on_sound: OnSound, finished: Callable[[], None], *, follows: bool = False
    ) -> None:
        doing = f"opening live:{source.name}"
        self.is_gone = True
        """After the recording has finished: whether the source went away; False: the system chose a different one."""
        self._source = source
        self._on_sound, self._finished = on_sound, finished
        self._follows = follows
        self._closing = threading.Event()
        self._may_have_changed = False
        try:
            self._connection = PulseConnection(doing)
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
        """Stop recording."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(4 * TURN_S)

    def _run(self) -> None:
        connection, channels = self._connection, len(self._source.channel_map)
        try:
            while connection.is_alive and not self._closing.is_set():
                connection.turn(TURN_S)
                connection.read(channels, self._on_sound)
                if self._may_have_changed and self._has_lost_choice():
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

    def _has_lost_choice(self) -> bool:
        self._may_have_changed = False
        chosen = [source for source in self._connection.sources() if self._source.is_choice_now(source)]
        return bool(chosen) and chosen[0].key != self._source.key
