"""The command line; what is heavy is imported by the command that needs it: a viewer has neither torch nor scipy."""

import gc
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bandwalk.cli.environment import ensure_environment
from bandwalk.cli.flags import HelpCommand, table_flags
from bandwalk.cli.key_commands import app as key_app
from bandwalk.cli.model_commands import app as model_app
from bandwalk.errors import BandwalkError
from bandwalk.machine import collector_waits
from bandwalk.params.row import CLIP, SHOW, SONG, Row
from bandwalk.pipeline.stop_signals import EXIT_INTERRUPTED, GRACE_S, stop_signals
from bandwalk.records import Counters
from bandwalk.show.guard import reported_ends
from bandwalk.show.log_lines import log_as
from bandwalk.show.terminal import terminal_beside

app = typer.Typer(
    name="bandwalk",
    help="Turn sound into pictures on stage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(model_app)
app.add_typer(key_app)

EXIT_USAGE = 2

_Endpoint = Annotated[str, typer.Argument(help="HOST, HOST:PORT or tcp://HOST:PORT of a server.")]
_Curve = Annotated[str, typer.Option(help="Folder with a client's keys. Empty: none is needed.", metavar="FOLDER")]
_ENDPOINT = "tcp://127.0.0.1:9002"


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Log more, and show where an error came from.")] = False,
) -> None:
    gc.enable()
    logging.basicConfig(level=logging.WARNING, format="%(levelname).1s %(name)s: %(message)s", stream=sys.stderr)
    for package in ("bandwalk", "bandwalk_client"):
        logging.getLogger(package).setLevel(logging.DEBUG if debug else logging.INFO)


@app.command()
@table_flags(SHOW, leave_out=("/audio/source",))
def serve(
    source: Annotated[
        str,
        typer.Argument(
            help="demo (the default), live, live:computer, live:DEVICE, a sound file, a folder or a .m3u8 list.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = "",
    show: Annotated[
        bool,
        typer.Option("--show", help="Play the sound and open the viewer, if there are a sound card and a display."),
    ] = False,
    *,
    flags: dict[str, Any],
) -> None:
    """Listen to a source and publish pictures until stopped."""
    ensure_environment()
    counters = Counters()
    with (
        terminal_beside(counters) as terminal,
        log_as(str(flags.get("log") or ""), counters),
        reported_ends(),
        stop_signals(status=0, grace_s=GRACE_S, last=terminal.finish) as stop,
    ):
        with collector_waits():
            from bandwalk.analysis.process import prepare_ear

            prepare_ear()
            from bandwalk.pipeline.start import resolve
            from bandwalk.show.serve import serve as serve_start

        serve_start(resolve(flags, source), stop, terminal, counters, show=show)
        terminal.finish()
        os._exit(0)  # everything is closed; to unload torch in order would take a second longer than the end may


_CLIP_HELP = (
    "A .mp4, .mov or .webm, a folder of PNGs, or - for raw rgb24 frames; for several songs a folder of clips."
    " [default: clip.mp4, or clips]"
)


@app.command()
@table_flags(CLIP)
def render(
    audio: Annotated[
        list[str] | None,
        typer.Argument(help="A sound file, or demo; or several, or a folder.", metavar="AUDIO...", show_default=False),
    ] = None,
    output: Annotated[str, typer.Option("-o", "--output", help=_CLIP_HELP, show_default=False)] = "",
    *,
    flags: dict[str, Any],
) -> None:
    """Render a sound file as a clip with its music, or several as a clip each."""
    ensure_environment()
    with collector_waits():
        from bandwalk.pipeline.start import resolve
        from bandwalk.render import render_named

    typer.echo(render_named(audio or [], output, lambda song: resolve(flags, song)), err=output == "-")


@app.command()
@table_flags(SONG)
def analyze(
    audio: Annotated[str, typer.Argument(help="A sound file, or demo.", metavar="AUDIO", show_default=False)],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The .npz or .csv to write.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="The .png, .svg or .pdf to draw.")] = None,
    *,
    flags: dict[str, Any],
) -> None:
    """Report what is heard in a sound file: bands, changes, onsets."""
    from bandwalk.commands.analyze import analyze as analyze_song
    from bandwalk.pipeline.start import resolve

    typer.echo(analyze_song(resolve(flags, audio), output, plot))


@app.command("check-flashes")
def check_flashes(
    clip: Annotated[Path, typer.Argument(help="A clip of any program.", metavar="CLIP", show_default=False)],
) -> None:
    """Report how often a clip flashes; the exit status is 1 if that is more often than WCAG 2.3.1 allows."""
    from bandwalk.commands.check_flashes import check_flashes as check

    report, is_within = check(clip)
    typer.echo(report)
    raise typer.Exit(0 if is_within else 1)


@app.command()
def view(
    endpoint: _Endpoint = _ENDPOINT,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Fill the screen.")] = False,
    display: Annotated[int, typer.Option(help="Which screen, counted from 0.", min=0)] = 0,
    osd: Annotated[
        bool, typer.Option("--osd", help="Show the overlay from the start: fps, age, drops, bands.")
    ] = False,
    record: Annotated[str, typer.Option(help="A .mkv file to write every frame to.", metavar="FILE")] = "",
    osc: Annotated[str, typer.Option(help="HOST:PORT that gets the keys' OSC messages. Empty: the server's.")] = "",
    curve: _Curve = "",
) -> None:
    """Show a server's pictures in a window (keys: bandwalk keys)."""
    from bandwalk_client.viewer import ViewOptions
    from bandwalk_client.viewer import view as view_frames

    with terminal_beside(Counters()):
        view_frames(endpoint, osc=osc, record=record, options=ViewOptions(fullscreen, display, osd, curve))


@app.command()
def grab(
    endpoint: _Endpoint = _ENDPOINT,
    output: Annotated[Path, typer.Option("-o", "--output", help="The JPEG file to write.")] = Path("frame.jpg"),
    timeout: Annotated[float, typer.Option(help="Seconds to wait for a frame.")] = 5.0,
    curve: _Curve = "",
) -> None:
    """Write the newest frame of a server to a file, as it was received."""
    from bandwalk_client.grab import grab as grab_frame

    typer.echo(grab_frame(endpoint, output, timeout_s=timeout, curve=curve))


@app.command()
def bridge(
    kind: Annotated[str, typer.Argument(help="Where the pictures go.", metavar="ndi|spout|syphon")],
    endpoint: _Endpoint = _ENDPOINT,
    name: Annotated[str, typer.Option(help="Name under which other programs list the pictures.")] = "bandwalk",
    resize: Annotated[str, typer.Option(help="Size of the pictures. Empty: as they come.", metavar="WxH")] = "",
    fps: Annotated[float, typer.Option(help="Pictures a second. 0: send each one as it comes.")] = 0.0,
    lost: Annotated[str, typer.Option(help="What to send while there is no server.", metavar="last|black")] = "last",
    curve: _Curve = "",
) -> None:
    """Send a server's pictures to programs that take NDI, Spout (Windows) or Syphon (macOS)."""
    from bandwalk_client.bridge import bridge as run_bridge

    with terminal_beside(Counters()):
        run_bridge(kind, endpoint, name=name, resize=resize, fps=fps, lost=lost, curve=curve)


@app.command()
def layout(
    kind: Annotated[
        str,
        typer.Argument(help="The program to write for.", metavar="touchosc|open-stage-control|resolume|touchdesigner"),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write.", show_default=False)
    ] = None,
    model: Annotated[
        str,
        typer.Option(help="Model whose directions the tablet gets: builtin, or a file. Empty: none.", metavar="MODEL"),
    ] = "builtin",
    directions: Annotated[
        str, typer.Option(help="File of directions to use instead of the model's own.", metavar="FILE")
    ] = "",
) -> None:
    """Write a tablet's layout or Resolume's routes, or print the line to paste into TouchDesigner."""
    from bandwalk_client.folders import copy_module, copy_routes, touchdesigner_line

    others = {"resolume": lambda: copy_routes(output), "touchdesigner": touchdesigner_line}
    if kind in others:
        typer.echo(others[kind]())
        return
    from bandwalk.layout import KINDS, write_layout

    brought: tuple[Row, ...] = ()
    if model and kind in KINDS:
        from bandwalk.pipeline.models import rows_brought

        brought = rows_brought(model, directions)
    typer.echo(write_layout(kind, output, brought))
    if kind == "open-stage-control":
        typer.echo(copy_module(output))


@app.command()
def devices() -> None:
    """List the sound inputs with their levels, how to hear what the computer plays, and MIDI devices."""
    from rich.console import Console

    from bandwalk.commands.devices import run

    run(Console())


@app.command()
def looks(
    presets: Annotated[str, typer.Option(help="Folder of presets. Empty: the user's data folder.")] = "",
) -> None:
    """List the looks that --preset takes: your own, and those that ship with bandwalk."""
    from rich.console import Console

    from bandwalk.commands.looks import run
    from bandwalk.pipeline.start import folders

    run(Console(), folders({"presets": presets})["presets"])


@app.command()
def params(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as it stands in protocol.md.")] = False,
) -> None:
    """Print the table of parameters, settings and commands."""
    from bandwalk.cli.docs import table_markdown, table_text

    typer.echo(table_markdown() if markdown else table_text())


for _command in (*app.registered_commands, *model_app.registered_commands, *key_app.registered_commands):
    _command.cls = HelpCommand


def main() -> None:
    """Run the command line: one line on stderr and an exit status for whatever goes wrong."""
    click_error: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
    status = 0
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = app(standalone_mode=False) or 0
    except BandwalkError as e:
        status = _fail(str(e), e.exit_status, e)
    except click_error as e:
        status = _fail(e.format_message(), EXIT_USAGE, e)
    except (KeyboardInterrupt, typer.Abort):
        status = EXIT_INTERRUPTED
    except ModuleNotFoundError as e:
        extra = {"pygame": "viewer", "matplotlib": "plot", "ray": "ray"}.get(str(e.name), "server")
        status = _fail(f"this command needs {e.name}: pip install 'bandwalk[{extra}]'", EXIT_USAGE, e)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has gone
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    sys.exit(status)


def _fail(message: str, status: int, error: BaseException) -> int:
    if "--debug" in sys.argv:
        logging.getLogger(__name__).error("", exc_info=error)
    if message:  # help that was asked for by naming no command says all by itself
        print(f"bandwalk: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return status
