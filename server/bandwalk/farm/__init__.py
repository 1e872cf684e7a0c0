"""Drawing by many processes: takes in, pictures out in the same order, whoever draws them and whoever dies.

    takes ──> chunks ──> workers ──> pictures

``flight`` keeps the order and bounds what is in work, ``brief`` tells a worker all it has to know, ``worker`` draws,
``processes`` and ``cluster`` bring chunks to workers and have done again what a death has lost. Import from the modules
themselves: a worker loads what draws, and nothing else.
"""
