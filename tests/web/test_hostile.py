"""The benchmark of what strangers send, in short."""

import importlib.util
import random
import resource
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "checks" / "hostile.py"
MAX_GROWTH_MB = 30


class Target:
    """A desk as the check sees a server."""

    def __init__(self, desk):
        self.port = desk.port - 3  # of its block


def read_memory_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def test_strangers_get_no_traceback_no_500_and_no_memory(open_desk, caplog):
    spec = importlib.util.spec_from_file_location("hostile", SCRIPT)
    hostile = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hostile)
    desk, chance = open_desk(), random.Random(1)
    hostile.send_requests(Target(desk), range(100), chance)
    hostile.send_frames(Target(desk), 500, chance)
    before = read_memory_mb()
    statuses = hostile.send_requests(Target(desk), range(100, 900), chance)
    hostile.send_frames(Target(desk), 4000, chance)
    assert not [status for status in statuses if status.startswith("5")]
    assert sum(statuses.values()) == 800
    assert read_memory_mb() - before < MAX_GROWTH_MB
    assert not [record for record in caplog.records if record.exc_info or record.levelname in ("WARNING", "ERROR")]
    assert desk.get("/style/psi")[0] == 200
