"""The parts of ``gpu.py``: each module has ``measure(setup, put)``, which puts one row after the other."""
