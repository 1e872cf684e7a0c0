"""The whole path: a show of its own process, and a ZeroMQ client that receives every frame."""

import end_to_end
import numpy as np
import random_networks

from bandwalk.generator.reading import write_safetensors

WANTED_FPS = {"stylegan2": 150.0, "builtin": 240.0}
"""What is asked of an NVIDIA GPU: StyleGAN2 at 1024, and the embedded model at 1920x1080."""

ENOUGH = 0.97
"""A show at 240 frames per second gives this share of them."""


def measure(setup, put):
    """Put rows on frame rate and stages, then on latency."""
    size, base = (128, 512) if setup.is_short else (1024, 32768)
    path = setup.output / "stylegan2.safetensors"
    write_safetensors(random_networks.stylegan2(size, base), path)
    asked = 30 if setup.is_short else 240
    screen = "192x128" if setup.is_short else "1920x1080"
    device = ("--device", setup.device)
    network = (*device, "--model", str(path))
    end_to_end.WARM_UP_S = 0.5 if setup.is_short else 4.0  # a graph is captured, a file's gains are measured
    try:
        measure_rate(setup, put, f"StyleGAN2 {size}", (size, asked, *network))
        if not setup.is_short:
            measure_rate(setup, put, f"builtin {screen}", (screen, asked, *device))
        measure_latency(setup, put, f"builtin {screen}", (screen, 30 if setup.is_short else 60, *device))
        if not setup.is_short:
            measure_latency(setup, put, f"StyleGAN2 {size}", (size, 60, *network))
    finally:
        path.unlink()


def measure_rate(setup, put, name, show):
    """Put a row: frames a second that arrive, and where their time goes."""
    found = end_to_end.measure_rhythm("demo", *show, seconds=1.0 if setup.is_short else 5.0)
    end_to_end.print_rhythm(found)
    wanted = WANTED_FPS["stylegan2" if name.startswith("StyleGAN2") else "builtin"]
    stages = ", ".join(f"{stage} {found.stages[stage][0]:.1f}" for stage in ("walk", "synth", "encode", "publish"))
    put(
        f"{name} at {show[1]} fps", 1e3 * float(np.median(found.gaps_s)), 1e3 * float(np.percentile(found.gaps_s, 99)),
        note=f"{found.fps:.0f} fps arrive, wanted {wanted:.0f}; {stages} ms",
        is_ok=setup.is_short or found.fps > ENOUGH * wanted,
    )  # fmt: skip


def measure_latency(setup, put, name, show):
    """Put two rows: from a click to the first frame that shows it, and from an OSC message."""
    sound = end_to_end.measure_sound(*show, count=3 if setup.is_short else 10)
    osc = end_to_end.measure_osc(*show, count=3 if setup.is_short else 15)
    for what, times in (("sound", sound[~np.isnan(sound)]), ("OSC", osc)):
        note = f"{len(times)} seen"
        if not len(times):
            put(f"{name} at {show[1]} fps, {what} to frame", note=note, is_ok=setup.is_short)
            continue
        put(f"{name} at {show[1]} fps, {what} to frame", *(1e3 * np.percentile(times, (50, 99))), note=note)
