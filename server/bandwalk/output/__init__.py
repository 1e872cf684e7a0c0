"""From drawn pictures to bytes on the wire: shape, fade, JPEG, delay, publish.

Import from the modules: shape needs torch, publish needs pyzmq.
"""
