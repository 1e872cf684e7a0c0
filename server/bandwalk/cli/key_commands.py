"""``bandwalk keys``: the keys of the keyboard, and those of encryption."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def keys(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to write keys for --curve to.", metavar="FOLDER", show_default=False)
    ] = None,
) -> None:
    """List the viewer's keys; with a folder, write keys that encrypt frames there."""
    if folder is not None:
        from bandwalk.commands.curve_keys import write_keys

        typer.echo(write_keys(folder.expanduser()))
        return
    from bandwalk_client.keys import keys_text

    typer.echo(keys_text())
