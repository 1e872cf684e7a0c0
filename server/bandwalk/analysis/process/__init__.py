"""The analysis in a process of its own: while it works, nothing else waits for Python's lock.

    show                                   process
    RemoteAnalyzer ──values, a step's sound──> Analyzer
                   <──────the step's features──

``ear_process`` begins and ends the process, ``child`` is what runs in it, ``messages`` is what goes between the two.
"""

from bandwalk.analysis.process.ear_process import EarProcess, begin_ear, prepare_ear
from bandwalk.analysis.process.remote import RemoteAnalyzer

__all__ = ["EarProcess", "RemoteAnalyzer", "begin_ear", "prepare_ear"]
