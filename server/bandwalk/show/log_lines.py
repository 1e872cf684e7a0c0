"""What a show logs: lines for people or one JSON object a line for programs, and never too many of them."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bandwalk.clock import RealClock
from bandwalk.control.throttle import Throttle, Throttles
from bandwalk.errors import BandwalkError
from bandwalk.records import Counters

MAX_SAME = 10
"""Lines a second from one place in the program."""

MAX_ALL = 100
"""Lines a second in all."""

MAX_TEXT = 2000
"""Letters of a message in JSON."""


logger = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """A record as one JSON object: time (unix seconds), level, logger, message, and error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        said = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MAX_TEXT],
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            said["error"] = f"{type(error).__name__}: {error}"[:MAX_TEXT]
            said["traceback"] = self.formatException(record.exc_info)[-MAX_TEXT:]
        return json.dumps(said)


class RateLimit(logging.Filter):
    """Lets so many lines pass a second, and adds to the next one how many did not; debug lines are not limited.

    Args:
        counters: gets ``log_muted``: lines that were left out.
    """

    def __init__(self, counters: Counters) -> None:
        super().__init__()
        clock = RealClock()
        self._counters = counters
        self._same = Throttles(MAX_SAME, clock=clock)
        self._all = Throttle(MAX_ALL, clock=clock)
        self._muted = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written; judged once, however many handlers ask."""
        judged = vars(record)
        if "passes" not in judged:
            judged["passes"] = self._judge(record)
        return bool(judged["passes"])

    def _judge(self, record: logging.LogRecord) -> bool:
        if record.levelno <= logging.DEBUG:
            return True
        if not (self._same.passes((record.pathname, record.lineno)) and self._all.passes()):
            self._muted += 1
            self._counters.add("log_muted")
            return False
        if self._muted:
            record.msg, record.args = f"{record.getMessage()} ({self._muted} lines were left out)", ()
            self._muted = 0
        return True


@contextmanager
def log_as(form: str, counters: Counters) -> Iterator[None]:
    """Let the body's log have a form, "lines" or "json", and a limit.

    In JSON the error that ends the program is a line as the others, so it ends here.
    """
    handlers = logging.getLogger().handlers[:]
    before = [handler.formatter for handler in handlers]
    limit = RateLimit(counters)
    for handler in handlers:
        handler.addFilter(limit)
        if form == "json":
            handler.setFormatter(JsonLines())
    logging.captureWarnings(form == "json")
    try:
        yield
    except BandwalkError as e:
        if form != "json":
            raise
        logger.error("%s", e)
        raise SystemExit(e.exit_status) from e
    finally:
        logging.captureWarnings(False)
        for handler, formatter in zip(handlers, before, strict=True):
            handler.removeFilter(limit)
            handler.setFormatter(formatter)
