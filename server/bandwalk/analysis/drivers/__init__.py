"""Sixteen drivers that drive the styles, one walk each, where three bands drive three.

``spectral`` hears them without any training, ``listener`` lets NSynth's encoder hear them; ``movement`` says how much
each moves and which moves most; ``recorded`` gives again what was
heard before; ``drivers`` joins them to the steps of the analysis.
"""

from bandwalk.analysis.drivers.drivers import Drivers, Listener
from bandwalk.analysis.drivers.listener import NSynthListener
from bandwalk.analysis.drivers.movement import Movement, SongStatistics, song_statistics
from bandwalk.analysis.drivers.recorded import RecordedDrivers, RecordedSong
from bandwalk.analysis.drivers.spectral import Spectral16

__all__ = [
    "Drivers",
    "Listener",
    "Movement",
    "NSynthListener",
    "RecordedDrivers",
    "RecordedSong",
    "SongStatistics",
    "Spectral16",
    "song_statistics",
]
