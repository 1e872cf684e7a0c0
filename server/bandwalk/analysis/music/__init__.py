"""What is heard besides the bands: air, loudness, energy, breaks, timbre, pitch classes, key."""

from bandwalk.analysis.music.fixed_filters import AIR
from bandwalk.analysis.music.listener import Moment, MusicListener

__all__ = ["AIR", "Moment", "MusicListener"]
