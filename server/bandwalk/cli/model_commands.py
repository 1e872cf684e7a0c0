"""The commands about models: what is in them, what they draw, directions and learned walks."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bandwalk.commands.requests import DirectionsRequest, SheetRequest, WalksRequest
from bandwalk.params import DEVICES
from bandwalk.units import LAYER_NAMES

app = typer.Typer()

_Like = Annotated[
    Path | None, typer.Option(help="Complete model with the same layer sizes; it supplies what a state dict lacks.")
]
_Model = Annotated[str, typer.Argument(help="builtin, or a model file.")]

_GROUPS = "|".join(LAYER_NAMES)
_SHEET, _DIRECTIONS, _WALKS = SheetRequest(), DirectionsRequest(), WalksRequest()


@app.command()
def sheet(
    model: _Model = "builtin",
    output: Annotated[Path, typer.Option("-o", "--output", help="The .jpg or .png to write.")] = Path("sheet.jpg"),
    kind: Annotated[str, typer.Option(help="What the sheet shows.", metavar="seeds|mix|walk")] = _SHEET.kind,
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = _SHEET.seed,
    size: Annotated[int, typer.Option(help="Side of one picture, pixels.")] = _SHEET.size,
    rows: Annotated[str, typer.Option(help="Styles that a row of a mix shares.", metavar=_GROUPS)] = _SHEET.rows,
    columns: Annotated[str, typer.Option(help="Styles that a column shares.", metavar=_GROUPS)] = _SHEET.columns,
    w: Annotated[
        str, typer.Option("--w", help="Projected or edited w (.npz, .npy, .pt) to use instead of the first seed.")
    ] = _SHEET.w,
) -> None:
    """Draw a contact sheet of a model, for example to choose seeds."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.sheet import write_sheet

    typer.echo(write_sheet(model, output, SheetRequest(kind, seed, size, rows, columns, w)))


@app.command()
def directions(
    model: _Model = "builtin",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The .safetensors to write. Default: the file that serve reads."),
    ] = _DIRECTIONS.output,
    method: Annotated[str, typer.Option(help="How to find them.", metavar="sefa|pca|both")] = _DIRECTIONS.method,
    components: Annotated[int, typer.Option(help="Directions for each method, 1..16.")] = _DIRECTIONS.components,
    sheet: Annotated[
        Path | None, typer.Option(help="A .jpg or .png to draw, with a strip for each direction.")
    ] = _DIRECTIONS.sheet,
    seed: Annotated[int, typer.Option(help="Seed of the pictures in the strips.", min=0)] = _DIRECTIONS.seed,
) -> None:
    """Find directions that change a model's pictures, and list how much each changes; nothing is trained."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.directions import make_directions

    typer.echo(make_directions(model, DirectionsRequest(method, components, output, sheet, seed)))


@app.command("learn-walk")
def learn_walk(
    edit: Annotated[
        list[str] | None,
        typer.Option(
            help="Edit to learn; repeatable. Default: all of them.",
            metavar="red|green|blue|brightness|zoom|shift-x|shift-y|rotate",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="builtin, or a model file.")] = "builtin",
    output: Annotated[Path, typer.Option("-o", "--output", help="The .safetensors to write.")] = _WALKS.output,
    space: Annotated[
        str, typer.Option(help="w: one vector for all styles; layers: one for each style.", metavar="w|layers")
    ] = _WALKS.space,
    steps: Annotated[int, typer.Option(help="Training steps for each walk.")] = _WALKS.steps,
    batch: Annotated[int, typer.Option(help="Pictures in each step.")] = _WALKS.batch,
    seed: Annotated[int, typer.Option(help="Seed of the pictures.", min=0)] = _WALKS.seed,
    plot: Annotated[Path | None, typer.Option(help="The .jpg or .png to write with the loss curves.")] = _WALKS.plot,
    strip: Annotated[
        Path | None, typer.Option(help="The .jpg or .png to write: each walk, and below it the edit that it learned.")
    ] = _WALKS.strip,
    device: Annotated[
        str, typer.Option(help="Where the model runs; mps: Apple's GPU.", metavar="|".join(DEVICES))
    ] = _WALKS.device,
) -> None:
    """Learn walks in w that imitate edits of a model's pictures; the /direction parameters play them."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.learn_walk import learn_walks

    request = WalksRequest(edit or (), output, space, steps, batch, seed, plot, strip, device)
    typer.echo(learn_walks(model, request))


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="The model file, or NSynth's checkpoint.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    like: _Like = None,
) -> None:
    """Print what a model file holds; nothing in it is executed."""
    from bandwalk.commands.inspect_model import as_text, describe

    found = describe(model, like)
    typer.echo(json.dumps(found) if as_json else as_text(found))


@app.command()
def convert(
    model: Annotated[Path, typer.Argument(help="The model file, NSynth's checkpoint, or published walks.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors to write.")],
    like: _Like = None,
) -> None:
    """Write a model file as .safetensors, a format that cannot execute code."""
    from bandwalk.commands.inspect_model import convert as convert_file

    typer.echo(convert_file(model, out, like))
