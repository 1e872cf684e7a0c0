"""Where the beat is, heard causally.

``flux`` says what begins, ``pointer`` where in a beat the music is, ``pulse`` keeps time between, ``bars`` counts,
``tracker`` joins them.
"""

from bandwalk.analysis.beat.tracker import BeatTracker

__all__ = ["BeatTracker"]
