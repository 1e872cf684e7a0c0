"""Model files as plain data: all common formats, read without executing anything."""

from bandwalk.generator.reading.completing import NOT_TRAINED
from bandwalk.generator.reading.endings import bare_name, is_model_name
from bandwalk.generator.reading.family import Family, family
from bandwalk.generator.reading.reader import read_snapshot
from bandwalk.generator.reading.safetensors_file import write_safetensors

__all__ = ["NOT_TRAINED", "Family", "bare_name", "family", "is_model_name", "read_snapshot", "write_safetensors"]
