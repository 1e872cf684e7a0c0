"""``python -m bandwalk``, and the command: Ctrl-C ends it without a word from its first moment on."""

import os
import signal

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line; until it listens, while it is imported and once it is done, Ctrl-C ends it at once."""
    signal.signal(signal.SIGINT, _end)
    if hasattr(signal, "pthread_sigmask"):  # launch has blocked it, so that none is lost in between
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    from bandwalk.cli.app import main as run

    run()


def _end(number: int, frame: object) -> None:
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
