"""The files of deploy/ call the command line as it is."""

import configparser
import json
import re
import shlex
from pathlib import Path

import typer

from bandwalk.cli.app import app
from bandwalk.show.guard import EXIT_BROKEN

DEPLOY = Path(__file__).parents[2] / "deploy"


def flags():
    command = typer.main.get_command(app).commands["serve"]
    return {flag for param in command.params for flag in param.opts}


def check(words):
    assert words[0] == "serve"
    used = {word for word in words if word.startswith("--")}
    assert used <= flags()
    assert {"--state", "--restore"} <= used


def test_the_unit_starts_again_what_broke_and_not_what_was_called_wrongly():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string((DEPLOY / "bandwalk.service").read_text(encoding="utf-8"))
    service = unit["Service"]
    check(shlex.split(service["ExecStart"])[1:])
    assert (service["Type"], service["Restart"]) == ("notify", "on-failure")
    assert str(EXIT_BROKEN) not in service["RestartPreventExitStatus"].split()


def test_the_container_runs_as_a_user_with_a_health_check():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    check(json.loads(re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)[1]))
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    assert "/health" in text.partition("HEALTHCHECK")[2]
