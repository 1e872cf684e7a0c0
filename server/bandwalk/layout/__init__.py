"""Layouts for tablets, generated from the table: every live parameter once, fit for a thumb."""

from bandwalk.layout.stage_control import stage_control_session
from bandwalk.layout.touchosc import touchosc_layout
from bandwalk.layout.writing import KINDS, write_layout

__all__ = ["KINDS", "stage_control_session", "touchosc_layout", "write_layout"]
