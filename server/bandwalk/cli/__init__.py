"""The command line, the documents made from the table, and the start-up environment."""

from bandwalk.__main__ import main

__all__ = ["main"]
