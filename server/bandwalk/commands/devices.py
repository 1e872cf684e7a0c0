"""``bandwalk devices``: what can be listened to, how loud it is there now, and how to hear the computer itself."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from bandwalk.audio import NOTHING_DB, Device, HealthReading, find_output, hear_the_computer, list_inputs, measure_all
from bandwalk.errors import DeviceError
from bandwalk.params import defaults
from bandwalk.params.values import number
from bandwalk.units import db_to_lin

METER_CELLS = 10
METER_WIDTH = METER_CELLS + len(" silence")
NARROW = 100
"""Columns of a terminal under which long names and errors would take the meter's room."""
METER_FLOOR_DB = -60.0


def run(console: Console) -> None:
    """Print what can be listened to, with its level and what is wrong with it, and hints.

    Raises:
        DeviceError: PortAudio is missing, or the sound system fails or does not answer.
    """
    with _drivers_muted():
        inputs, output = list_inputs(), find_output()
        heard = measure_all(inputs, db_to_lin(number(defaults(), "/audio/floor_db")))
    if inputs:
        console.print(_table(inputs, heard, console))
        for device, reading in zip(inputs, heard, strict=True):
            if isinstance(reading, HealthReading) and reading.sentence:
                console.print(f"{device.index}: {reading.sentence}", markup=False, highlight=False, soft_wrap=True)
        console.print("Listen to one: bandwalk serve live:INDEX, or live: and a part of its name.")
    else:
        console.print("No sound card to listen to was found; bandwalk serve demo and files work without one.")
        if sys.platform == "linux":
            console.print("In a container or over ssh, PULSE_SERVER must lead to the sound server.")
    console.print(f"Plays through (--monitor): {escape(str(output)) if output else 'no sound card'}")
    console.print("To hear what the computer itself plays:")
    console.print(f"  {hear_the_computer(inputs)}", markup=False, highlight=False, soft_wrap=True)


def _table(inputs: list[Device], heard: Sequence[HealthReading | DeviceError | None], console: Console) -> Table:
    cells = "█░" if console.encoding.startswith("utf") else "#."
    table = Table(
        "index",
        Column("name", overflow="fold"),
        "channels",
        "rate, Hz",
        Column("host API", overflow="fold"),
        Column("level now", width=METER_WIDTH if console.width < NARROW else None),
    )
    for device, reading in zip(inputs, heard, strict=True):
        name = escape(device.name) + (" [bold](default)[/]" if device.is_default_input else "")
        name += f"\n[dim]{escape(device.key)}[/]" if device.key else ""
        api = escape(device.host_api)
        table.add_row(str(device.index), name, str(device.inputs), str(device.sample_rate), api, _level(reading, cells))
    return table


def _level(reading: HealthReading | DeviceError | None, cells: str) -> str:
    """Return a meter of what a device hears now, or why it has no meter."""
    if isinstance(reading, DeviceError):
        return f"[red]{escape(str(reading).partition(': ')[2])}[/]"
    return "[yellow]gives no sound[/]" if reading is None else meter(reading.db, cells)


def meter(peak_db: float, cells: str = "█░") -> str:
    """Return a bar for a peak in dBFS, -60 to 0 over 10 cells (full and empty ones), and the number."""
    full = round(METER_CELLS * min(1.0, max(0.0, 1 - peak_db / METER_FLOOR_DB)))
    number = "silence" if peak_db <= NOTHING_DB else f"{peak_db:.0f} dB"
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
