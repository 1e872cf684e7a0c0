"""One analysis step in which every signal has a value of its own, and what must be sent of it, by hand."""

from bandwalk.records import Beat, Features, Music

STEP = Features(
    step=7,
    t_audio=1.5,
    t_capture=0.0,
    rms=(0.1, 0.2, 0.3),
    level=(0.25, 0.5, 0.75),
    change=(-0.5, 0.0, 0.5),
    onset=(True, False, True),
    rms_full=0.125,
    beat=Beat(beat=True, bar=False, beats=6.375, bar_phase=0.59375, bpm=174.0, confidence=0.875),
    music=Music(
        air_level=0.625,
        air_change=-0.75,
        air_onset=True,
        air_rms=0.03125,
        onset=False,
        flux=0.4375,
        loudness=-23.5,
        energy=0.5625,
        drop=True,
        breaks=False,
        silence=True,
        centroid=0.6875,
        flatness=0.8125,
        percussive=0.9375,
        chroma=tuple(k / 16 for k in range(1, 13)),
        key="fsm",
    ),
)

DUMPED = """\
/feature/low/level f 0.250000
/feature/low/change f -0.500000
/feature/low/onset i 1
/feature/low/rms f 0.100000
/feature/mid/level f 0.500000
/feature/mid/change f 0.000000
/feature/mid/onset i 0
/feature/mid/rms f 0.200000
/feature/high/level f 0.750000
/feature/high/change f 0.500000
/feature/high/onset i 1
/feature/high/rms f 0.300000
/feature/rms f 0.125000
/feature/time f 1.500000
/feature/air/level f 0.625000
/feature/air/change f -0.750000
/feature/air/onset i 1
/feature/air/rms f 0.031250
/feature/onset i 0
/feature/flux f 0.437500
/feature/beat i 1
/feature/bar i 0
/feature/phase f 0.375000
/feature/bar_phase f 0.593750
/feature/bpm f 174.000000
/feature/confidence f 0.875000
/feature/loudness f -23.500000
/feature/energy f 0.562500
/feature/drop i 1
/feature/break i 0
/feature/silence i 1
/feature/centroid f 0.687500
/feature/flatness f 0.812500
/feature/percussive f 0.937500
/feature/chroma/c f 0.062500
/feature/chroma/cs f 0.125000
/feature/chroma/d f 0.187500
/feature/chroma/ds f 0.250000
/feature/chroma/e f 0.312500
/feature/chroma/f f 0.375000
/feature/chroma/fs f 0.437500
/feature/chroma/g f 0.500000
/feature/chroma/gs f 0.562500
/feature/chroma/a f 0.625000
/feature/chroma/as f 0.687500
/feature/chroma/b f 0.750000
""".splitlines()
"""Address, type and number of each message of that step, as liblo's oscdump prints them, in the table's order."""

BUNDLES = 2
"""So many packets are a step."""

TIME = "/feature/time f 1.500000"
"""It is in each of them."""


def sent() -> dict[str, list[float]]:
    """Return what is sent of the step, {address: [number]}; what is a whole number is an int."""
    numbers = (line.split() for line in DUMPED)
    return {address: [int(number) if tag == "i" else float(number)] for address, tag, number in numbers}
