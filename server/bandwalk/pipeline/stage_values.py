"""From the table's values to the plain records that the stages follow."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from bandwalk.output.colour import Colour
from bandwalk.output.feedback import Trail
from bandwalk.params.strips import BEND_SLOTS
from bandwalk.params.values import Values, fields_of, number, switch, text, whole
from bandwalk.pipeline.beat_clock import FACTORS, ClockValues
from bandwalk.records import BANDS, BandValues, BeatValues, Bend, EarValues, WalkValues
from bandwalk.units import parse_layers
from bandwalk.walk import NO_BAND, REST, Drive, Keyframes, NoiseDrive, StyleMix

_SEED_BITS = 32
"""A seed of the table has fewer: those of the styles' walks are above them all."""


def ear(values: Values) -> EarValues:
    """Return what the analysis follows."""
    bands = tuple(fields_of(f"/band/{band}", values, BandValues) for band in BANDS)
    beat = fields_of("/beat", values, BeatValues)
    return EarValues(number(values, "/audio/gain"), number(values, "/audio/floor_db"), bands, beat)


def beat_clock(values: Values) -> ClockValues:
    """Return what the chosen clock follows."""
    return ClockValues(
        follows=text(values, "/beat/from"),
        bpm=number(values, "/beat/bpm"),
        nudge_s=number(values, "/beat/nudge") / 1e3,
        factor=FACTORS[text(values, "/beat/divide")],
        beats_per_bar=whole(values, "/beat/beats_per_bar"),
    )


def drive(
    values: Values,
    mix: StyleMix,
    routes: tuple[float, ...] = REST,
    place: float = 0.0,
    keyframes: Mapping[str, Keyframes] = MappingProxyType({}),
) -> Drive:
    """Return what the walks of a style mix follow.

    Args:
        routes:    what each route says.
        place:     of the glide to another look.
        keyframes: of the files that walks may name, by name.
    """
    of_bands = tuple(fields_of(f"/walk/{band}", values, WalkValues) for band in BANDS)
    return Drive(
        walks=_style_walks(of_bands, mix.bands) if mix.drivers else of_bands,
        gains=mix.gains,
        bands=mix.bands,
        drivers=mix.drivers,
        noise=noise_drive(values),
        seed=whole(values, "/style/seed"),
        intensity=number(values, "/master/intensity"),
        speed=number(values, "/master/speed"),
        freeze=switch(values, "/master/freeze"),
        routes=routes,
        keyframes=keyframes,
        beats_per_bar=whole(values, "/beat/beats_per_bar"),
        place=place,
    )


def _style_walks(of_bands: tuple[WalkValues, ...], bands: tuple[int, ...]) -> tuple[WalkValues, ...]:
    """Return the values of a walk for each style: its band's, with a seed of its own; without a band it rests."""
    return tuple(
        replace(of_bands[band], seed=of_bands[band].seed + (style << _SEED_BITS), enabled=_may_move(of_bands, band))
        for style, band in enumerate(bands)
    )


def _may_move(of_bands: tuple[WalkValues, ...], band: int) -> bool:
    return band != NO_BAND and of_bands[band].enabled


def noise_drive(values: Values) -> NoiseDrive:
    """Return what lets the synthesis noise drift."""
    return NoiseDrive(text(values, "/style/noise_drive"), number(values, "/style/noise_rate"))


def layers(values: Values) -> tuple[str, ...]:
    """Return the layer list of each band, in the order of BANDS."""
    return tuple(text(values, f"/mix/{band}/layers") for band in BANDS)


def direction_alphas(values: Values, names: Iterable[str]) -> dict[str, float]:
    """Return how far the picture goes along each of a model's directions, those along which it rests left out.

    A name that the values do not have rests: while a model is exchanged they may be those of the other one.
    """
    present = [name for name in names if f"/direction/{name}/alpha" in values]
    alphas = {name: number(values, f"/direction/{name}/alpha") for name in present}
    return {name: alpha for name, alpha in alphas.items() if alpha}


def bends(values: Values, num_ws: int) -> tuple[Bend, ...]:
    """Return the bends of the maps of a model with num_ws styles; each slot has channels of its own."""
    return tuple(
        Bend(
            kind=text(values, f"/bend/{slot}/kind"),
            layers=parse_layers(text(values, f"/bend/{slot}/layers"), num_ws),
            value=number(values, f"/bend/{slot}/alpha"),
            share=number(values, f"/bend/{slot}/share"),
            seed=seed,
        )
        for seed, slot in enumerate(BEND_SLOTS)
        if values[f"/bend/{slot}/kind"] != "none"
    )


def class_vector(values: Values, c_dim: int) -> np.ndarray:
    """Return the class condition [c_dim] float32: two classes mixed; one past the model's last is its last."""
    c = np.zeros(c_dim, dtype=np.float32)
    mix = number(values, "/style/class_mix")
    for address, share in (("/style/class", 1.0 - mix), ("/style/class_b", mix)):
        c[min(whole(values, address), c_dim - 1)] += share
    return c


def colour(values: Values) -> Colour:
    """Return what is done to a picture's colours."""
    return fields_of("/color", values, Colour)


def trail(values: Values) -> Trail:
    """Return what the last picture leaves under the next one."""
    return fields_of("/feedback", values, Trail)


def input_transform(values: Values) -> np.ndarray | None:
    """Return the generator's input transform [3, 3] float64, or None where the picture is not moved.

    The picture is turned anticlockwise, enlarged and moved right and up; the input's plane (x to the right,
    y down, the picture from -0.5 to 0.5) moves the other way: the inverse, as in StyleGAN3.
    """
    angle = math.radians(number(values, "/transform/rotate"))
    x, y, zoom = (number(values, f"/transform/{name}") for name in ("x", "y", "zoom"))
    if (angle, x, y, zoom) == (0.0, 0.0, 0.0, 1.0):
        return None
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    image = np.array([[cos, sin, x], [-sin, cos, -y], [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(image))
