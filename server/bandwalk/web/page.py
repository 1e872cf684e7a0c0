"""The panel's files: read once and served from memory, so that no request can reach other files."""

import hashlib
from importlib import resources

from aiohttp import hdrs, web

from bandwalk.web.answers import plain

PAGES = {"/": "panel.html", "/monitor": "monitor.html"}
"""The files of the pages, by path."""

ENTRY = "token.html"

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

_POLICY = "Content-Security-Policy"
_HEADERS = {
    hdrs.CACHE_CONTROL: "no-cache",
    _POLICY: (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Only this server's own files run in the page, and it connects only to this server."""


class PanelFiles:
    """The files of the panel, by name."""

    def __init__(self) -> None:
        folder = resources.files("bandwalk.web") / "panel"
        files = [(file.name, file.read_bytes()) for file in folder.iterdir() if _suffix(file.name) in _TYPES]
        self._files = dict(files)
        self._tags = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in files}

    def page(self, path: str) -> web.Response:
        """Return the page at one of the paths of PAGES."""
        return self._respond(PAGES[path])

    def entry(self) -> web.Response:
        """Return the page that asks for the token."""
        answer = self._respond(ENTRY, status=401)
        policy = answer.headers[_POLICY].replace("form-action 'none'", "form-action 'self'")
        answer.headers.update({_POLICY: policy, hdrs.CACHE_CONTROL: "no-store", hdrs.WWW_AUTHENTICATE: "Bearer"})
        answer.headers["Referrer-Policy"] = "same-origin"  # no-referrer would send Origin null
        return answer

    def file(self, name: str, known: str) -> web.Response:
        """Return a file by its name; known: the tag of the browser's cached copy."""
        if name not in self._files:
            return plain(404, f"{name[:80]}: no such file")
        if known == f'"{self._tags[name]}"':
            return web.Response(status=304, headers=_HEADERS)
        return self._respond(name)

    def _respond(self, name: str, status: int = 200) -> web.Response:
        headers = _HEADERS | {hdrs.ETAG: f'"{self._tags[name]}"'}
        kind, data = _TYPES[_suffix(name)], self._files[name]
        return web.Response(status=status, body=data, content_type=kind, charset="utf-8", headers=headers)


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2]
