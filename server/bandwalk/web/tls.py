"""TLS for the web port: a certificate and its key, from files."""

import ssl
from pathlib import Path

from bandwalk.errors import ParameterError

HANDSHAKE_S = 5.0
"""A client that has not shaken hands by then is disconnected."""


def open_tls(cert: str, key: str) -> ssl.SSLContext | None:
    """Return what serves TLS 1.2 and 1.3 with a certificate (PEM, with the chain); None: no TLS is asked for.

    Args:
        cert: file of the certificate; empty: none.
        key:  file of its key, not encrypted; empty: the certificate's file has it, too.

    Raises:
        ParameterError: a file cannot be read, is no PEM file, or the two do not belong together.
    """
    if not cert and not key:
        return None
    if not cert:
        raise ParameterError(f"--key = {key}: no certificate, expected --cert, too")
    paths = [Path(name).expanduser() for name in (cert, key) if name]
    for flag, path in zip(("--cert", "--key"), paths, strict=False):
        _check(flag, path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(paths[0], paths[-1], password=_refuse)
    except ssl.SSLError as e:
        name = f"--cert = {cert}" + (f", --key = {key}" if key else "")
        reason = (e.reason or "no PEM file").lower().replace("_", " ")
        raise ParameterError(f"{name}: {reason}; expected a certificate and its own key, both PEM") from e
    return context


def _check(flag: str, path: Path) -> None:
    try:
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as e:
        raise ParameterError(f"{flag} = {path}: {e.strerror}, expected a PEM file") from e


def _refuse() -> str:
    """Raise where a key asks for a password: nobody is there to type it."""
    raise ParameterError("--key: the key is encrypted; expected one without a password, in a file with mode 600")
