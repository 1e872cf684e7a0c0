"""The token: if the operator sets one, everybody who steers over the web port must know it.

Programs send it in a header, ``Authorization: Bearer TOKEN``. In a browser the user enters it once; the browser keeps
a cookie made from the token, which no page can read and no other site can use.
"""

import asyncio
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from aiohttp import hdrs, web

from bandwalk.web.answers import plain

COOKIE = "bandwalk"
MAX_FORM = 4096
"""Most bytes of the form with the token."""

_COOKIE_S = 180 * 24 * 3600
_FORM_S = 5.0
_WRONG_S = 0.5
"""Delay before the answer to a wrong token."""


class Token:
    """The token that is needed; with an empty text no token is needed."""

    def __init__(self, text: str) -> None:
        self._token = text.encode()
        self._cookie = hmac.new(self._token, b"bandwalk cookie", hashlib.sha256).hexdigest().encode()

    @property
    def is_set(self) -> bool:
        """Return whether a token is needed."""
        return bool(self._token)

    def is_shown(self, request: web.BaseRequest) -> bool:
        """Return whether a request has the token, in header or cookie, or needs none; takes constant time."""
        if not self._token:
            return True
        kind, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if kind.lower() == "bearer" and hmac.compare_digest(_to_bytes(shown.strip()), self._token):
            return True
        return hmac.compare_digest(_cookie_of(request), self._cookie)

    async def enter(self, request: web.BaseRequest) -> web.Response:
        """Take the form with the token, and give the browser its cookie."""
        if not 0 < (request.content_length or 0) <= MAX_FORM:
            return plain(400, f"a form of {request.content_length} bytes; expected token=... in at most {MAX_FORM}")
        try:
            form = await asyncio.wait_for(request.post(), _FORM_S)
        except (TimeoutError, ValueError, LookupError, web.HTTPException):
            return plain(400, "a form that cannot be read; expected token=...")
        shown = form.get("token")
        if not isinstance(shown, str) or not hmac.compare_digest(_to_bytes(shown.strip()), self._token):
            await asyncio.sleep(_WRONG_S)
            return web.Response(status=303, headers={hdrs.LOCATION: "/?wrong"})
        answer = web.Response(status=303, headers={hdrs.LOCATION: "/"})
        answer.set_cookie(
            COOKIE, self._cookie.decode(), max_age=_COOKIE_S, httponly=True, samesite="Strict", secure=request.secure
        )
        return answer


def _cookie_of(request: web.BaseRequest) -> bytes:
    cookies = SimpleCookie()
    try:
        cookies.load(request.headers.get(hdrs.COOKIE, ""))
    except CookieError:
        return b""
    return _to_bytes(cookies[COOKIE].value) if COOKIE in cookies else b""


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
