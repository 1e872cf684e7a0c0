"""Drawing by many processes: inputs of frames in, pictures out in the same order, also where a process dies.

    inputs ──> chunks ──> workers ──> pictures

``ordering`` keeps the order and bounds what is in work, ``clip_setup`` has all that a worker needs to know, ``worker``
draws, ``processes`` and ``cluster`` bring chunks to workers and have them drawn again if a worker dies. Import from the
modules themselves: a worker loads what draws, and nothing else.
"""
