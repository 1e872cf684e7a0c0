"""All inputs: the sound server's sources, each with its own channels, and PortAudio's sound cards."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bandwalk.audio import portaudio
from bandwalk.audio.device import Device, OnSound, OpenCard
from bandwalk.audio.may_hang import run_or_give_up
from bandwalk.audio.pulse import list_sources
from bandwalk.audio.pulse_recording import PulseRecording
from bandwalk.errors import DeviceError

COMPUTER = "computer"
"""``live:computer`` records what the computer itself plays."""

_TO_THE_SERVER = ("default", "pulse", "pipewire")
"""ALSA devices that lead to the sound server; they would mix the channels by their names."""

_LOOPBACK = " [Loopback]"
"""PortAudio's suffix for a Windows output that can be recorded."""

_NO_COMPUTER = {
    "win32": "this PortAudio cannot record the output; switch on Stereo Mix under Sound settings, Recording,"
    " or install VB-CABLE and play into it, then live: and its name",
    "darwin": "macOS does not let programs record it; install BlackHole (brew install blackhole-2ch), make a"
    " Multi-Output Device of it and the speakers in Audio MIDI Setup, play through that, then live:BlackHole",
    "linux": "no sound server with an output was found; expected PulseAudio or PipeWire (in a container or over"
    " ssh, PULSE_SERVER leads to it) and libpulse.so.0 (Debian, Ubuntu: sudo apt-get install libpulse0)",
}


def hear_the_computer(devices: Iterable[Device]) -> str:
    """Return one line that says how to hear what the computer plays; devices as :func:`list_inputs` returns them."""
    try:
        found = _computer("", list(devices))
    except DeviceError as e:
        return str(e).removeprefix(": ")
    return f"bandwalk serve live:{COMPUTER} (here {found})"


def list_inputs() -> list[Device]:
    """Return all inputs, the sound server's sources first; an empty list if there is no input.

    Raises:
        DeviceError: PortAudio is missing, or the sound system fails or does not answer.
    """
    return run_or_give_up("listing sound cards", lambda: _list("listing sound cards"))


def find_output() -> Device | None:
    """Return the sound card that plays by default; None if there is none.

    Raises:
        DeviceError: PortAudio is missing, or the sound system fails or does not answer.
    """
    cards = run_or_give_up("listing sound cards", portaudio.list_cards)
    return next((card for card in cards if card.is_default_output and card.outputs), None)


def find_input(query: str) -> Device:
    """Return the input that a name or an index means.

    Args:
        query: its index; or a part of "name, host API" in any case, or of the sound server's own name;
               "computer": what the computer plays; "": the system's default.

    Raises:
        DeviceError: no input matches, or several do (the message lists them).
    """
    doing = f"opening live:{query}" if query else "opening live"
    served = _served(doing)
    if query == COMPUTER:
        return _computer(doing, served)
    wanted = "" if served and query.casefold() in _TO_THE_SERVER else query
    found = [] if query.isdecimal() else _matches(wanted, served)
    if not found:
        found = _find_anew(doing, wanted)
    return _only(doing, found)


def find_again(device: Device, *, follows: bool) -> Device:
    """Return a source of the sound server as it is now; if follows: the system's current choice.

    Raises:
        DeviceError: it is not there.
    """
    doing = f"opening live:{device.name}"
    for other in _served(doing):
        if device.is_choice_now(other) if follows else other.key == device.key:
            return other
    raise DeviceError(f"{doing}: it is gone")


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How to open a device.

    channels:    how many to record, from the first.
    sample_rate: Hz; a source of the sound server has its own.
    follows:     whether it finishes when the system chooses a different input.
    """

    device: Device
    channels: int
    sample_rate: int
    follows: bool


def open_input(order: DeviceOptions, on_sound: OnSound, finished: Callable[[], None]) -> OpenCard:
    """Listen to a device.

    Args:
        on_sound: takes the sound, [n, at least channels], on a thread of its own.
        finished: called when no more sound comes.

    Raises:
        DeviceError: it does not open.
    """
    device = order.device
    if device.key:
        return PulseRecording(device, on_sound, finished, follows=order.follows)
    return portaudio.open_input(device, order.channels, order.sample_rate, on_sound, finished)


def _list(doing: str) -> list[Device]:
    """Return the sound server's sources, numbered after PortAudio's cards, and then these cards."""
    served = _served(doing)
    cards = portaudio.list_cards()
    inputs = [card for card in cards if card.inputs]
    if not served:
        return inputs
    inputs = [replace(card, is_default_input=False) for card in inputs if not _leads_to_the_server(card)]
    return [replace(source, index=source.index + len(cards)) for source in served] + inputs


def _served(doing: str) -> list[Device]:
    return list(list_sources(doing) or ())


def _leads_to_the_server(card: Device) -> bool:
    return card.host_api == "PulseAudio" or (card.host_api == "ALSA" and card.name in _TO_THE_SERVER)


def _find_anew(doing: str, query: str) -> list[Device]:
    """Return all inputs that match; if none does, look for new cards first, then raise DeviceError."""
    inputs = _list(doing)
    found = _matches(query, inputs)
    if not found and portaudio.rescan():
        inputs = _list(doing)
        found = _matches(query, inputs)
    if not inputs:
        raise DeviceError(f"{doing}: no sound card to listen to was found (see bandwalk devices)")
    if not found:
        raise DeviceError(f"{doing}: no such device, expected one of {'; '.join(map(str, inputs))}")
    return found


def _matches(query: str, devices: Iterable[Device]) -> list[Device]:
    devices = list(devices)
    if not query:
        return [device for device in devices if device.is_default_input][:1] or devices[:1]
    if query.isdecimal():
        return [device for device in devices if device.index == int(query)]
    wanted = query.casefold()
    found = [device for device in devices if wanted in f"{device.name}, {device.host_api}".casefold()]
    found += [device for device in devices if wanted in device.key.casefold() and device not in found]
    exact = [device for device in found if wanted in (device.key.casefold(), device.name.casefold())]
    return exact or found


def _only(doing: str, found: list[Device]) -> Device:
    if len(found) > 1:
        raise DeviceError(f"{doing}: matches several devices, expected one of {'; '.join(map(str, found))}")
    return found[0]


def _computer(doing: str, devices: list[Device]) -> Device:
    """Return the device that records what the computer plays.

    Raises:
        DeviceError: there is none; the message says what to do.
    """
    if sys.platform == "win32":
        devices = _loopbacks(portaudio.list_cards())
    found = [device for device in devices if device.is_computer]
    if not found:
        raise DeviceError(f"{doing}: {_NO_COMPUTER.get(sys.platform, _NO_COMPUTER['linux'])}")
    return found[0]


def _loopbacks(cards: Iterable[Device]) -> list[Device]:
    """Return the Windows outputs that PortAudio can record; the default output is marked."""
    cards = list(cards)
    default = {f"{card.name}{_LOOPBACK}" for card in cards if card.is_default_output}
    loopbacks = [card for card in cards if card.inputs and card.name.endswith(_LOOPBACK)]
    chosen = next((card for card in loopbacks if card.name in default), loopbacks[0] if loopbacks else None)
    return [replace(card, is_computer=card is chosen) for card in loopbacks]
