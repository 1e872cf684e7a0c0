"""Tells systemd how the service does (sd_notify): a datagram to the socket that it names in the environment.

Source of the protocol: the manual page sd_notify(3). Nothing is sent where NOTIFY_SOCKET is not set.
"""

import logging
import os
import socket

logger = logging.getLogger(__name__)


class ServiceNotify:
    """The service manager's socket, if there is one."""

    def __init__(self) -> None:
        self._path = os.environ.pop("NOTIFY_SOCKET", "")  # programs that are started are not the service
        self._every_s = _watchdog_s() / 3
        self._told = float("-inf")

    def ready(self) -> None:
        """Tell that the service has started."""
        self._send("READY=1\nSTATUS=plays")

    def stopping(self) -> None:
        """Tell that the service ends."""
        self._send("STOPPING=1")

    def turn(self, reason: str, now: float) -> None:
        """Tell that the service is well, as often as is asked for; a service that is not well is silent.

        Args:
            reason: why it is not well; empty: it is.
            now:    monotonic seconds.
        """
        if now - self._told < (self._every_s or 10.0):
            return
        self._told = now
        if reason:
            self._send(f"STATUS={reason}")
        elif self._every_s:
            self._send("WATCHDOG=1\nSTATUS=plays")

    def _send(self, text: str) -> None:
        if not self._path or not hasattr(socket, "AF_UNIX"):
            return
        address = "\0" + self._path[1:] if self._path.startswith("@") else self._path
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            try:
                sock.sendto(text.encode(), address)
            except OSError as e:
                logger.debug("telling the service manager: %s", e)


def _watchdog_s() -> float:
    """Return the time in which the service manager wants to hear from this process; 0: it does not."""
    microseconds, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    is_ours = not pid or pid == str(os.getpid())
    return int(microseconds) / 1e6 if is_ours and microseconds.isdecimal() else 0.0
