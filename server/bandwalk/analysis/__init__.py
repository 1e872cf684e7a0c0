"""Sound to features: three bands, their level, change and onsets, one record a step."""

from bandwalk.analysis.analyzer import Analyzer
from bandwalk.analysis.steps import Ear

__all__ = ["Analyzer", "Ear"]
