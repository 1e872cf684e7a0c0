"""``python -m bandwalk``."""

from bandwalk.cli import main

main()
