"""Walks that are learned: directions in w along which a model makes an edit of its own pictures."""

from bandwalk.generator.learned.edits import EDITS
from bandwalk.generator.learned.learning import SPACES, Lesson, learn

__all__ = ["EDITS", "SPACES", "Lesson", "learn"]
