"""Drawing by many processes: takes in, pictures out in the same order, also where a process dies.

    takes ──> chunks ──> workers ──> pictures

``flight`` keeps the order and bounds what is in work, ``brief`` is all that a worker needs to know, ``worker`` draws,
``processes`` and ``cluster`` bring chunks to workers and have done again what a death has lost. Import from the modules
themselves: a worker loads what draws, and nothing else.
"""
