"""Frame rate and age of pictures through the NDI bridge, compared with ZeroMQ.

    python benchmarks/bridge_ndi.py [--seconds 10] [--fps 60] [--size 512]

Four processes on this machine: a publisher of synthetic frames, which carry the time in black and white blocks,
`bandwalk bridge ndi`, an NDI receiver, and this one, which receives over ZeroMQ and decodes as the viewer does. NDI
finds its source on 127.0.0.1 without mDNS. An age is from the drawing of a picture to its pixels in the receiver.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BLOCK, BITS = 16, 24
"""Pixels of a block, and how many of them: tenths of milliseconds of unix time, modulo 2**24 (28 minutes)."""

WARM_UP_S = 3.0
FOUND_S = 60.0


def draw(size, t_unix):
    """Return a smooth picture [size, size, 3] uint8 that contains its time."""
    y, x = np.mgrid[0:size, 0:size]
    rgb = np.stack([255 * x // size, 255 * y // size, 255 - 255 * x // size], axis=-1).astype(np.uint8)
    stamp(rgb, t_unix)
    return rgb


def stamp(rgb, t_unix):
    """Write a time into the upper left corner of a picture."""
    ticks = int(t_unix * 1e4) % 2**BITS
    for n in range(BITS):
        at = np.s_[:BLOCK, n * BLOCK : (n + 1) * BLOCK]
        rgb[at] = 255 if ticks >> n & 1 else 0


def age_ms(rgb, t_unix):
    """Return the age of a picture, milliseconds."""
    middle = rgb[BLOCK // 2, BLOCK // 2 : BITS * BLOCK : BLOCK, 1] > 127
    ticks = sum(1 << n for n, bit in enumerate(middle) if bit)
    return (int(t_unix * 1e4) - ticks) % 2**BITS / 10


def publish(port, size, fps):
    """Publish stamped frames until killed."""
    import simplejpeg
    import zmq

    from bandwalk.wire import insert_segment

    socket = zmq.Context().socket(zmq.XPUB)
    socket.setsockopt(zmq.SNDHWM, 2)
    socket.bind(f"tcp://127.0.0.1:{port}")
    rgb, seq, due = draw(size, 0.0), 0, time.monotonic()
    while True:
        stamp(rgb, time.time())
        jpeg = simplejpeg.encode_jpeg(rgb, 90, "RGB", "420")
        socket.send(insert_segment(jpeg, {"seq": seq, "t_publish": time.time(), "fps": fps}))
        seq, due = seq + 1, due + 1 / fps
        time.sleep(max(0.0, due - time.monotonic()))


def receive_ndi(name, seconds, picture):
    """Receive from an NDI source; print the result as JSON."""
    from cyndilib.finder import Finder
    from cyndilib.receiver import Receiver
    from cyndilib.video_frame import VideoFrameSync
    from cyndilib.wrapper.ndi_recv import RecvBandwidth, RecvColorFormat

    finder = Finder()
    finder.open()
    found_by = time.monotonic() + FOUND_S
    while not (source := next((s for s in finder.iter_sources() if s.stream_name == name), None)):
        if time.monotonic() > found_by:
            raise SystemExit(f"no NDI source {name!r} in {FOUND_S:g} s")
        finder.wait_for_sources(0.2)
    receiver = Receiver(color_format=RecvColorFormat.RGBX_RGBA, bandwidth=RecvBandwidth.highest)
    frame = VideoFrameSync()
    receiver.frame_sync.set_video_frame(frame)
    receiver.set_source(source)
    ages, last, rgb, begin = [], None, None, time.monotonic() + WARM_UP_S
    while time.monotonic() < begin + seconds:
        time.sleep(0.001)
        receiver.frame_sync.capture_video()
        if min(frame.xres, frame.yres) == 0 or frame.get_timestamp_posix() == last:
            continue  # nothing yet, or the same picture again
        last = frame.get_timestamp_posix()
        rgb = np.frombuffer(bytes(frame), np.uint8).reshape(frame.yres, frame.xres, 4)[..., :3]
        if time.monotonic() > begin:
            ages.append(age_ms(rgb, time.time()))
    if picture:
        np.save(picture, rgb)
    rate = frame.get_frame_rate()
    print(json.dumps({"ages": ages, "declared_fps": float(rate), "size": [frame.xres, frame.yres]}))


def receive_zmq(endpoint, seconds):
    """Receive as the viewer does: the newest frame, decoded; return the ages of the pictures."""
    from bandwalk_client import Receiver

    ages, begin = [], time.monotonic() + WARM_UP_S
    with Receiver(endpoint) as receiver:
        while time.monotonic() < begin + seconds:
            received = receiver.receive(0.1)
            if received is not None:
                rgb = received.rgb()
                if time.monotonic() > begin:
                    ages.append(age_ms(rgb, time.time()))
    return ages


def measure(seconds, *, fps=60.0, size=512, picture=""):
    """Run all processes; return {"zmq": ages, "ndi": ages, "declared_fps": ..., "size": ...}."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = f"bandwalk-{os.getpid()}"
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "ndi-config.v1.json").write_text('{"ndi": {"networks": {"ips": "127.0.0.1,"}}}')
        env = {**os.environ, "NDI_CONFIG_DIR": folder}

        def start(*command, **kwargs):
            processes.append(subprocess.Popen([sys.executable, *map(str, command)], env=env, **kwargs))
            return processes[-1]

        try:
            start(__file__, "publish", port, size, fps)
            start("-m", "bandwalk", "bridge", "ndi", f"127.0.0.1:{port}", "--name", name)
            ndi = start(__file__, "receive", name, seconds, picture, stdout=subprocess.PIPE, text=True)
            zmq_ages = receive_zmq(f"127.0.0.1:{port}", seconds)
            told, _ = ndi.communicate(timeout=FOUND_S + WARM_UP_S + seconds + 10)
            if ndi.returncode:
                raise SystemExit(1)
            found = json.loads(told)
            return {"zmq": zmq_ages, "ndi": found.pop("ages"), **found}
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def main():
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--fps", type=float, default=60.0)
    parser.add_argument("--size", type=int, default=512)
    args = parser.parse_args()
    found = measure(args.seconds, fps=args.fps, size=args.size)
    print(f"{args.size} px at {args.fps:g} fps published, {args.seconds:g} s, {os.cpu_count()} processors")
    print(f"{'way':24}{'fps':>8}{'median ms':>12}{'p99 ms':>10}")
    for way, ages in (("ZeroMQ, decoded", found["zmq"]), ("NDI by the bridge", found["ndi"])):
        print(f"{way:24}{len(ages) / args.seconds:8.1f}{np.median(ages):12.1f}{np.percentile(ages, 99):10.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["publish"]:
        publish(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    elif sys.argv[1:2] == ["receive"]:
        receive_ndi(sys.argv[2], float(sys.argv[3]), sys.argv[4])
    else:
        main()
