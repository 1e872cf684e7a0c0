"""Changes of scene: they land where the music says, asked for by hand or by the autopilot."""

from bandwalk.pipeline.scenes.autopilot import Autopilot
from bandwalk.pipeline.scenes.change import Change, Told
from bandwalk.pipeline.scenes.conductor import Conductor
from bandwalk.pipeline.scenes.phrase import Phrase

__all__ = ["Autopilot", "Change", "Conductor", "Phrase", "Told"]
