"""The panel's files: read once, served from memory, so that no path can lead anywhere else."""

import hashlib
from importlib import resources

from aiohttp import hdrs, web

INDEX = "panel.html"

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

_HEADERS = {
    hdrs.CACHE_CONTROL: "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Nothing but this server's own files runs in the page, and it speaks to nobody else."""


class Page:
    """The files of the panel, by name."""

    def __init__(self) -> None:
        folder = resources.files("bandwalk.web") / "panel"
        files = [(file.name, file.read_bytes()) for file in folder.iterdir() if _suffix(file.name) in _TYPES]
        self._files = dict(files)
        self._tags = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in files}

    def index(self) -> web.Response:
        """Return the page itself."""
        return self._respond(INDEX)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Return the file that a request names."""
        name = request.match_info["name"]
        if name not in self._files:
            return web.Response(status=404, text=f"{name[:80]}: no such file\n")
        if request.headers.get(hdrs.IF_NONE_MATCH) == f'"{self._tags[name]}"':
            return web.Response(status=304, headers=_HEADERS)
        return self._respond(name)

    def _respond(self, name: str) -> web.Response:
        headers = _HEADERS | {hdrs.ETAG: f'"{self._tags[name]}"'}
        kind = _TYPES[_suffix(name)]
        return web.Response(body=self._files[name], content_type=kind, charset="utf-8", headers=headers)


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2]
