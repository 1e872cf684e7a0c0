"""Which control moves what."""

import threading
from collections.abc import Mapping
from types import MappingProxyType

from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.targets import Target
from bandwalk.errors import ParameterError

MAX_BINDINGS = 512
"""Most controls with a target: more than the largest desk has."""

ANY = "any"
"""In place of a device's name: the control of this channel and number of each device."""


class Bindings:
    """Targets by control; readers need no lock, because a table is replaced and never changed."""

    def __init__(self) -> None:
        self._targets: Mapping[Control, Target] = MappingProxyType({})
        self._controls: Mapping[str, tuple[Control, ...]] = {}  # by the address of a parameter
        self._changing = threading.Lock()

    @property
    def targets(self) -> Mapping[Control, Target]:
        """Targets by control."""
        return self._targets

    def target_of(self, control: Control) -> Target | None:
        """Return what a control moves: as its own device has it, else as any device has it."""
        targets = self._targets
        return targets.get(control) or targets.get(control._replace(device=ANY))

    def controls_of(self, address: str) -> tuple[Control, ...]:
        """Return the controls of a parameter."""
        return self._controls.get(address, ())

    def bind(self, control: Control, target: Target) -> None:
        """Give a target this control alone; what the control moved before loses it.

        Raises:
            ParameterError: too many are bound.
        """
        with self._changing:
            kept = {c: t for c, t in self._targets.items() if t != target and c != control}
            self._set(kept | {control: target})

    def forget(self, target: Target | None) -> bool:
        """Forget the controls of a target, or of all (None); return whether there were any."""
        with self._changing:
            kept = {} if target is None else {c: t for c, t in self._targets.items() if t != target}
            is_less = len(kept) < len(self._targets)
            self._set(kept)
            return is_less

    def replace(self, targets: Mapping[Control, Target]) -> None:
        """Put other bindings in place of all.

        Raises:
            ParameterError: too many.
        """
        with self._changing:
            self._set(targets)

    def _set(self, targets: Mapping[Control, Target]) -> None:
        if len(targets) > MAX_BINDINGS:
            raise ParameterError(f"{len(targets)} MIDI controls are bound: expected at most {MAX_BINDINGS}")
        controls: dict[str, tuple[Control, ...]] = {}
        for control, target in targets.items():
            controls[target.address] = (*controls.get(target.address, ()), control)
        self._targets, self._controls = MappingProxyType(dict(targets)), controls
