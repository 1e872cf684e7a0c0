"""Model files as plain data: every format that people have, read without executing anything."""

from bandwalk.generator.reading.family import Family, family
from bandwalk.generator.reading.reader import read_snapshot
from bandwalk.generator.reading.safetensors_file import write_safetensors

__all__ = ["Family", "family", "read_snapshot", "write_safetensors"]
