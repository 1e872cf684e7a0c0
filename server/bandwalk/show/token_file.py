"""The operator's token: from a file or the environment, never from the command line, which every user can read."""

import logging
import os
import stat
import sys
from pathlib import Path

from bandwalk.errors import ParameterError

VARIABLE = "BANDWALK_TOKEN"
MIN_LETTERS, MAX_LETTERS = 8, 256

logger = logging.getLogger(__name__)


def read_token(file: str) -> str:
    """Return the token, or an empty text where none is set; the environment's is taken out of it.

    Args:
        file: whose first line it is; empty: the environment says.

    Raises:
        ParameterError: the file cannot be read, or holds no token.
    """
    from_environment = os.environ.pop(VARIABLE, "")  # programs that are started get none of it
    if not file:
        return _checked(from_environment, VARIABLE) if from_environment else ""
    path = Path(file).expanduser()
    try:
        with path.open("rb") as opened:
            line = opened.read(4 * MAX_LETTERS).partition(b"\n")[0].strip().decode()
            mode = os.fstat(opened.fileno()).st_mode
    except (OSError, UnicodeDecodeError) as e:
        reason = getattr(e, "strerror", None) or "no UTF-8"
        raise ParameterError(f"--token-file = {file}: {reason}, expected a file whose first line is a token") from e
    if sys.platform != "win32" and mode & (stat.S_IRGRP | stat.S_IROTH):
        logger.warning("--token-file %s: other users of this machine can read it; chmod 600 keeps it from them", file)
    return _checked(line, f"--token-file = {file}")


def _checked(token: str, name: str) -> str:
    """Return a token that can stand in a header; the error does not quote it."""
    if not (MIN_LETTERS <= len(token) <= MAX_LETTERS and token.isascii() and token.isprintable() and " " not in token):
        expected = f"{MIN_LETTERS} to {MAX_LETTERS} letters, digits and signs without spaces"
        raise ParameterError(f"{name}: a token of {len(token)} letters, expected {expected}")
    return token
