"""JPEG: on the CPU, and on the GPU where nvidia-nvimgcodec is installed."""

import numpy as np
import torch

from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.units import seed_to_z
from gpu_parts.timing import timed

SIZES, SHORT_SIZES = ((512, 512), (1920, 1080), (3840, 2160)), ((192, 128),)
QUALITY = 90


def measure(setup, put):
    """Put a row for each size and encoder."""
    for size in SHORT_SIZES if setup.is_short else SIZES:
        G = load("builtin", size=size)
        rgb, name = G.render(G.map(seed_to_z(3, G.z_dim)[None])), f"{size[0]}x{size[1]}"
        for kind in ("turbojpeg", "simplejpeg"):
            try:
                encoder = open_encoder(kind)
            except ParameterError as e:
                put(f"{name}, {kind}", note=str(e))
                continue
            encode = lambda k: encoder.encode(rgb, quality=QUALITY, chroma="420")  # noqa: B023, E731
            put(f"{name}, {kind}", *timed(encode, is_short=setup.is_short), note=f"{len(encode(0)) / 1e3:.0f} kB")
        on_gpu(setup, put, rgb, name)


def on_gpu(setup, put, rgb, name):
    """Put a row for NVIDIA's encoder: from a picture on the GPU to bytes on the host."""
    try:
        from nvidia import nvimgcodec
    except ImportError:
        put(f"{name}, nvImageCodec", note="not installed")
        return
    if not setup.device.startswith("cuda"):
        put(f"{name}, nvImageCodec", note="only on a GPU")
        return
    encoder = nvimgcodec.Encoder(device_id=torch.cuda.current_device())
    params = nvimgcodec.EncodeParams(
        quality_type=nvimgcodec.QualityType.QUALITY,
        quality_value=QUALITY,
        chroma_subsampling=nvimgcodec.ChromaSubsampling.CSS_420,
    )
    picture = torch.from_numpy(np.ascontiguousarray(rgb)).to(setup.device)
    encode = lambda k: encoder.encode(nvimgcodec.as_image(picture), "jpeg", params=params)  # noqa: E731
    put(f"{name}, nvImageCodec", *timed(encode, is_short=setup.is_short), note=f"{len(encode(0)) / 1e3:.0f} kB")
