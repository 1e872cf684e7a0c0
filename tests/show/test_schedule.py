"""A show follows its timetable: at the start, in time, and whatever happens to the clock or the file."""

import logging
import os
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bandwalk.errors import ParameterError
from bandwalk.show.schedule import Clocks, Schedule

DAY = 86_400.0

TABLE = """
zone = "Europe/Berlin"

[morning]
at = 08:00:00
scene = "calm"
source = "day.m3u8"
black = false

[evening]
at = 18:00:00
scene = "wild"
source = "night.m3u8"

[closing]
at = 23:00:00
black = true
"""


class Stage:
    """Notes what is done, and knows all but one scene."""

    def __init__(self):
        self.done = []

    def do(self, what, value, *, is_due):
        self.done.append((what, value, is_due))
        if value == "broken":
            raise ParameterError("scene broken: it is")

    def fault_of(self, what, value):
        return "no such scene" if value == "broken" else ""

    def take(self):
        done, self.done = sorted(self.done, key=lambda each: each[0]), []
        return done


class Night:
    """A schedule with clocks that are moved by hand."""

    def __init__(self, path, *when):
        self.wall, self.steady = datetime(*when, tzinfo=ZoneInfo("Europe/Berlin")).timestamp(), 1000.0
        self.stage = Stage()
        self.schedule = Schedule(path, Clocks(lambda: self.wall, lambda: self.steady))
        self.schedule.begin(self.stage)
        self.first = self.turn()

    def turn(self, seconds=0.0, *, enabled=True):
        """Let time pass, and return what is done."""
        self.wall += seconds
        self.steady += seconds
        self.schedule.turn(enabled=enabled)
        return self.stage.take()

    def wait(self, hours, *, step_s=600.0):
        """Let hours pass; return all that is done meanwhile."""
        return [done for _ in range(round(hours * 3600 / step_s)) for done in self.turn(step_s)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "night.toml"
    path.write_text(TABLE)
    return path


def test_what_should_be_on_is_taken_at_the_start(path):
    night = Night(path, 2026, 12, 1, 20)
    assert night.first == [("black", False, False), ("scene", "wild", False), ("source", "night.m3u8", False)]
    assert night.turn(0.25) == []
    assert night.schedule.next_told == "tue 23:00 closing: black"


def test_each_entry_is_done_once_when_its_time_comes(path):
    night = Night(path, 2026, 12, 1, 17, 59, 59)
    assert night.turn(0.5) == []
    assert night.turn(0.5) == [("scene", "wild", True), ("source", "night.m3u8", True)]
    assert night.turn(0.25) == []
    assert night.wait(6) == [("black", True, True)]
    assert night.wait(9) == [("black", False, True), ("scene", "calm", True), ("source", "day.m3u8", True)]
    assert night.wait(24) == [
        *(("scene", "wild", True), ("source", "night.m3u8", True), ("black", True, True)),
        *(("black", False, True), ("scene", "calm", True), ("source", "day.m3u8", True)),
    ]


def test_a_clock_that_is_set_by_a_day_repeats_nothing_and_goes_on(path):
    night = Night(path, 2026, 12, 1, 20)
    for by, day in ((-DAY, "mon"), (DAY, "tue"), (DAY, "wed"), (-DAY, "tue")):
        night.wall += by
        assert night.turn(0.25) == []
        assert night.schedule.next_told == f"{day} 23:00 closing: black"
    assert night.wait(3.5) == [("black", True, True)]


def test_a_clock_that_is_set_to_another_hour_takes_what_is_on_then(path):
    night = Night(path, 2026, 12, 1, 20)
    night.wall -= 6 * 3600
    assert night.turn(0.25) == [("scene", "calm", False), ("source", "day.m3u8", False)]
    assert night.wait(5) == [("scene", "wild", True), ("source", "night.m3u8", True)]


def test_a_clock_that_is_corrected_by_seconds_does_nothing_twice(path):
    night = Night(path, 2026, 12, 1, 17, 59, 58)
    assert len(night.turn(4.0)) == 2
    night.wall -= 5.0
    assert [night.turn(0.5) for _ in range(40)] == [[]] * 40


def test_one_that_is_switched_on_again_does_what_should_be_on(path):
    night = Night(path, 2026, 12, 1, 17)
    assert night.turn(2 * 3600, enabled=False) == []
    assert night.schedule.next_told == ""
    assert night.turn(0.25) == [("black", False, False), ("scene", "wild", False), ("source", "night.m3u8", False)]


def _write(path, text):
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**9))


def test_the_file_is_read_again_when_it_changes_and_a_fault_keeps_the_one_before(path, caplog):
    night = Night(path, 2026, 12, 1, 20)
    _write(path, TABLE.replace("18:00:00", '"18 o\'clock"'))
    assert night.turn(6.0) == []
    assert 'night.toml: evening: at = "18 o\'clock"; expected a time of day' in caplog.text
    assert caplog.text.count("the timetable before it goes on") == 1
    _write(path, TABLE.replace("23:00:00", "22:00:00"))
    assert night.turn(6.0) == []
    assert night.schedule.next_told == "tue 22:00 closing: black"
    _write(path, TABLE.replace("wild", "broken"))
    assert night.turn(6.0) == [("scene", "broken", False)]
    assert "evening: scene broken: no such scene" in caplog.text
    assert "schedule: evening: scene broken: it is" in caplog.text
    path.unlink()
    assert night.turn(6.0) == []
    assert "No such file" in caplog.text
    assert night.wait(4) == [("black", True, True)]


def test_a_file_with_faults_begins_no_show_and_each_is_reported(path, caplog):
    path.write_text(TABLE.replace("18:00:00", "1").replace("true", "1"))
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(ParameterError, match=r"evening: at = '1'.*\(1 more faults are above\)"),
    ):
        Night(path, 2026, 12, 1, 20)
    assert "closing: black = '1'; expected true or false" in caplog.text
