"""Answers in plain text that may safely quote any part of a request."""

from collections.abc import Mapping

from aiohttp import web

MAX_TEXT = 300
"""Most characters of an answer."""


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return one line of text; bytes of a request that are not UTF-8 become escapes."""
    body = text.encode("utf-8", "backslashreplace")[:MAX_TEXT] + b"\n"
    return web.Response(status=status, body=body, content_type="text/plain", charset="utf-8", headers=headers)


def is_clean(text: str) -> bool:
    """Return whether a header's text is UTF-8; other bytes come as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
