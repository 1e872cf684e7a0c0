"""Conversions, one named function each, and the small notations that users write (sizes, layers, hosts)."""

import math
import os
import re
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bandwalk.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 48_000
"""Hz. Every source is resampled to it at the edge."""

PUBLISHED_STEP_S = 1 / 40
"""Seconds of one step in the published work (16 per beat at 150 bpm), the unit of ``max_step``."""

N_DRIVERS = 16
"""Features that drive styles where the bands do not: of a spectrum, or of NSynth's encoder."""

LAYER_NAMES = {"coarse": "0-2", "middle": "3-5", "fine": "6-"}
"""Names of style groups, in the notation of :func:`parse_layers`."""

MIN_SIDE, MAX_SIDE = 16, 4096
"""Smallest and largest side of a published picture, pixels."""

MIN_DRAWN = 128
"""Smallest side at which a picture is drawn, pixels; a smaller one is made of that."""

SIDE_STEP, MAX_SQUARE = 16, 1024
"""Sides of the squares that are drawn to be cut, pixels: multiples of the step."""

MAX_WORKERS = 256
"""Most processes that draw the pictures of a clip."""

MAX_NAME = 255
"""Bytes of a file's name that every file system takes."""

_HOST = re.compile(r"[\w.-]{1,253}|[0-9a-f:.]{2,45}", re.ASCII)
_ORIGIN = re.compile(r"https?://(?:[\w.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_RANGE = re.compile(r"(\d{1,3})(-(\d{1,3})?)?")
_SIZE = re.compile(r"(\d{2,4})(?:x(\d{2,4}))?")


def db_to_lin(x_db: float) -> float:
    """Convert a level in dB to a linear amplitude: 10 ** (x_db / 20)."""
    return float(10.0 ** (x_db / 20.0))


def lin_to_db(x_lin: float) -> float:
    """Convert a linear amplitude to dB; 0 becomes -inf."""
    return 20.0 * math.log10(x_lin) if x_lin > 0 else -math.inf


def tau_to_coef(tau_s: float, dt_s: float) -> float:
    """Convert a time constant to the share of the way covered in one step: 1 - exp(-dt / tau).

    A time constant of 0 covers all of it.
    """
    return 1.0 - math.exp(-dt_s / tau_s) if tau_s > 0 else 1.0


def samples_to_s(n: int) -> float:
    """Convert a count of samples at :data:`SAMPLE_RATE` to seconds."""
    return n / SAMPLE_RATE


def s_to_samples(t_s: float) -> int:
    """Convert seconds to the nearest count of samples at :data:`SAMPLE_RATE`."""
    return round(t_s * SAMPLE_RATE)


def step_rate_to_hop(step_rate: float) -> int:
    """Convert analysis steps a second to samples a step (hop_length), rounded to whole samples."""
    return round(SAMPLE_RATE / step_rate)


def seed_to_z(seed: int, z_dim: int) -> "np.ndarray":
    """Draw the z of a seed: [z_dim] float32, standard normal, the same on every machine."""
    import numpy as np  # no other unit needs it, and every command imports this module

    return np.random.Generator(np.random.PCG64(seed)).standard_normal(z_dim).astype(np.float32)


def parse_layers(text: str, num_ws: int) -> tuple[int, ...]:
    """Return the style indices that a layer list names, rising, each once.

    Args:
        text:   "0-2", "3-5", "6-", "0,2,4-6", "coarse", "middle", "fine", any of them joined by commas, or "none".
        num_ws: Number of styles of the model; indices past it are left out.

    Raises:
        ParameterError: the text has none of these forms.
    """
    found: set[int] = set()
    for part in _layer_parts(text):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ParameterError(f"layers = {text!r}: expected e.g. 0-2 or 6- or 0,2,4-6 or coarse, middle, fine")
        first, dash, last = int(match[1]), match[2], match[3]
        stop = num_ws - 1 if dash and not last else int(last or first)
        if dash and last and stop < first:
            raise ParameterError(f"layers = {text!r}: expected a rising range, got {part}")
        found.update(range(first, min(stop, num_ws - 1) + 1))
    return tuple(sorted(found))


def layers_past(text: str, num_ws: int) -> tuple[int, ...]:
    """Return the indices that a layer list names and that a model of num_ws styles does not have."""
    most = 1000  # the notation has three digits
    closed = ",".join(part for part in _layer_parts(text) if not part.endswith("-"))
    return tuple(i for i in parse_layers(closed or "none", most) if i >= num_ws)


def _layer_parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.strip().lower().split(",")]
    if parts == ["none"]:
        return []
    return [LAYER_NAMES.get(part, part) for part in parts]


@lru_cache(maxsize=64)
def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds of a text such as "3 17 42", in their order; commas may stand between them.

    Raises:
        ParameterError: a part of it is not a whole number from 0 to 2147483647.
    """
    parts = text.replace(",", " ").split()
    if not all(part.isdecimal() and part.isascii() and len(part) <= 10 and int(part) < 2**31 for part in parts):
        raise ParameterError(f"seeds = {text[:80]!r}: expected whole numbers from 0 to 2147483647, as 3 17 42")
    return tuple(map(int, parts))


def parse_size(text: str) -> tuple[int, int]:
    """Return (width, height) of "512" or "1920x1080", pixels.

    One number is the side of a square, from 128 to 4096.

    Raises:
        ParameterError: the text is neither, or a side is out of range.
    """
    match = _SIZE.fullmatch(text.strip().lower())
    if match and match[2] is None:
        side = int(match[1])
        if MIN_DRAWN <= side <= MAX_SIDE:
            return side, side
    elif match:
        width, height = int(match[1]), int(match[2])
        if all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
            return width, height
    raise ParameterError(
        f"size = {text:.40}: expected a side from {MIN_DRAWN} to {MAX_SIDE}, or WIDTHxHEIGHT,"
        f" each from {MIN_SIDE} to {MAX_SIDE}"
    )


def parse_host_port(text: str) -> tuple[str, int]:
    """Return (host, port) of "HOST:PORT", "[IPv6]:PORT" or "PORT".

    Raises:
        ParameterError: no port, or a port out of 1..65535.
    """
    host, _, port = text.strip().rpartition(":")
    if port.isascii() and port.isdigit() and 1 <= int(port) <= 65535:
        return host.strip("[]") or "127.0.0.1", int(port)
    raise ParameterError(f"{text!r}: expected HOST:PORT with a port from 1 to 65535")


def parse_origin(text: str) -> str:
    """Return a web page's origin as browsers send it: scheme, host, and the port where it is not the usual one.

    "null" is what pages without an origin send: files, and frames that are locked in.

    Raises:
        ParameterError: not an origin (a page's whole address is none).
    """
    origin = text.strip().lower()
    if origin != "null" and not _ORIGIN.fullmatch(origin):
        raise ParameterError(f"{text!r}: expected an origin, such as http://desk.local:8080, or null")
    return origin


def parse_name(text: str) -> str:
    """Return a machine's name or address, as it stands in a browser's address line without the port.

    Raises:
        ParameterError: not a name.
    """
    name = text.strip().lower().rstrip(".")
    if not _HOST.fullmatch(name):
        raise ParameterError(f"{text!r}: expected a name or an address without a port, such as box.lan")
    return name


def parse_channels(text: str) -> tuple[int, int] | None:
    """Return (first, last) of "3-4" or "2", counted from 0; None for "" (all channels).

    Raises:
        ParameterError: the text is neither, or the range falls.
    """
    if not text.strip():
        return None
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", text.strip())
    if match:
        first = int(match[1])
        last = int(match[2] or first)
        if 1 <= first <= last:
            return first - 1, last - 1
    raise ParameterError(f"channels = {text}: expected a channel or a rising range counted from 1, e.g. 1-2 or 3")


def parse_direction(text: str) -> tuple[str, float, str, float]:
    """Return (name, alpha, band, amount) of "NAME=ALPHA" or "NAME=ALPHA:BAND:AMOUNT"; without a band none and 0.

    Whether name, numbers and band are good ones is for their rows to say.

    Raises:
        ParameterError: the text is neither.
    """
    name, _, rest = text.partition("=")
    alpha, *driven = rest.split(":")
    band, amount = driven if len(driven) == 2 else ("none", "0")
    try:
        if name and len(driven) in (0, 2):
            return name, float(alpha), band, float(amount)
    except ValueError:
        pass
    raise ParameterError(f"{text}: expected NAME=ALPHA or NAME=ALPHA:BAND:AMOUNT, e.g. pca-1=0:low:3")


def parse_max_steps(text: str) -> tuple[float, ...]:
    """Return the three numbers of "4,3,4", none of "".

    Raises:
        ParameterError: the text is no three numbers from 0 to 50.
    """
    if not text:
        return ()
    try:
        steps = tuple(float(part) for part in text.split(","))
    except ValueError:
        steps = ()
    if len(steps) == 3 and all(0 <= step <= 50 for step in steps):
        return steps
    raise ParameterError(f"max_steps = {text}: expected three numbers from 0 to 50, e.g. 4,3,4")


def parse_farm(text: str) -> tuple[str, int, str]:
    """Return (kind, workers, address) of "local[:N]", "ray[:HOST:PORT]" or "": 0 and "" for what is not said.

    Raises:
        ParameterError: it has none of these forms, or N is not in 1..256.
    """
    kind, _, rest = text.partition(":")
    if text in ("", "local", "ray"):
        return kind, 0, ""
    if kind == "ray":
        host, port = parse_host_port(rest)
        return kind, 0, f"{host}:{port}"
    if kind == "local" and re.fullmatch("[0-9]{1,3}", rest) and 1 <= int(rest) <= MAX_WORKERS:
        return kind, int(rest), ""
    raise ParameterError(f"farm = {text}: expected local, local:N with N from 1 to {MAX_WORKERS}, ray or ray:HOST:PORT")


def to_rate(per_s: float) -> Fraction:
    """Return a rate as the fraction that was meant: 29.97 is 30000/1001, 23.976 and 23.98 are 24000/1001.

    The rates of NTSC (SMPTE ST 170) are whole ones times 1000/1001, and are always written rounded.
    """
    whole = round(per_s * 1.001)
    ntsc = Fraction(1000 * whole, 1001)
    is_rounded = abs(per_s - float(ntsc)) < 0.005 and per_s != round(per_s)
    return ntsc if is_rounded else Fraction(per_s).limit_denominator(1001)


def inside(folder: Path, name: str) -> Path:
    """Return the path of name inside folder: what OSC, presets and the panel may name, and nothing else.

    Raises:
        ParameterError: the name is empty, hidden, absolute, or leads out of the folder (by .. or by a link).
    """
    path = folder / name
    parts = name.replace("\\", "/").split("/")
    clean = name.isprintable() and all(
        part and not part.startswith(".") and ":" not in part and len(part.encode()) <= MAX_NAME for part in parts
    )
    if not clean or not path.resolve().is_relative_to(folder.resolve()):
        raise ParameterError(f"name = {name[:80]!r}: expected the name of a file inside {folder}")
    return path


def readable(path: str) -> str:
    """Return a path as it can be shown and sent: one line of valid text."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
