"""Sixteen channels that drive the styles, one walk each, where three bands drive three.

``spectral`` hears them without any training, ``listener`` lets NSynth's encoder hear them; ``movement`` says how much
each moves and which moves most; ``recorded`` gives again what was
heard before; ``channels`` joins them to the steps of the analysis.
"""

from bandwalk.analysis.channels.channels import Channels, Source
from bandwalk.analysis.channels.listener import NSynthListener
from bandwalk.analysis.channels.movement import Movement, Survey, survey
from bandwalk.analysis.channels.recorded import Recorded, Song
from bandwalk.analysis.channels.spectral import Spectral16

__all__ = ["Channels", "Movement", "NSynthListener", "Recorded", "Song", "Source", "Spectral16", "Survey", "survey"]
