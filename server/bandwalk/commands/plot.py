"""The drawings of ``bandwalk analyze --plot``: waveform and bands with changes and onsets; or an encoding."""

import io
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bandwalk.analysis.drivers import RecordedSong
from bandwalk.commands.encoding_plot import draw_encoding
from bandwalk.pipeline.whole_song import HeardSong
from bandwalk.records import BANDS

_COLOURS = {"low": "#c8553d", "mid": "#3d8b6e", "high": "#3d6fc8"}
_INK, _FAINT = "#333333", "#bbbbbb"
_SIZE = (14, 10)
_DPI = 110
_WIDTH = 1600
"""Pixels of an encoding's drawing."""
_COLUMNS = 3000
"""Most points of a line: more than a screen is wide, and a long song is still drawn at once."""


def draw_heard(heard: HeardSong, title: str, kind: str) -> bytes:
    """Return the drawing as a file of a kind ("png", "svg", "pdf")."""
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1 + 2 * len(BANDS), 1, sharex=True, height_ratios=[1.3] + [1.2, 0.8] * len(BANDS))
    _draw_waveform(axes[0], heard, title)
    for b, band in enumerate(BANDS):
        _draw_band(axes[1 + 2 * b], axes[2 + 2 * b], heard, band)
    axes[-1].set_xlabel("seconds")
    axes[-1].set_xlim(0, heard.samples / heard.sample_rate)
    figure.align_ylabels(axes)
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def draw_channels(song: RecordedSong, title: str, kind: str) -> bytes:
    """Return the drawing of a song's channels as a file of a kind ("png", "svg", "pdf")."""
    n = song.encoding.shape[1]
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    extent = (0.0, float(song.ends[-1]), n + 0.5, -1.5)
    axis.imshow(draw_encoding(song.encoding, _WIDTH), extent=extent, aspect="auto", interpolation="antialiased")
    axis.set_yticks(range(n))
    axis.set_ylabel("channel (grey: drives no style)")
    axis.set_xlabel("seconds")
    axis.set_title(title, loc="left", fontsize=11)
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def _draw_waveform(axis: Any, heard: HeardSong, title: str) -> None:
    lowest, highest = heard.outline
    t_s = np.arange(len(lowest)) / float(heard.step_rate)
    t_s, lowest, highest = _thinned(t_s), _thinned(lowest), _thinned(highest, np.maximum)
    axis.fill_between(t_s, lowest, highest, color=_INK, linewidth=0)
    axis.set_title(f"{title}: {float(heard.step_rate):.6g} steps a second", loc="left", fontsize=11)
    axis.set_ylabel("waveform")
    _tidy(axis)


def _draw_band(above: Any, below: Any, heard: HeardSong, band: str) -> None:
    """Draw a band's RMS with its onsets above, its changes below."""
    b = BANDS.index(band)
    colour = _COLOURS[band]
    t_s = _thinned(heard.t_s)
    top = max(float(heard.rms[b].max()), 1e-9)
    above.vlines(heard.t_s[heard.onset[b]], 1.04 * top, 1.12 * top, color=_INK, linewidth=0.7)
    above.fill_between(t_s, _thinned(heard.rms[b], np.maximum), color=colour, alpha=0.85, linewidth=0)
    above.set_ylim(0, 1.15 * top)
    above.set_ylabel(f"{band}\nRMS, onsets")
    rise, fall = _thinned(heard.change[b], np.maximum), _thinned(heard.change[b], np.minimum)
    below.fill_between(t_s, np.maximum(rise, 0), color=colour, linewidth=0)
    below.fill_between(t_s, np.minimum(fall, 0), color=_FAINT, linewidth=0)
    below.axhline(0, color=_INK, linewidth=0.5)
    below.set_ylim(min(-1.0, float(heard.change[b].min())) * 1.05, 1.05)
    below.set_ylabel("change")
    _tidy(above)
    _tidy(below)


def _tidy(axis: Any) -> None:
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.tick_params(labelsize=8)


def _thinned(x: np.ndarray, join: np.ufunc = np.minimum) -> np.ndarray:
    """Return x in at most _COLUMNS groups, each joined to one: its lowest or its highest (of times the first)."""
    return np.asarray(join.reduceat(x, np.arange(0, len(x), -(-len(x) // _COLUMNS))))
