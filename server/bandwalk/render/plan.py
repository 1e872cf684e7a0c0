"""From sound to the inputs of frames: what every frame is drawn from, in order, nothing drawn yet.

A plan is a generator of inputs: bounded memory, whatever the song's length.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from fractions import Fraction
from itertools import islice

from bandwalk.analysis.drivers import RecordedSong
from bandwalk.generator import Generator as Model
from bandwalk.params.values import Values
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.joined_styles import to_picture_input
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.open_drivers import hear_song, song_drivers
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.whole_song import feed_of
from bandwalk.records import Block, Pose
from bandwalk.render.clip_scenes import Staging
from bandwalk.render.job import Job, threads_of
from bandwalk.render.loop import closed, lead_in
from bandwalk.render.published_poses import published_poses
from bandwalk.units import SAMPLE_RATE


def picture_inputs_of(
    job: Job, G: Model, song: RecordedSong | None = None, *, is_quiet: bool = False
) -> Generator[PictureInput, None, None]:
    """Yield the input of every frame of the job.

    The song is heard from its beginning whatever part is rendered, so that a part shows what the whole does.

    Args:
        song: what drives the styles, as :func:`channels_of` heard it; None: the bands drive.
        is_quiet: do not log what is wrong with the song.

    Raises:
        AudioError: the song cannot be read.
    """
    set_threads(1)  # of the thread that plans: mapping networks are small
    is_quiet = is_quiet or song is not None
    if job.scenes is not None:
        staging = Staging(job.scenes, job.values, _pipeline_of(job, G, song))
        poses = _followed(job, staging.pipeline, lambda: staging.values, is_quiet=is_quiet)
        yield from map(staging.picture_input, poses)
        return
    if job.is_published:
        poses = published_poses(job, G)
    else:
        poses = _followed(lead_in(job), _pipeline_of(job, G, song), lambda: job.values, is_quiet=is_quiet)
        poses = closed(poses, job) if job.seam else poses
    for pose in poses:
        yield to_picture_input(G, pose, moved(job.values, pose, G.directions))


def frame_inputs_of(
    clips: Sequence[Job], G: Model, first: int = 0, *, song: RecordedSong | None = None
) -> Generator[PictureInput, None, None]:
    """Yield what is drawn, frame by frame from the first that is wanted; the clips of a frame one after the other.

    Args:
        song: what drives the styles, as :func:`channels_of` heard it; None: the bands drive.

    Raises:
        AudioError: the song cannot be read.
    """
    plans = [picture_inputs_of(job, G, song, is_quiet=k > 0) for k, job in enumerate(clips)]
    try:
        for picture_inputs in islice(zip(*plans, strict=True), first, None):
            yield from picture_inputs
    finally:
        for plan in plans:
            plan.close()


def _pipeline_of(job: Job, G: Model, song: RecordedSong | None) -> Pipeline:
    """Return the pipeline of a show that is like the job."""
    drivers = song_drivers(song)
    pipeline = Pipeline(G, job.values, step_rate=job.settings.hear.step_rate, tally=Tally(), drivers=drivers)
    pipeline.keyframes = job.keyframes
    return pipeline


def _followed(job: Job, pipeline: Pipeline, values: Callable[[], Values], *, is_quiet: bool) -> Iterator[Pose]:
    """Yield the poses of the live method, by the pipeline of a show with a stepped clock.

    Args:
        values: returns those of the moment.
    """
    span = job.span
    feed = feed_of(job.audio, job.settings.hear.channels, is_quiet=is_quiet)
    n = 0
    try:
        for block, is_last in _with_last(feed.blocks()):
            pipeline.hear(block, values())
            t_s = Fraction(block.end, SAMPLE_RATE)
            due = span.frames_before(t_s) if is_last else span.frames_until(t_s)  # none begins with the song's end
            for k in range(n, due):
                yield pipeline.scene.track.pose(span.t_audio(k))
            n = due
            if span.end is not None and t_s >= span.end:
                return
    finally:
        feed.close()


def channels_of(job: Job, stop: threading.Event) -> RecordedSong | None:
    """Hear the drivers of the whole song, if they drive the styles; None: the bands drive.

    Raises:
        BandwalkError:     the song or NSynth's encoder cannot be read.
        KeyboardInterrupt: stop was set.
    """
    set_threads(threads_of(job))
    feed = feed_of(job.audio, job.settings.hear.channels)
    try:
        return hear_song(_until(stop, feed.blocks()), job.settings.hear, job.values, device=job.settings.draw.device)
    finally:
        feed.close()


def _until(stop: threading.Event, blocks: Iterator[Block]) -> Iterator[Block]:
    for block in blocks:
        if stop.is_set():
            raise KeyboardInterrupt
        yield block


def _with_last(blocks: Iterator[Block]) -> Iterator[tuple[Block, bool]]:
    """Yield each block with whether it is the last one."""
    before = next(blocks, None)
    for block in blocks:
        assert before is not None
        yield before, False
        before = block
    if before is not None:
        yield before, True
