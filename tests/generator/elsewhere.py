"""A GPU that is not there: torch's ``meta`` device, which has shapes and dtypes but no numbers to be read back."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

META = torch.device("meta")


class Apart(TorchDispatchMode):
    """Refuses what a CUDA graph cannot hold: an operation on tensors of two devices, or a copy between them."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        found = [each for each in tree_leaves((args, kwargs or {}, out)) if isinstance(each, torch.Tensor)]
        devices = {str(each.device) for each in found}
        if len(devices) > 1:
            raise AssertionError(f"{func} on {', '.join(sorted(devices))}: expected one device")
        return out
