"""Answers in plain text: whatever a request held can be quoted in them."""

from collections.abc import Mapping

from aiohttp import web

MAX_TEXT = 300
"""Letters of an answer."""


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return one line of text; bytes of a request that are no UTF-8 stand in it as escapes."""
    body = text.encode("utf-8", "backslashreplace")[:MAX_TEXT] + b"\n"
    return web.Response(status=status, body=body, content_type="text/plain", charset="utf-8", headers=headers)


def is_clean(text: str) -> bool:
    """Tell whether a header's text is UTF-8; bytes that are none come as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
