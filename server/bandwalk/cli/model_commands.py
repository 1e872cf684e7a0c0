"""The commands about models: what is in them, what they draw, directions and learned walks."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

_Like = Annotated[
    Path | None, typer.Option(help="Whole model of the same shapes, from which a state dict takes what it lacks.")
]


@app.command()
def sheet(
    model: Annotated[str, typer.Argument(help="builtin, or a model file.")] = "builtin",
    output: Annotated[Path, typer.Option("-o", "--output", help="The .jpg or .png to write.")] = Path("sheet.jpg"),
    kind: Annotated[str, typer.Option(help="seeds, mix or walk.", metavar="seeds|mix|walk")] = "seeds",
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = 0,
    size: Annotated[int, typer.Option(help="Side of one picture, pixels.")] = 256,
    rows: Annotated[
        str, typer.Option(help="Styles that a row of a mix shares.", metavar="coarse|middle|fine")
    ] = "coarse",
    columns: Annotated[str, typer.Option(help="Styles that a column shares.", metavar="coarse|middle|fine")] = "fine",
    w: Annotated[str, typer.Option("--w", help="Projected or edited w, in place of the first seed's.")] = "",
) -> None:
    """Draw a contact sheet of a model: pick seeds by it."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.sheet import write_sheet

    typer.echo(write_sheet(model, output, kind=kind, seed=seed, size=size, rows=rows, columns=columns, w=w))


@app.command()
def directions(
    model: Annotated[str, typer.Argument(help="builtin, or a model file.")] = "builtin",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The .safetensors to write; where a show looks if not given.")
    ] = None,
    method: Annotated[str, typer.Option(help="sefa, pca or both.", metavar="sefa|pca|both")] = "both",
    components: Annotated[int, typer.Option(help="Directions of each kind, 1..16.")] = 4,
    sheet: Annotated[Path | None, typer.Option(help="A .jpg or .png to draw a strip a direction into.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the pictures in it.", min=0)] = 1,
) -> None:
    """Find directions that change a model's pictures, and tell what each does; nothing is trained."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.directions import Wanted, make_directions

    typer.echo(make_directions(model, Wanted(method, components, output, sheet, seed)))


@app.command("learn-walk")
def learn_walk(
    edit: Annotated[
        list[str] | None,
        typer.Option(
            help="What the walk is to do; may be given again; all of them if not given.",
            metavar="red|green|blue|brightness|zoom|shift-x|shift-y|rotate",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="builtin, or a model file.")] = "builtin",
    output: Annotated[Path, typer.Option("-o", "--output", help="The .safetensors to write.")] = Path(
        "walks.safetensors"
    ),
    space: Annotated[str, typer.Option(help="One vector for all styles, or one for each.", metavar="w|layers")] = "w",
    steps: Annotated[int, typer.Option(help="Steps a walk.")] = 200,
    batch: Annotated[int, typer.Option(help="Pictures a step.")] = 4,
    seed: Annotated[int, typer.Option(help="Seed of the pictures.", min=0)] = 0,
    plot: Annotated[Path | None, typer.Option(help="A .jpg or .png to draw the losses into.")] = None,
    strip: Annotated[Path | None, typer.Option(help="A .jpg or .png of each walk, over what it aims at.")] = None,
    device: Annotated[str, typer.Option(help="Where the generator runs.", metavar="auto|cpu|cuda|mps")] = "auto",
) -> None:
    """Learn walks in w that change a model's pictures as an edit would; /direction plays them."""
    from bandwalk.cli.environment import ensure_environment

    ensure_environment()
    from bandwalk.commands.learn_walk import Wanted, learn_walks
    from bandwalk.generator.learned import Lesson

    lesson = Lesson(space, steps, batch, seed)
    typer.echo(learn_walks(model, Wanted(edit or (), lesson, output, plot, strip, device)))


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="The model file, or NSynth's checkpoint.")],
    as_json: Annotated[bool, typer.Option("--json", help="As one line of JSON.")] = False,
    like: _Like = None,
) -> None:
    """Tell what a model file holds; nothing in it is executed."""
    from bandwalk.commands.inspect_model import as_text, describe

    found = describe(model, like)
    typer.echo(json.dumps(found) if as_json else as_text(found))


@app.command()
def convert(
    model: Annotated[Path, typer.Argument(help="The model file, NSynth's checkpoint, or published walks.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors to write.")],
    like: _Like = None,
) -> None:
    """Write a model file as .safetensors, which every program can read without a risk."""
    from bandwalk.commands.inspect_model import convert as convert_file

    typer.echo(convert_file(model, out, like))
