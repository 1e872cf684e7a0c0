"""The original networks' files, what their programs computed, and files changed on purpose."""

import dataclasses
import functools

import numpy as np
from generator.model_files import DATA

from bandwalk.generator.reading import read_snapshot


@functools.cache
def read(name):
    """Return a file's snapshot."""
    return read_snapshot(DATA / f"{name}.pkl")


@functools.cache
def official(name):
    """Return what the original program computed, by key."""
    with np.load(DATA / f"{name}.npz") as arrays:
        return dict(arrays)


def changed(name, tensors=None, attrs=None):
    """Return a file's snapshot with other tensors, or without those that are None, and other attributes."""
    snapshot = read(name)
    merged = {k: v for k, v in (snapshot.tensors | (tensors or {})).items() if v is not None}
    return dataclasses.replace(snapshot, tensors=merged, attrs=snapshot.attrs | (attrs or {}))
