"""The short name of each control, as panel and tablets show it: a part of the table in :mod:`bandwalk.params`.

The last part of an address is the short name, if this table has no better one. ``*`` stands for a band, a bend, a
direction or a route.
"""

from collections.abc import Mapping

_UNIT_ENDS = ("_s", "_ms", "_db")

_VARIED = frozenset({"band", "walk", "mix", "bend", "direction", "route"})
"""First parts of addresses whose second part varies."""

TITLES: Mapping[str, str] = {
    "/audio/gain": "input gain",
    "/audio/floor_db": "silence below",
    "/band/*/f_lo": "from",
    "/band/*/f_hi": "to",
    "/band/*/gain": "sensitivity",
    "/band/*/attack_s": "rise time",
    "/band/*/release_s": "fall time",
    "/beat/from": "beat from",
    "/beat/bpm": "tempo by hand",
    "/beat/lowest": "slowest tempo",
    "/beat/highest": "fastest tempo",
    "/beat/resync": "bar starts now",
    "/walk/*/kind": "movement",
    "/walk/*/max_step": "step",
    "/walk/*/gain": "strength",
    "/walk/*/enabled": "moves",
    "/walk/*/seed": "path",
    "/walk/*/fall": "falls move it",
    "/walk/*/bars": "length",
    "/walk/*/seeds": "seeds of the tour",
    "/style/psi": "variety",
    "/style/noise": "texture",
    "/style/noise_drive": "texture follows",
    "/style/noise_rate": "texture speed",
    "/style/name": "saved style",
    "/style/class_b": "second class",
    "/master/fade": "fade time",
    "/model/fade": "change of model",
    "/transform/x": "sideways",
    "/transform/y": "up and down",
    "/bend/*/kind": "bend",
    "/bend/*/alpha": "strength",
    "/bend/*/drive": "follows",
    "/direction/*/alpha": "how far",
    "/direction/*/drive": "follows",
    "/color/tint_hue": "tint",
    "/feedback/amount": "trail",
    "/feedback/zoom": "trail grows",
    "/feedback/rotate": "trail turns",
    "/scene/quantize": "change on the",
    "/scene/glide_unit": "glide in",
    "/scene/next": "next scene",
    "/scene/previous": "previous scene",
    "/transport/next": "next song",
    "/transport/previous": "previous song",
    "/loop/in": "loop from",
    "/loop/out": "loop to",
    "/loop/off": "loop off",
    **{f"/cue/{n}": f"cue {n}" for n in range(1, 9)},
    **{f"/cue/at/{n}": f"cue {n} is at" for n in range(1, 9)},
    "/record/start": "record",
    "/record/stop": "stop recording",
    "/auto/enabled": "autopilot",
    "/auto/bars": "autopilot bars",
    "/safe/flashes": "limit flashes",
    "/out/fps": "frame rate",
    "/out/quality": "JPEG quality",
    "/out/chroma": "JPEG colours",
    "/out/idle": "rest if unseen",
    "/route/*/attack_s": "rise time",
    "/route/*/release_s": "fall time",
}


def title_of(address: str) -> str:
    """Return the short name of what has this address."""
    parts = address.split("/")
    if len(parts) > 3 and parts[1] in _VARIED:
        parts[2] = "*"
    name = parts[-1]
    for end in _UNIT_ENDS:
        name = name.removesuffix(end)
    return TITLES.get("/".join(parts), name.replace("_", " "))
