"""Brings a clip's sound to a wanted loudness by one gain for the whole of it."""

import logging
import math
from collections.abc import Iterable

import numpy as np

from bandwalk.analysis.music.integrated import loudness_and_peak

logger = logging.getLogger(__name__)

MAX_PEAK_DB = -1.0
"""dBFS that no sample goes over: coding may add a little (EBU R 128)."""


def gain_for(blocks: Iterable[np.ndarray], channels: int, wanted: float) -> float:
    """Return the factor that brings sound to a loudness, less where its peaks leave no room; says what it does.

    Args:
        blocks: pieces of the sound, [n, channels] float32.
        wanted: LUFS.
    """
    found, peak = loudness_and_peak(blocks, channels)
    if math.isinf(found):
        logger.warning("--loudness = %g: the sound is silent or very short, and stays as it is", wanted)
        return 1.0
    room_db = MAX_PEAK_DB - 20 * math.log10(peak)
    gain_db = min(wanted - found, room_db)
    logger.info("the sound has %.1f LUFS; %+.1f dB make it %.1f LUFS", found, gain_db, found + gain_db)
    if gain_db < wanted - found:
        logger.warning("--loudness = %g: more gain would bring peaks over %g dBFS", wanted, MAX_PEAK_DB)
    return float(10 ** (gain_db / 20))
