"""README and protocol.md do what they say: their commands are run, their session is held with a live server."""

import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import soundfile
import typer
from pythonosc.osc_message_builder import OscMessageBuilder
from server import Frames, Osc, Server, run_cli
from sounds import beat

from bandwalk.cli.app import app
from bandwalk.control.osc_out import FRAME
from bandwalk.params.signals import FEATURES
from bandwalk.pipeline.stats import STAGES
from bandwalk_client.packets import read_packet

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "protocol.md").read_text(encoding="utf-8")
COMMANDS = [
    *(line.strip() for line in README.splitlines() if line.startswith("    ") and "──" not in line and line.strip()),
    *re.findall(r"^\| [^|`]* \| `(bandwalk [^`]*)` \|[^|`]*\|$", README, re.MULTILINE),
]
SERVES = [line for line in COMMANDS if line.startswith("bandwalk serve")]
JOBS = [
    line for line in COMMANDS if re.match(r"bandwalk (sheet|directions|params|grab|render|analyze|check-flashes)", line)
]
OSCSENDS = [line for line in COMMANDS if line.startswith("oscsend")]
SET_UP = [
    line for line in COMMANDS if line.startswith(("make", "python -m venv", "pip", "py -m venv", ".venv\\Scripts"))
]
SMALL = ("--size", "64x64", "--threads", "1")


@pytest.fixture(scope="module")
def demo():
    with Server("demo", *SMALL) as running:
        yield running


def test_every_command_of_the_readme_is_of_a_kind_that_is_tested():
    known = {*SERVES, *JOBS, *OSCSENDS, *SET_UP, "bandwalk view"}  # the viewer: tests/clients
    assert set(COMMANDS) == known
    assert len(SERVES) >= 3
    assert len(JOBS) == 9


@pytest.mark.audio
@pytest.mark.parametrize("line", SERVES)
def test_the_readmes_servers_serve(line, pulse, tmp_path):
    soundfile.write(tmp_path / "song.ogg", beat(6.0), 48_000)
    args = shlex.split(line)[2:]
    args[0] = args[0].replace("song.ogg", str(tmp_path / "song.ogg")).replace("live:USB", "live:bw_monitor")
    args = [arg.replace("3-4", "1-2") for arg in args]  # the null sink has two channels
    args = [str(tmp_path) if arg == "sets" else arg for arg in args]
    with Server(*args, *SMALL, env=pulse.env) as running:
        watcher = Frames(running)
        assert watcher.next()[:2] == b"\xff\xd8"
        watcher.close()
        assert running.stop()[0] == 0


@pytest.mark.parametrize("line", JOBS)
def test_the_readmes_jobs_end_well(line, demo, tmp_path):
    soundfile.write(tmp_path / "song.ogg", beat(1.0), 48_000)
    shutil.copy(ROOT / "tests" / "data" / "a0_sg2ada_64_tiny.pkl", tmp_path / "model.pkl")
    args = shlex.split(line)[1:]
    if args[0] == "grab":
        args.insert(1, f"127.0.0.1:{demo.base + 2}")
    args = [str(tmp_path / arg) if arg.endswith((".jpg", ".ogg", ".mp4", ".png", ".pkl")) else arg for arg in args]
    if args[0] == "check-flashes":
        run_cli("render", str(tmp_path / "song.ogg"), "-o", args[1], *SMALL).check_returncode()
    done = run_cli(*args)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    (tmp_path / "song.ogg").unlink()
    (tmp_path / "model.pkl").unlink()
    heads = {".jpg": (b"\xff\xd8", 0), ".mp4": (b"ftyp", 4), ".png": (b"\x89PNG", 0)}
    for path in tmp_path.iterdir():
        head, at = heads[path.suffix]
        assert path.read_bytes()[at:].startswith(head)


def test_make_knows_its_targets():
    for target in ("run", "setup", "test", "lint", "bench"):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_repository_is_named_in_no_path_of_one_machine():
    for text in (README, PROTOCOL):
        assert "/home/" not in text
        assert "/root/" not in text


def test_every_link_of_the_documents_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")]
    assert len(pages) > 10
    for page in pages:
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("https://") or (page.parent / link).is_file(), (page.name, link)


def _flags_by_command():
    """{command: its flags}, read from the command line itself."""
    root = typer.main.get_command(app)
    return {name: {flag for param in command.params for flag in param.opts} for name, command in root.commands.items()}


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))], ids=lambda path: path.name)
def test_every_command_and_flag_on_a_page_exists(path):
    page, flags = " ".join(path.read_text(encoding="utf-8").split()), _flags_by_command()
    for line in re.findall(r"`bandwalk ((?!--)[^`]+)`", page):
        command, *rest = line.split()
        assert {word.split("=")[0] for word in rest if word.startswith("--")} <= flags[command], line
    known = {"--debug", "--help"}.union(*flags.values())
    assert set(re.findall(r"`(--[a-z0-9-]+)", page)) <= known


def _parse(line):
    """(address, type tags, arguments) of a line of the session; "..." is any text."""
    address, *rest = shlex.split(line)
    tags, values = (rest[0], rest[1:]) if rest else ("", [])
    kinds = {"i": int, "f": float, "s": str}
    arguments = [
        text if text == "..." else kinds[tag](text) for tag, text in zip(tags, values, strict=False) if tag in kinds
    ]
    return address, tags, arguments


def _send(sock, server, line):
    address, tags, arguments = _parse(line)
    builder = OscMessageBuilder(address)
    for tag in tags:
        builder.add_arg({"T": True, "F": False}[tag] if tag in "TF" else arguments.pop(0), tag)
    sock.sendto(builder.build().dgram, ("127.0.0.1", server.base))


def _answers(sock, server, count):
    """All that comes back before the answer to a last question, and so many at least: what is read takes longer."""
    _send(sock, server, "/ping i 99")
    found, is_told = [], False
    while not is_told or len(found) < count:
        messages = read_packet(sock.recv(65536))
        if messages[0] == ("/pong", [99]):
            is_told = True
        else:
            found += messages
    return found


def _is_told(line, answers):
    address, _, arguments = _parse(line)
    for told, params in answers:
        if told == address and all(
            e == "..." or m == (pytest.approx(e, rel=1e-6) if isinstance(e, float) else e)
            for e, m in zip(arguments, params, strict=False)
        ):
            return True
    return False


def test_the_session_of_the_protocol_goes_as_written(demo):
    lines = re.findall(r"^    ([<>]) (.*)$", PROTOCOL.partition("## A session")[2], re.MULTILINE)
    assert len(lines) > 20
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        while lines:
            _, sent = lines.pop(0)
            expected = []
            while lines and lines[0][0] == "<":
                expected.append(lines.pop(0)[1])
            _send(sock, demo, sent)
            answers = _answers(sock, demo, len(expected))
            assert len(answers) == len(expected), f"{sent}: {answers}"
            for line in expected:
                assert _is_told(line, answers), f"{sent}: {line} is not in {answers}"


@pytest.mark.parametrize("line", OSCSENDS)
def test_the_readmes_osc_messages_are_taken(line, demo):
    watcher = Osc(demo)
    watcher.until("/feature/time")
    subprocess.run(shlex.split(line.replace(" 9000 ", f" {demo.base} ")), check=True)
    _, _, _, address, _, *values = shlex.split(line)
    if address.startswith("/preset"):  # what the line before changed comes back
        watcher.until("/mix/high/layers", lambda told: told == "middle")
    else:
        watcher.until(address, lambda told: told == (float(values[0]) if values[0].isdigit() else values[0]))
    watcher.close()


def test_the_protocol_names_everything_that_is_sent():
    for address, tag in (*((row.address, row.type) for row in FEATURES), *FRAME):
        general = re.sub(r"/(low|mid|high)/", "/{low,mid,high}/", address)
        general = re.sub(r"/chroma/.*", "/chroma/{c,cs,d,...,b}", general)
        assert re.search(rf"\| `{re.escape(general)}` \| {tag} \|", PROTOCOL), address
    for stage in STAGES:
        assert stage in PROTOCOL


def test_the_hexdump_of_the_protocol_is_a_segment():
    rows = re.findall(r"^    ((?:[0-9a-f]{2} )+)", PROTOCOL, re.MULTILINE)
    start = next(n for n, row in enumerate(rows) if row.startswith("ff d8"))
    data = bytes.fromhex("".join(rows[start : start + 4]))
    assert data[:4] == bytes.fromhex("ffd8ffe9")
    assert data[6:16] == b"bandwalk\0\x01"
    assert data[16:].startswith(b'{"seq":1234,')
    whole = b'{"seq":1234,"t_audio":12.5}'
    assert int.from_bytes(data[4:6], "big") == 2 + 10 + len(whole)
