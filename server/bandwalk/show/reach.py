"""Who can reach what of a show: read from the settings before a port is opened, and told when it starts."""

import logging
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bandwalk.params.settings import NetworkSettings
from bandwalk.show.token_file import read_token
from bandwalk.web import is_loopback
from bandwalk.web.tls import open_tls
from bandwalk.wire import PORTS, Peers, admit_all


@dataclass(frozen=True, slots=True)
class Reach:
    """Who may reach the ports.

    may:   returns whether an address may.   token: that the web port asks for; empty: none.
    tls:   of the web port; None: plain HTTP.   curve: folder of the keys of frames; None: they are not encrypted.
    """

    settings: NetworkSettings
    may: Callable[[str], bool]
    token: str
    tls: ssl.SSLContext | None
    curve: Path | None

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield (level, line) for the log: nothing where only this machine can reach the ports."""
        settings, base = self.settings, self.settings.port_base
        if is_loopback(settings.bind):
            return
        who = " ".join(settings.allow) or "everybody in this network"
        osc, frames, http = (base + PORTS[use] for use in ("osc", "frames", "http"))
        curve = "with a key of --curve" if self.curve else "without a key"
        web = f"{'HTTPS' if self.tls else 'HTTP'} {http}/tcp {'with the token' if self.token else 'without a token'}"
        yield (
            logging.INFO,
            f"--bind {settings.bind}: {who} can reach OSC {osc}/udp and {osc}/tcp without a token, "
            f"frames {frames}/tcp {curve}, {web}",
        )
        if not self.token and not settings.allow:
            yield (
                logging.WARNING,
                f"--bind {settings.bind}: everybody on this network can steer; "
                "--token-file FILE asks for a token, --allow NETWORK limits who reaches the ports",
            )
        if self.token and not self.tls:
            yield logging.WARNING, "the token goes over this network unencrypted; --cert and --key encrypt it"


def open_reach(settings: NetworkSettings) -> Reach:
    """Read token, certificate and networks.

    Raises:
        ParameterError: one of them cannot be used.
    """
    peers = Peers(settings.allow, "--allow")
    return Reach(
        settings,
        peers.admits if peers else admit_all,
        read_token(settings.token_file),
        open_tls(settings.cert, settings.key),
        Path(settings.curve).expanduser() if settings.curve else None,
    )
