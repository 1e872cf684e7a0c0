"""``bandwalk analyze``: what is heard in a song, bands or sixteen channels, as a table, as arrays, as a drawing."""

import csv
import io
from contextlib import closing
from pathlib import Path

import numpy as np

from bandwalk.analysis.drivers import RecordedSong, song_statistics
from bandwalk.commands.encoding_plot import USED
from bandwalk.errors import AudioError, ParameterError
from bandwalk.machine import cores
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.models import chosen_device
from bandwalk.pipeline.open_drivers import check_method, hear_song
from bandwalk.pipeline.song_file import song_file
from bandwalk.pipeline.start import Start
from bandwalk.pipeline.whole_song import HeardSong, feed_of, hear_live, hear_published
from bandwalk.records import BANDS
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
    with song_file(start.source) as song:
        return _analyze(song, start, output, plot)


def _analyze(song: Path, start: Start, output: Path | None, plot: Path | None) -> str:
    """Hear a song's bands or channels, as :func:`analyze`."""
    hear, clip = start.settings.hear, start.settings.clip
    if hear.features != "bands":
        return _analyze_channels(song, start, output, plot)
    if clip.method == "published":
        heard = hear_published(song, hear.channels, clip.bpm)
    else:
        heard = hear_live(song, hear, start.values)
    if output is not None:
        _write(output, to_npz(heard) if output.suffix.lower() == ".npz" else to_csv(heard).encode())
    if plot is not None:
        from bandwalk.commands.plot import draw_heard

        _write(plot, draw_heard(heard, song.name, plot.suffix.lower()[1:]))
    return _summary(song, heard)


def _analyze_channels(song: Path, start: Start, output: Path | None, plot: Path | None) -> str:
    """Hear a song's channels, as :func:`analyze` its bands."""
    hear = start.settings.hear
    check_method(start.settings.clip.method, hear.features)
    set_threads(cores())
    with closing(feed_of(song, hear.channels)) as feed:
        heard = hear_song(feed.blocks(), hear, start.values, device=chosen_device(start.settings.draw.device))
    if heard is None or not len(heard.ends):
        raise AudioError(f"hearing {song}: it is shorter than a step, expected a song")
    order = song_statistics(heard.encoding).order
    if output is not None and output.suffix.lower() == ".npz":
        file = io.BytesIO()
        np.savez(file, t_s=heard.ends, encoding=heard.encoding, order=order, step_rate=1.0 / heard.step_s)
        _write(output, file.getvalue())
    elif output is not None:
        _write(output, _channels_csv(heard).encode())
    if plot is not None:
        from bandwalk.commands.plot import draw_channels

        title = f"{song.name}: {hear.features}, {1.0 / heard.step_s:.6g} steps a second"
        _write(plot, draw_channels(heard, title, plot.suffix.lower()[1:]))
    first, rest = (", ".join(map(str, part)) for part in (order[:USED], order[USED:]))
    steps = f"{song.name}: {len(heard.ends)} steps, {1.0 / heard.step_s:.6g} a second, of {len(order)} channels"
    return f"{steps}\n  by their largest changes: {first}\n  least of all, driving no style of {USED}: {rest}"


def _channels_csv(heard: RecordedSong) -> str:
    """Return a line a step: its time, and each channel."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["t_s", *(f"channel_{k}" for k in range(heard.encoding.shape[1]))])
    for t_s, row in zip(heard.ends, heard.encoding, strict=True):
        writer.writerow([f"{t_s:.6f}", *(f"{float(x):.7g}" for x in row)])
    return file.getvalue()


def to_npz(heard: HeardSong) -> bytes:
    """Return arrays low, mid, high (RMS of each step), the same with _level, _change, _onset, and both rates."""
    arrays = {}
    for b, band in enumerate(BANDS):
        arrays[band] = heard.rms[b]
        for name, table in (("level", heard.level), ("change", heard.change), ("onset", heard.onset)):
            arrays[f"{band}_{name}"] = table[b]
    file = io.BytesIO()
    np.savez(file, t_s=heard.t_s, step_rate=float(heard.step_rate), sample_rate=heard.sample_rate, **arrays)
    return file.getvalue()


def to_csv(heard: HeardSong) -> str:
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


def _summary(song: Path, heard: HeardSong) -> str:
    lines = [
        f"{song.name}: {heard.samples / heard.sample_rate:.2f} s, {heard.rms.shape[1]} steps,"
        f" {float(heard.step_rate):.6g} a second"
    ]
    for b, band in enumerate(BANDS):
        largest, mean = (lin_to_db(float(x)) for x in (heard.rms[b].max(), heard.rms[b].mean()))
        found = f", {np.count_nonzero(heard.onset[b])} onsets" if heard.onset.any() else ""
        lines.append(f"  {band:4}  at most {largest:6.1f} dBFS, mean {mean:6.1f}{found}")
    return "\n".join(lines)
