"""The command line, the documents made from the table, and the start-up environment."""

from bandwalk.cli.app import main

__all__ = ["main"]
