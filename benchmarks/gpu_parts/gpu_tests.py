"""The tests that need a GPU."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/generator/test_cuda.py",)
"""All tests with the marker ``gpu``: a test checks that no other file has any."""


def measure(setup, put):
    """Put a row on all tests, and one on each that failed; a GPU must not skip any."""
    report = setup.output / "tests.xml"
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-p", "no:cacheprovider", f"--junitxml={report}", *FILES]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    cases = list(ElementTree.parse(report).iter("testcase"))
    skipped = sum(case.find("skipped") is not None for case in cases)
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    may_skip = setup.device == "cpu"
    note = f"{len(cases) - skipped - len(failed)} passed, {len(failed)} failed, {skipped} skipped"
    put("pytest -m gpu", note=note, is_ok=not status and bool(cases) and (may_skip or not skipped))
    for case in failed:
        fault = next(found for kind in ("failure", "error") if (found := case.find(kind)) is not None)
        put(case.get("name"), note=" ".join(fault.get("message", "").split())[:120], is_ok=False)
