"""``bandwalk render``: clips from sound files.

``job`` says what is wanted, ``plan`` turns sound into the inputs of frames, ``backends`` says who draws them, ``run``
does it all at the same time, ``clip_writer`` keeps the files and where an interrupted render goes on, ``clip_sound``
chooses the sound, ``several`` makes a clip of each song of a folder, ``replay`` draws a
recorded show again.
"""

from bandwalk.render.run import render
from bandwalk.render.several import render_named

__all__ = ["render", "render_named"]
