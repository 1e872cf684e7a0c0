"""NSynth's temporal encoder: sound at 16 kHz to 16 channels a step of 32 ms, and its files.

``table``, ``proto``, ``crc32c`` and ``bundle`` read TensorFlow's checkpoints; ``files`` reads them and bandwalk's own
form; ``weights`` checks what was read; ``reference`` is the network as published, ``encoder`` the same as a stream.
"""

from bandwalk.analysis.nsynth.encoder import SAMPLE_RATE, EncoderStream, NSynthEncoder, load_encoder
from bandwalk.analysis.nsynth.files import convert, describe, is_encoder
from bandwalk.analysis.nsynth.weights import HOP

__all__ = [
    "HOP",
    "SAMPLE_RATE",
    "EncoderStream",
    "NSynthEncoder",
    "convert",
    "describe",
    "is_encoder",
    "load_encoder",
]
