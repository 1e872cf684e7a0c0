"""Opens what /audio/source names: a deck with a song of a list, the demo, or a sound card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bandwalk.audio import Deck, PullSource, Songs, Source, SourceOptions, open_source, songs_of
from bandwalk.errors import AudioError, ParameterError

Skipped = Callable[[str], object]
"""Told in one line which song is left out, and why."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open source, and the list that it is in.

    source: a deck, or live sound.
    songs:  the list; empty: the source is no file.
    place:  in the list, from 0.
    scenes: name of the scene that begins with each song, empty: none; as many as songs, or none at all.
    """

    source: Source
    songs: tuple[Path, ...] = ()
    place: int = 0
    scenes: tuple[str, ...] = ()

    @property
    def deck(self) -> Deck | None:
        """The deck; None for live sound."""
        return self.source if isinstance(self.source, Deck) else None

    @property
    def name(self) -> str:
        """Of the source, for the user."""
        return self.source.name

    def close(self) -> None:
        """Close the source."""
        self.source.close()


class Opener:
    """Opens sources for a show.

    Args:
        options: how to open them.
        folder:  the music folder.
        skipped: told of songs that are left out.
    """

    def __init__(self, options: SourceOptions, folder: Path, skipped: Skipped) -> None:
        self.folder = folder
        self._options = options
        self.skipped = skipped

    def open(self, spec: str, *, is_trusted: bool = False) -> Opened:
        """Open what a name stands for.

        Args:
            is_trusted: it was typed on the command line, so any file may be named.

        Raises:
            BandwalkError: it cannot be opened.
        """
        if spec in {"", "demo", "live"} or spec.startswith("live:"):
            source = open_source(spec, self._options, music=self.folder)
            return Opened(Deck(source) if isinstance(source, PullSource) else source)
        found = songs_of(spec, music=None if is_trusted else self.folder, fallback=self.folder)
        if not found.is_list:
            return Opened(Deck(self._open_file(found.paths[0])), found.paths)
        return self._open_list(spec, found)

    def open_next(self, songs: Sequence[Path], place: int, by: int) -> tuple[int, PullSource] | None:
        """Open the song at a place, or the next one in this direction that can be played; None: there is none.

        Args:
            by: 1 or -1; 0: only this one. A direction goes round the list.
        """
        for tried in range(len(songs) if by else 1):
            at = (place + tried * by) % len(songs)
            try:
                return at, self._open_file(songs[at])
            except (AudioError, ParameterError) as e:
                self.skipped(f"{e}; it is skipped")
        return None

    def _open_file(self, path: Path) -> PullSource:
        source = open_source(str(path), self._options)
        assert isinstance(source, PullSource)
        return source

    def _open_list(self, spec: str, found: Songs) -> Opened:
        for fault in found.faults:
            self.skipped(fault)
        opened = self.open_next(found.paths, 0, 1)
        if opened is None:
            raise AudioError(f"opening {spec}: none of its {len(found.paths)} songs can be played")
        place, source = opened
        return Opened(Deck(source), found.paths, place, found.scenes)
