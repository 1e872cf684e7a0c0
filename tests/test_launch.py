"""The command executes itself once more with the environment that drawing wants."""

import json
import os
import platform
import subprocess
import sys

CODE = (
    "import os, json, sys; from bandwalk.launch import ensure_environment; ensure_environment();"
    "print(json.dumps([os.getpid(), sys.orig_argv[1:3], dict(os.environ)]))"
)
WANTED = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}


def _run(**extra):
    bare = {name: value for name, value in os.environ.items() if name not in WANTED and "MALLOC" not in name}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], env={**bare, **extra}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = process.communicate(timeout=30)
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
