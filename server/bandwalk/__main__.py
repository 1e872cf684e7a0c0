"""``python -m bandwalk``, and the command: Ctrl-C ends it without a word from its first moment on."""

import gc
import os
import signal
import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line; until it listens, while it is imported and once it is done, Ctrl-C ends it at once."""
    signal.signal(signal.SIGINT, _end)
    if hasattr(signal, "pthread_sigmask"):  # launch has blocked it, so that none is lost in between
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if {"serve", "render"} & {*sys.argv[1:3]} and "--help" not in sys.argv:  # before anything is imported twice
        from bandwalk.cli.environment import ensure_environment

        ensure_environment()
    gc.disable()  # until a command begins: imports make hardly any garbage, and looking for it takes a tenth of them
    from bandwalk.cli.app import main as run

    run()


def _end(number: int, frame: object) -> None:
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
