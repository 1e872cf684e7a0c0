"""Checkpoints of rosinality's StyleGAN2, converted ones and those of a training."""

from __future__ import annotations

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.source import show

_NETWORK = "g_ema"
_AVERAGE = "latent_avg"


def collect_rosinality(value: object, collector: Collector) -> None:
    """Take the averaged generator's tensors, and the average of w where the file has it.

    Raises:
        CheckpointError: there is no such generator.
    """
    if type(value) is not dict or type(value.get(_NETWORK)) is not dict:
        held = ", ".join(map(show, list(value)[:8])) if type(value) is dict else show(value)
        raise CheckpointError(f"no {_NETWORK} in the file, which holds {held}")
    for name, tensor in value[_NETWORK].items():
        collector.add_tensor(str(name), tensor)
    if value.get(_AVERAGE) is not None:
        collector.add_tensor(_AVERAGE, value[_AVERAGE])
