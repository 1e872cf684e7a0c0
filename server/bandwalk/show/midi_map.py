"""What MIDI controls move when a show begins."""

from collections.abc import Mapping

from bandwalk.control.midi import map_files
from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.targets import Target
from bandwalk.params.settings import Settings


def start_map(settings: Settings) -> Mapping[Control, Target]:
    """Return what MIDI controls move at the start: the map that was named, else that of the preset, else nothing.

    Raises:
        ParameterError: the map cannot be read.
    """
    folder, named, preset = settings.folders.presets, settings.midi.midi_map, settings.begin.preset
    if not named and not (preset and map_files.has_map(folder, preset)):
        return {}
    return map_files.load(folder, named or preset)
