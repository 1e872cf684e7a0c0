"""MIDI: knobs, faders, keys and wheels that set parameters and run commands, and what is shown on them."""

from bandwalk.control.midi.desk import MidiDesk, Outside

__all__ = ["MidiDesk", "Outside"]
