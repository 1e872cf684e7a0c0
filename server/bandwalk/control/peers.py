"""Who a controller is, and which of them get answers.

The source address of a datagram can be forged, so a server that answers everybody can be misused to flood a third
machine. Programs on this machine are answered; a different machine is answered, and may subscribe, only if the
operator allows it (``--osc-allow``, :class:`bandwalk.wire.Peers`).
"""

from bandwalk.params.controller import Controller


def name_of(controller: Controller) -> str:
    """Return a controller's name for the log."""
    return f"{controller[0]}:{controller[1]}" if isinstance(controller, tuple) else controller.name


def ip_of(controller: Controller) -> str:
    """Return the address of a controller's machine."""
    return controller[0] if isinstance(controller, tuple) else controller.ip
