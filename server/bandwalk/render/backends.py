"""Who draws a clip's pictures: this process, processes of this machine, or a Ray cluster."""

import logging
import secrets
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager

import numpy as np

from bandwalk.farm.clip_setup import ClipSetup, look
from bandwalk.farm.cluster import Cluster, joined
from bandwalk.farm.ordering import frames_a_chunk, in_order
from bandwalk.farm.processes import Processes
from bandwalk.generator import Generator as Model
from bandwalk.generator.precision import decisions
from bandwalk.machine import cores
from bandwalk.params.values import text
from bandwalk.pipeline.draw_frame import PictureInput, draw
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.render.job import Job, threads_of
from bandwalk.units import parse_farm, parse_size, seed_to_z

logger = logging.getLogger(__name__)

Pictures = Generator[np.ndarray, None, None]
Draw = Callable[[Generator[PictureInput, None, None]], Pictures]
"""Draws frames: the pictures in their colours and size, [H, W, 3 or 4] uint8, in the order of the inputs."""


@contextmanager
def open_farm(job: Job, G: Model, stop: threading.Event | None = None) -> Iterator[Draw]:
    """Yield what draws a job's pictures, as its setting ``farm`` says; its workers end with the context.

    Once stop is set, nobody waits for them: what draws raises KeyboardInterrupt.

    All of them draw the same pixels on machines of one kind.

    Raises:
        ParameterError:      there is no such cluster, or it has too few cores.
        ModuleNotFoundError: ray is not installed.
    """
    kind, workers, address = parse_farm(job.settings.clip.farm)
    frames = frames_a_chunk(*parse_size(text(job.values, "/out/size")))
    if kind == "local":
        with closing(Processes(clip_setup_of(job, G), workers or _usual_workers(job), stop)) as processes:
            yield lambda inputs: in_order(inputs, processes, frames)
    elif kind == "ray":
        with joined(address, cores()), closing(Cluster(clip_setup_of(job, G), stop)) as cluster:
            logger.info("room for %d workers in the cluster", cluster.workers)
            yield lambda inputs: in_order(inputs, cluster, frames)
    else:
        yield lambda inputs: _draw_here(inputs, job, G)


def clip_setup_of(job: Job, G: Model) -> ClipSetup:
    """Return the setup of a job whose model is loaded; draws a picture."""
    settings, threads = job.settings.draw, threads_of(job)
    probe = G.map(seed_to_z(0, G.z_dim)[None]).cpu().numpy()
    set_threads(threads)
    return ClipSetup(
        key=secrets.token_hex(8),
        model=settings.model,
        like=settings.like,
        weights=None,
        sha256=G.sha256,
        device=settings.device,
        exact=settings.exact,
        engine=settings.engine,
        screen=G.screen,
        threads=threads,
        alpha=job.alpha,
        values=dict(job.values),
        decided=decisions(),
        probe=probe,
        picture=look(G, probe),
    )


def _draw_here(inputs: Generator[PictureInput, None, None], job: Job, G: Model) -> Pictures:
    set_threads(threads_of(job))
    for picture_input in inputs:
        yield draw(G, picture_input, job.values, alpha=job.alpha)


def _usual_workers(job: Job) -> int:
    """Return how many workers there are where nobody said it: all cores are busy, or the one GPU."""
    return max(1, cores() // threads_of(job)) if job.settings.draw.device == "cpu" else 1
