"""How loud it is on a sound card."""

import threading

import numpy as np

from bandwalk.audio.portaudio import Device, close_stream, open_stream

LISTEN_S = 0.3
FIRST_S = 2.2
"""How long the first sound may take to come: PulseAudio wakes an idle output only every two seconds."""


def measure_peak(device: Device) -> float | None:
    """Return the highest amplitude on a sound card's inputs within 0.3 s, linear; None if no sound came.

    Raises:
        DeviceError: it does not open.
    """
    peaks: list[float] = []
    came = threading.Event()

    def listen(indata: np.ndarray, *_: object) -> None:
        peaks.append(float(np.abs(indata).max(initial=0.0)))
        came.set()

    stream = open_stream(
        "InputStream",
        f"opening live:{device.index}",
        device=device.index,
        channels=min(2, device.inputs),
        samplerate=device.sample_rate,
        callback=listen,
    )
    try:
        if came.wait(FIRST_S):
            threading.Event().wait(LISTEN_S)
    finally:
        close_stream(stream)
    return max(peaks, default=None)
