"""Who draws a clip's pictures: this process, processes of this machine, or a Ray cluster.

    takes ──> chunks ──> workers ──> pictures, in the order of their takes

What is drawn is planned once, in the leading process. ``opening`` chooses who draws, ``flight`` keeps the order and
bounds what is in work, ``brief`` tells a worker all it has to know, ``worker`` draws, ``processes`` and ``cluster``
bring chunks to workers and see to it that a worker's death costs nothing but time.
"""

from bandwalk.render.farm.opening import Draw, open_farm

__all__ = ["Draw", "open_farm"]
