"""The files that travel with bandwalk."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tablet():
    return Path(__file__).parents[2] / "clients" / "tablet"
