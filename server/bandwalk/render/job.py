"""What is to be rendered: everything that shapes a clip, checked before anything is opened."""

import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from bandwalk.analysis.published_bands import step_rate_of
from bandwalk.errors import ParameterError
from bandwalk.generator import check_engine, is_embedded
from bandwalk.machine import cores
from bandwalk.output.containers import Encoding
from bandwalk.params.settings import Settings
from bandwalk.params.values import Values, number, text
from bandwalk.pipeline.keyframe_files import read_keyframes
from bandwalk.pipeline.models import chosen_device
from bandwalk.pipeline.open_drivers import check_method
from bandwalk.pipeline.start import Start
from bandwalk.records import BANDS
from bandwalk.render.ablation import joined_size
from bandwalk.render.clip_scenes import ClipScenes, read_scenes
from bandwalk.render.lyrics import SUFFIX, LyricLine, lyrics_beside, read_lyrics
from bandwalk.units import parse_size, to_rate
from bandwalk.walk import Keyframes

logger = logging.getLogger(__name__)

_WORTH_WORKERS = 400
"""Frames from which on workers are faster: they take seconds to start."""

_MAX_WORKERS = 4
"""Each takes half a gigabyte, and one process encodes what all of them draw."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of the song that is rendered, and when its frames are.

    start: seconds.   end: seconds, None: where the song ends.   fps: frames a second. All of them exactly.
    """

    start: Fraction
    end: Fraction | None
    fps: Fraction

    def t_exact(self, n: int) -> Fraction:
        """Return the audio time of frame n."""
        return self.start + n / self.fps

    def t_audio(self, n: int) -> float:
        """Return the audio time of frame n, as near as a float comes."""
        return float(self.t_exact(n))

    def frames_before(self, t_s: Fraction) -> int:
        """Return how many frames begin before this second of the song."""
        t_s = t_s if self.end is None else min(t_s, self.end)
        return max(0, math.ceil((t_s - self.start) * self.fps))

    def frames_until(self, t_s: Fraction) -> int:
        """Return how many frames begin before this second or with it."""
        until = math.floor((t_s - self.start) * self.fps) + 1
        return max(0, until if self.end is None else min(until, self.frames_before(self.end)))


@dataclass(frozen=True, slots=True)
class Job:
    """One render.

    audio:    the song.
    output:   a file, a folder of pictures, or None: raw frames to stdout.
    values:   live parameters by address, the same for the whole clip.
    settings: start-up settings.
    alpha:    whether its pictures say how opaque they are.
    keyframes: of the files that walks name, by name.
    lyrics:   what is shown of them.
    scenes:   that it follows; None: it has one look.
    seam:     frames at the end that lead over to the first one, so that the clip loops; 0: it does not.
    """

    audio: Path
    output: Path | None
    values: Values
    settings: Settings
    span: Span
    alpha: bool = False
    keyframes: Mapping[str, Keyframes] = field(default_factory=dict)
    seam: int = 0
    lyrics: tuple[LyricLine, ...] = ()
    scenes: ClipScenes | None = None

    @property
    def is_published(self) -> bool:
        """Whether the published method is wanted."""
        return self.settings.clip.method == "published"

    @property
    def band(self) -> str:
        """The one band that moves the picture; empty: all do."""
        only = self.settings.clip.only
        return "" if only == "all" else only

    @property
    def has_band_sound(self) -> bool:
        """Whether the clip's sound is what that band hears."""
        return bool(self.band) and self.settings.clip.sound != "full"

    def look(self) -> Encoding:
        """Return how pictures are stored."""
        width, height = parse_size(text(self.values, "/out/size"))
        if self.settings.clip.ablation and not self.band:
            width, height = joined_size(width, height)
        crf, preset = self.settings.clip.crf, self.settings.clip.x264_preset
        return Encoding(width, height, self.span.fps, crf, preset, cores(), self.alpha)

    def only(self, band: str, output: Path | None) -> "Job":
        """Return the same job with one walk moving and the others fixed."""
        others = {f"/walk/{other}/enabled": False for other in BANDS if other != band}
        settings = self.settings.with_clip(only=band)
        return replace(self, output=output, values={**self.values, **others}, settings=settings)


def job_of(start: Start, output: str) -> Job:
    """Return what the command line asks for.

    Raises:
        ParameterError: settings that do not go together, or an output that is there already or the song itself.
    """
    audio, clip = Path(start.source), start.settings.clip
    path = None if output == "-" else Path(output)
    if path is not None and os.path.exists(path) and os.path.exists(audio) and path.samefile(audio):
        raise ParameterError(f"--output = {output}: that is the song itself; expected another name")
    if path is not None and not clip.resume and not clip.force:
        for one in [path, *(of_band(path, band) for band in BANDS if clip.ablation)]:
            _check_free(one)
    if clip.resume and path is None:
        raise ParameterError("--resume with --output = -: expected a file or a folder")
    if clip.sound == "band" and clip.only == "all" and not clip.ablation:
        raise ParameterError("--sound = band: expected --only with the band")
    if clip.ablation and (path is None or clip.only != "all"):
        raise ParameterError("--ablation renders each band alone into files: expected no --only, and not --output = -")
    check_method(clip.method, start.settings.hear.features)
    draw = start.settings.draw
    device, engine = chosen_device(draw.device), "torch" if draw.engine == "auto" else draw.engine
    check_engine(engine, device)
    settings = start.settings.with_draw(device=device, engine=engine)
    scenes = read_scenes(clip, settings.folders.presets)
    keyframes = {**read_keyframes(settings.folders.presets, start.values), **(scenes.keyframes if scenes else {})}
    lyrics = _lyrics(clip.lyrics, audio)
    return Job(audio, path, start.values, settings, _span(start), keyframes=keyframes, lyrics=lyrics, scenes=scenes)


def _lyrics(named: str, audio: Path) -> tuple[LyricLine, ...]:
    """Return the lyrics that are wanted; raise ParameterError if they cannot be read."""
    if named != "auto":
        return read_lyrics(Path(named).expanduser()) if named else ()
    beside = lyrics_beside(audio)
    if beside is None:
        logger.info("--lyrics = auto: there is no %s", audio.with_suffix(SUFFIX).name)
        return ()
    return read_lyrics(beside)


def of_band(path: Path, band: str) -> Path:
    """Return the name of an ablation's clip of one band."""
    return path.with_name(f"{path.stem}-{band}{path.suffix}")


def _check_free(path: Path) -> None:
    """Check that nothing is written over by mistake.

    Raises:
        ParameterError: a file, or a folder with something in it, is there.
    """
    if os.path.lexists(path) and not (path.is_dir() and not any(path.iterdir())):
        raise ParameterError(
            f"--output = {path}: it is there already; expected another name, --force to write over it, or --resume"
            " to go on with it"
        )


def with_workers(job: Job, frames: int | None) -> Job:
    """Return the job as it is fastest here: a few workers draw a longer clip of the embedded model.

    Its pictures are too small for several threads, and in one process they, the sound and the encoder wait for
    each other's Python. This process has the core that is left.

    Args:
        frames: of the clip, None: nobody knows.
    """
    draw = job.settings.draw
    is_small = is_embedded(draw.model) and draw.device == "cpu"
    is_chosen = job.settings.clip.farm or draw.threads
    is_short = frames is not None and frames < _WORTH_WORKERS
    if not is_small or is_chosen or is_short or cores() == 1:
        return job
    return replace(job, settings=job.settings.with_clip(farm=f"local:{min(cores() - 1, _MAX_WORKERS)}"))


def clips_of(job: Job) -> list[Job]:
    """Return the clips that a job asks for, as a job each: with --ablation one a band, and last that of all three."""
    if not job.settings.clip.ablation:
        return [job.only(job.band, job.output)] if job.band else [job]
    assert job.output is not None
    path = job.output
    return [*(job.only(band, of_band(path, band)) for band in BANDS), job]


def moving(clips: Sequence[Job]) -> Sequence[Job]:
    """Return the clips that are drawn: the last one of an ablation shows what the others do."""
    return clips[:-1] or clips


def threads_of(job: Job) -> int:
    """Return how many threads draw a picture, the same at each run.

    Half of the cores, the encoder has the others; one in each worker of a farm.
    """
    return job.settings.draw.threads or (1 if job.settings.clip.farm else max(1, cores() // 2))


def _span(start: Start) -> Span:
    clip = start.settings.clip
    begin, end = (Fraction(t_s).limit_denominator(1_000_000) for t_s in (clip.start, clip.end))
    if 0 < end <= begin:
        raise ParameterError(f"--end = {float(end):g}: expected more than --start, {float(begin):g}")
    fps = to_rate(number(start.values, "/out/fps"))
    if clip.method == "published" and "/out/fps" not in start.given:
        fps = step_rate_of(clip.bpm)  # a picture a step, as published
    return Span(begin, end or None, fps)
