"""``bandwalk render``: clips from sound files.

``job`` says what is wanted, ``plan`` turns sound into takes, ``drawing`` says who draws them, ``run`` does it all one
beside the other, ``reel`` keeps the files and where an interrupted render goes on, ``soundtrack`` chooses the sound.
"""

from bandwalk.render.run import render

__all__ = ["render"]
