"""Directions in w that are learned: along each, a model makes one edit of its pictures."""

from bandwalk.generator.learned.edits import EDITS
from bandwalk.generator.learned.learning import SPACES, LearningOptions, learn

__all__ = ["EDITS", "SPACES", "LearningOptions", "learn"]
