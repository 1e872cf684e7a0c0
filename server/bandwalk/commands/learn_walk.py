"""``bandwalk learn-walk``: learns walks in w that edit a model's pictures, writes them, and shows what they do."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bandwalk.commands.loss_plot import draw_curves
from bandwalk.commands.requests import WalksRequest
from bandwalk.commands.sheet import arranged, check_suffix, save
from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator import Generator, is_embedded, load
from bandwalk.generator.directions import Directions, write_directions
from bandwalk.generator.learned import EDITS, SPACES, LearningOptions, learn
from bandwalk.generator.tensors import to_rgb
from bandwalk.output.caption import caption
from bandwalk.params import DEVICES
from bandwalk.pipeline.models import chosen_device
from bandwalk.units import seed_to_z

logger = logging.getLogger(__name__)

ALPHAS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Of a strip."""

_SIDE = 64  # pixels of the embedded model while it is taught
_MAX_STEPS, _MAX_BATCH = 100_000, 64
_MIN_SIDE = 128  # side of a picture in a strip, pixels


def learn_walks(model: str, request: WalksRequest) -> str:
    """Learn walks, write them, and return what was made, a line a walk.

    Raises:
        ParameterError:  what is asked for is not possible, or cannot be written.
        CheckpointError: a model that cannot be loaded.
        WorkError:       the loss is not a finite number.
    """
    _check(request)
    is_ours = is_embedded(model)
    device = chosen_device(request.device)
    G = load(model, device=device, exact=not is_ours, size=_SIDE if is_ours else None)
    options = LearningOptions(request.space, request.steps, request.batch, request.seed, psi=G.usual_psi)
    walks: dict[str, torch.Tensor] = {}
    losses: dict[str, list[float]] = {}
    made: dict[str, str] = {}
    with _progress() as bar:
        for edit in tuple(dict.fromkeys(request.edits)) or tuple(EDITS):
            tell = partial(_tell, bar, bar.add_task(edit, total=options.steps, loss=1.0))
            walks[edit], losses[edit] = learn(G, edit, options, tell)
            made[edit] = _describe(edit, options, losses[edit])
            logger.debug("%s", made[edit])
            _write(Directions(walks, G.sha256, made), request.output)  # what is learned is kept, whatever comes
    if request.plot:
        save(draw_curves(losses), request.plot)
    if request.strip:
        save(strip(G, walks, seed=options.seed, psi=options.psi), request.strip)
    return "\n".join([*made.values(), f"{request.output}: {len(walks)} walks of {G.name}"])


def _write(walks: Directions, path: Path) -> None:
    try:
        write_directions(walks, path)
    except WorkError as e:
        raise ParameterError(f"--output = {e}; expected a file that can be written") from e


def _progress() -> Progress:
    """Return a bar for each walk, where stderr is a terminal."""
    text, loss = TextColumn("{task.description:10}"), TextColumn("loss {task.fields[loss]:.3f}")
    console = Console(stderr=True)
    columns = (text, BarColumn(), MofNCompleteColumn(), loss, TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _tell(bar: Progress, task: TaskID, step: int, loss: float) -> None:
    bar.update(task, completed=step, loss=loss)


def _describe(edit: str, options: LearningOptions, losses: Sequence[float]) -> str:
    tenth = max(1, len(losses) // 10)
    begun, ended = np.mean(losses[:tenth]), np.mean(losses[-tenth:])
    how = f"{options.steps} steps of {options.batch} in {options.space}, seed {options.seed}"
    return f"{edit}: learned, {how}, loss {begun:.3f} to {ended:.3f}"


def strip(G: Generator, walks: Mapping[str, torch.Tensor], *, seed: int = 0, psi: float = 1.0) -> np.ndarray:
    """Return two rows of pictures a walk: along it, alpha from -1 to 1, and the edit itself [H, W, 3] uint8."""
    ws = G.map(seed_to_z(seed, G.z_dim)[None], psi=psi)
    img = G.synthesize(ws)
    tiles = []
    for edit, walk in walks.items():
        along = [G.synthesize(ws + alpha * walk.to(ws)) for alpha in ALPHAS]
        tiles += [_tile(picture, f"{edit} {alpha:+.1f}") for picture, alpha in zip(along, ALPHAS, strict=True)]
        aims = [EDITS[edit](img, torch.tensor([alpha], device=img.device)) for alpha in ALPHAS]
        tiles += [_tile(aim * mask + mask - 1.0, "aim") for aim, mask in aims]  # black where it is not looked at
    return arranged(tiles, len(ALPHAS))


def _tile(img: torch.Tensor, text: str) -> np.ndarray:
    rgb = to_rgb(img)
    repeats = max(1, _MIN_SIDE // rgb.shape[1])
    rgb = rgb.repeat(repeats, 0).repeat(repeats, 1)
    return np.concatenate([rgb, caption(text, rgb.shape[1])])


def _check(request: WalksRequest) -> None:
    for edit in request.edits:
        if edit not in EDITS:
            raise ParameterError(f"--edit = {edit}: expected one of {', '.join(EDITS)}")
    if request.space not in SPACES:
        raise ParameterError(f"--space = {request.space}: expected one of {', '.join(SPACES)}")
    for flag, number, most in (("--steps", request.steps, _MAX_STEPS), ("--batch", request.batch, _MAX_BATCH)):
        if not 1 <= number <= most:
            raise ParameterError(f"{flag} = {number}: expected 1..{most}")
    if request.output.suffix != ".safetensors":
        raise ParameterError(f"--output = {request.output}: expected a name that ends in .safetensors")
    if request.device not in DEVICES:
        raise ParameterError(f"--device = {request.device}: expected one of {', '.join(DEVICES)}")
    for flag, path in (("--plot", request.plot), ("--strip", request.strip)):
        if path:
            check_suffix(path, flag)
    for path in (request.output, request.plot, request.strip):
        if path and not path.absolute().parent.is_dir():  # reported before the work, not after it
            raise ParameterError(f"{path}: no such folder {path.absolute().parent}; expected one that is there")
