"""What a frame says of itself, beside its picture."""

from typing import Any

from bandwalk.params.signals import FEATURES, NAMES, SHORT, numbers_of
from bandwalk.records import BANDS, Features, Picture


def describe(picture: Picture, width: int, height: int) -> dict[str, Any]:
    """Return what describes a frame, all but its number and its times of capture and publishing."""
    return {
        "t_audio": round(picture.pose.t_audio, 6),
        "width": width,
        "height": height,
        "drawn": [picture.rgb.shape[1], picture.rgb.shape[0]],
        "fps": picture.fps,
        "model": picture.model,
        "features": _describe_features(picture.pose.features),
        **({"alpha": True} if picture.alpha else {}),
    }


def _describe_features(features: Features) -> dict[str, Any]:
    """Return what a frame tells of what is heard: the bands and the air, and each signal that is one short number."""
    numbers = zip(NAMES, FEATURES, numbers_of(features), strict=True)
    heard = {name: bool(x) if row.type == "i" else round(x, 4) for name, row, x in numbers}
    bands = {band: {kind: heard[f"{band}/{kind}"] for kind in ("level", "change", "onset")} for band in (*BANDS, "air")}
    return bands | {name: heard[name] for name in SHORT} | {"key": features.music.key}
