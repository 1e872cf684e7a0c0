"""``bandwalk devices``: what can be listened to, how loud it is there now, and how to hear the computer itself."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from bandwalk.audio import Device, list_devices, measure_peak
from bandwalk.errors import DeviceError
from bandwalk.units import lin_to_db

METER_CELLS = 10
METER_WIDTH = METER_CELLS + len(" silence")
NARROW = 100
"""Columns of a terminal under which long names and errors would take the meter's room."""
METER_FLOOR_DB = -60.0

_HEAR_THE_COMPUTER = {
    "linux": (
        "PulseAudio and PipeWire: PULSE_SOURCE=@DEFAULT_MONITOR@ bandwalk serve live:pulse",
        "or start bandwalk serve live:pulse and choose the monitor under Recording in pavucontrol.",
    ),
    "win32": (
        "a device with [Loopback] in its name (Windows WASAPI), where the table has one;",
        'or switch on "Stereo Mix" under Sound settings, Recording; or install VB-CABLE and play into it.',
    ),
    "darwin": (
        "install BlackHole (brew install blackhole-2ch), make a Multi-Output Device of it and",
        "the speakers in Audio MIDI Setup, play through that, then bandwalk serve live:BlackHole.",
    ),
}


def run(console: Console) -> None:
    """Print the sound cards with their levels, and hints.

    Raises:
        DeviceError: PortAudio is missing or fails.
    """
    devices = list_devices()
    inputs = [device for device in devices if device.inputs]
    if inputs:
        console.print(_table(inputs, console))
        console.print("Listen to one: bandwalk serve live:INDEX, or live: and a part of its name.")
    else:
        console.print("No sound card to listen to was found; bandwalk serve demo and files work without one.")
        if sys.platform == "linux":
            console.print("In a container or over ssh, PULSE_SERVER must lead to the sound server.")
    outputs = [device for device in devices if device.is_default_output and device.outputs]
    console.print(f"Plays through (--monitor): {escape(str(outputs[0])) if outputs else 'no sound card'}")
    console.print("To hear what the computer itself plays:")
    for line in _HEAR_THE_COMPUTER.get(sys.platform, _HEAR_THE_COMPUTER["linux"]):
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


def _table(inputs: list[Device], console: Console) -> Table:
    cells = "█░" if console.encoding.startswith("utf") else "#."
    table = Table(
        "index",
        Column("name", overflow="fold"),
        "channels",
        "rate, Hz",
        Column("host API", overflow="fold"),
        Column("level now", width=METER_WIDTH if console.width < NARROW else None),
    )
    for device in inputs:
        name = escape(device.name) + (" [bold](default)[/]" if device.is_default_input else "")
        rate = str(device.sample_rate)
        table.add_row(str(device.index), name, str(device.inputs), rate, escape(device.host_api), _level(device, cells))
    return table


def _level(device: Device, cells: str) -> str:
    """Return a meter of what the device hears now, or why there is none."""
    try:
        with _drivers_muted():
            peak = measure_peak(device)
    except DeviceError as e:
        return f"[red]{escape(str(e).partition(': ')[2])}[/]"
    return "[yellow]gives no sound[/]" if peak is None else meter(peak, cells)


def meter(peak: float, cells: str = "█░") -> str:
    """Return a bar for a linear peak, -60 dB to 0 dB over 10 cells (full and empty ones), and the peak in dB."""
    peak_db = lin_to_db(peak)
    full = round(METER_CELLS * min(1.0, max(0.0, 1 - peak_db / METER_FLOOR_DB)))
    number = "silence" if peak_db < -120 else f"{peak_db:.0f} dB"
    return cells[0] * full + cells[1] * (METER_CELLS - full) + f" {number}"


@contextmanager
def _drivers_muted() -> Iterator[None]:
    """Keep the terminal clean of what PortAudio and ALSA write to it about a device that does not open."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
