"""``bandwalk analyze``: what bandwalk hears in a song, as a table, as arrays, as a drawing."""

import csv
import io
from pathlib import Path

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.hearing import Heard, hear_live, hear_published
from bandwalk.records import BANDS
from bandwalk.startup import Start
from bandwalk.units import lin_to_db

SUFFIXES = (".npz", ".csv")
PLOT_SUFFIXES = (".png", ".svg", ".pdf")


def analyze(start: Start, output: Path | None, plot: Path | None) -> str:
    """Hear a song, write what was asked for, and return what was heard in a few lines.

    Args:
        start:  settings and values; its source is the song.
        output: .npz or .csv, None: no table.
        plot:   .png, .svg or .pdf, None: no drawing.

    Raises:
        ParameterError: an output of another kind, or one that cannot be written.
        AudioError:     the song cannot be read.
    """
    for option, path, suffixes in (("--output", output, SUFFIXES), ("--plot", plot, PLOT_SUFFIXES)):
        if path is not None and path.suffix.lower() not in suffixes:
            raise ParameterError(f"{option} = {path}: expected a name that ends in {', '.join(suffixes)}")
    song, settings = Path(start.source), start.settings
    if settings["method"] == "published":
        heard = hear_published(song, settings["channels"], settings["bpm"])
    else:
        heard = hear_live(song, settings, start.values)
    if output is not None:
        _write(output, to_npz(heard) if output.suffix.lower() == ".npz" else to_csv(heard).encode())
    if plot is not None:
        from bandwalk.plot import draw_heard

        _write(plot, draw_heard(heard, song.name, plot.suffix.lower()[1:]))
    return _summary(song, heard)


def to_npz(heard: Heard) -> bytes:
    """Return arrays low, mid, high (RMS of each step), the same with _level, _change, _onset, and both rates."""
    arrays = {}
    for b, band in enumerate(BANDS):
        arrays[band] = heard.rms[b]
        for name, table in (("level", heard.level), ("change", heard.change), ("onset", heard.onset)):
            arrays[f"{band}_{name}"] = table[b]
    file = io.BytesIO()
    np.savez(file, t_s=heard.t_s, step_rate=float(heard.step_rate), sample_rate=heard.sample_rate, **arrays)
    return file.getvalue()


def to_csv(heard: Heard) -> str:
    """Return a line a step: its time, and RMS, level, change and onset of each band."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    kinds = ("", "_level", "_change", "_onset")
    writer.writerow(["t_s", *(f"{band}{kind}" for band in BANDS for kind in kinds)])
    tables = (heard.rms, heard.level, heard.change, heard.onset)
    for step, t_s in enumerate(heard.t_s):
        row = [f"{float(table[b, step]):.7g}" for b in range(len(BANDS)) for table in tables]
        writer.writerow([f"{t_s:.6f}", *row])
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as e:
        raise ParameterError(f"writing {path}: {e.strerror}; expected a file that can be written") from e


def _summary(song: Path, heard: Heard) -> str:
    lines = [
        f"{song.name}: {heard.samples / heard.sample_rate:.2f} s, {heard.rms.shape[1]} steps,"
        f" {float(heard.step_rate):.6g} a second"
    ]
    for b, band in enumerate(BANDS):
        largest, mean = (lin_to_db(float(x)) for x in (heard.rms[b].max(), heard.rms[b].mean()))
        found = f", {np.count_nonzero(heard.onset[b])} onsets" if heard.onset.any() else ""
        lines.append(f"  {band:4}  at most {largest:6.1f} dBFS, mean {mean:6.1f}{found}")
    return "\n".join(lines)
