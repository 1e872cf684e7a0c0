"""The present level and health of inputs."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bandwalk.audio.cards import DeviceOptions, open_input
from bandwalk.audio.device import Device
from bandwalk.audio.health import NOTHING_DB, HealthReading, judge, sum_up
from bandwalk.audio.may_hang import run_or_give_up
from bandwalk.errors import DeviceError
from bandwalk.units import lin_to_db

LISTEN_S = 0.3
FIRST_S = 2.2
"""Longest wait for the first sound: PulseAudio wakes an idle output only every two seconds."""

_AT_ONCE = 8


def measure_all(devices: Sequence[Device], floor: float) -> list[HealthReading | DeviceError | None]:
    """Return a reading of each device after 0.3 s; None if no sound came; an error if it does not open.

    The sound server's sources are measured together, PortAudio's one after the other.

    Args:
        devices: from :func:`bandwalk.audio.cards.list_inputs`.
        floor:   RMS under which a sound is too quiet to be seen, linear.
    """

    def measure(device: Device) -> HealthReading | DeviceError | None:
        try:
            return measure_one(device, floor)
        except DeviceError as e:
            return e

    served = [device for device in devices if device.key]
    with ThreadPoolExecutor(_AT_ONCE, "level") as pool:
        found = dict(zip(served, pool.map(measure, served), strict=True))
    return [found[device] if device in found else measure(device) for device in devices]


def measure_one(device: Device, floor: float) -> HealthReading | None:
    """Return a reading of one device after 0.3 s; None if no sound came.

    Raises:
        DeviceError: it does not open, or does not answer.
    """
    pieces: list[np.ndarray] = []
    came = threading.Event()

    def listen(x: np.ndarray, _was_lost: bool) -> None:
        pieces.append(x.copy())
        came.set()

    order = DeviceOptions(device, min(2, device.inputs), device.sample_rate, follows=False)
    doing = f"opening live:{device.index}"
    stream = run_or_give_up(doing, lambda: open_input(order, listen, lambda: None), lambda opened: opened.close())
    try:
        if came.wait(FIRST_S):
            threading.Event().wait(LISTEN_S)
    finally:
        stream.close()
    if not pieces:
        return None
    sums = sum_up(np.concatenate(pieces))
    return HealthReading(max(NOTHING_DB, lin_to_db(sums.peak)), judge(sums, floor, is_long_quiet=True))
