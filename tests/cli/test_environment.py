"""The command executes itself once more with the environment that drawing wants."""

import json
import os
import platform
import subprocess
import sys

CODE = (
    "import os, json, sys; from bandwalk.cli.environment import ensure_environment; ensure_environment();"
    "print(json.dumps([os.getpid(), sys.orig_argv[1:3], dict(os.environ)]))"
)
WANTED = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}


def _run(**extra):
    bare = {name: value for name, value in os.environ.items() if name not in WANTED and "MALLOC" not in name}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], env={**bare, **extra}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    pid, argv, env = json.loads(out)
    assert pid == process.pid  # the same process: who started it can still signal it
    assert argv[0] == "-c"
    return env


def test_what_is_missing_is_set():
    env = _run()
    assert {name: env[name] for name in WANTED} == WANTED
    if platform.libc_ver()[0] == "glibc":
        assert int(env["MALLOC_MMAP_THRESHOLD_"]) > 2**30


def test_what_the_user_has_set_stays():
    assert _run(OMP_WAIT_POLICY="ACTIVE")["OMP_WAIT_POLICY"] == "ACTIVE"


def test_it_happens_once():
    env = _run(BANDWALK_ENVIRONMENT="1")
    assert "OPENBLAS_NUM_THREADS" not in env


STARTS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from subprocess import run

from bandwalk.cli.environment import ensure_environment
from bandwalk.machine import python_command

if __name__ == "__main__":
    ensure_environment()
    assert ProcessPoolExecutor(1, get_context("spawn")).submit(abs, -1).result(60) == 1
    assert run(python_command("-m", "bandwalk", "keys"), check=True, capture_output=True, text=True, timeout=60).stdout
    assert run([sys.executable, "-m", "bandwalk", "keys"], check=True, capture_output=True, timeout=60).stdout
"""


def test_no_program_that_it_starts_runs_what_lies_in_the_present_folder(tmp_path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    for name in ("typer", "multiprocessing", "bandwalk", "logging", "rich"):
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    (elsewhere / "start.py").write_text(STARTS)
    env = {**os.environ, "BANDWALK_ENVIRONMENT": "1"}
    command = [sys.executable, str(elsewhere / "start.py")]
    ended = subprocess.run(command, cwd=here, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
