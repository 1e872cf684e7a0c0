"""Timetables: what a file may say, each fault in a line, and when entries are due where the clocks change."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from bandwalk.control.schedule import load
from bandwalk.control.timetable import Due, Entry, Timetable
from bandwalk.errors import ParameterError

BERLIN = ZoneInfo("Europe/Berlin")
EVERY = frozenset(range(7))

NIGHT = """
zone = "Europe/Berlin"

[doors]
at = 18:30:00
days = ["mon-thu", "sat"]
source = "warm-up.m3u8"
scene = "tide"
black = false

[weekend]
at = "20:00"
days = "fri-sun"
look = "neon"

[closing]
at = "03:00"
black = true
"""


def unix(*when, fold=0):
    return datetime(*when, tzinfo=BERLIN, fold=fold).timestamp()


@pytest.fixture
def night(tmp_path):
    path = tmp_path / "night.toml"
    path.write_text(NIGHT)
    return path


def test_a_file_says_what_is_on_by_the_hour_and_the_weekday(night):
    table, faults = load(night)
    assert not faults
    assert [(entry.name, entry.at, sorted(entry.days)) for entry in table.entries] == [
        ("doors", time(18, 30), [0, 1, 2, 3, 5]),
        ("weekend", time(20), [4, 5, 6]),
        ("closing", time(3), [0, 1, 2, 3, 4, 5, 6]),
    ]
    assert table.entries[0].does == (("scene", "tide"), ("source", "warm-up.m3u8"), ("black", False))
    tuesday = table.on(unix(2026, 12, 1, 19))
    assert tuesday["picture"] == Due(unix(2026, 12, 1, 18, 30), "doors", "scene", "tide")
    assert tuesday["black"].value is False
    after = table.on(unix(2026, 12, 2, 4))
    assert (after["black"].name, after["source"].name) == ("closing", "doors")
    assert table.on(unix(2026, 12, 4, 21))["picture"].value == "neon"  # a Friday
    assert table.next(unix(2026, 12, 4, 4))[1].name == "weekend"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('at = "25:00"\nblack = true', r"at = '25:00'; expected a time of day, such as 18:30"),
        ("at = 18\nblack = true", r"at = '18'; expected a time of day"),
        ("black = true", r"at = 'None'; expected a time of day"),
        ('at = "1:2:3:4"\nblack = true', "expected a time of day"),
        ('at = "12:00"', "nothing is on then; expected scene, look, source or black"),
        ('at = "12:00"\nblack = "yes"', "black = 'yes'; expected true or false"),
        ('at = "12:00"\nscene = 4', "scene = '4'; expected a name"),
        ('at = "12:00"\nscene = "a"\nlook = "b"', "a scene and a look; expected one of them"),
        ('at = "12:00"\nsong = "a"', "song is unknown; expected one of at, days, scene, look, source, black"),
        ('at = "12:00"\ndays = "mon-fry"\nblack = true', "days = 'mon-fry'; expected a day"),
        ('at = "12:00"\ndays = []\nblack = true', r"days = '\[\]'; expected a day"),
        ('at = "12:00"\ndays = 3\nblack = true', "days = '3'; expected a day"),
    ],
)
def test_each_fault_is_one_line_with_the_name_of_its_entry(night, line, expected):
    night.write_text(f'{NIGHT}\n["odd one"]\n{line}\n[good]\nat = 10:00:00\nblack = true\n')
    table, faults = load(night)
    assert [entry.name for entry in table.entries] == ["doors", "weekend", "closing", "good"]
    assert len(faults) == 1
    assert faults[0].startswith("--schedule night.toml: odd one: ")
    assert re.search(expected, faults[0])


def test_a_file_that_is_none_and_a_zone_that_is_unknown_are_refused(night):
    with pytest.raises(
        ParameterError, match=r"none\.toml: No such file or directory; expected a file that can be read"
    ):
        load(night.with_name("none.toml"))
    night.write_text("doors = [")
    with pytest.raises(ParameterError, match="expected TOML"):
        load(night)
    night.write_text('zone = "../../etc/passwd"\ndoors = 3\n')
    faults = load(night)[1]
    assert "zone, such as Europe/Berlin" in faults[0]
    assert "doors: '3'; expected [doors] with at = and what is on then" in faults[1]


def _at(hour, minute=0):
    return Timetable((Entry("it", time(hour, minute), EVERY, (("black", True),)),), BERLIN)


def test_where_the_clocks_change_each_entry_is_due_once_a_day():
    spring, autumn = _at(2, 30), _at(2, 30)
    assert spring.next(unix(2027, 3, 28, 1)) == (unix(2027, 3, 28, 3, 30), spring.entries[0])  # 02:30 is left out
    assert spring.next(unix(2027, 3, 28, 3, 30))[0] == unix(2027, 3, 29, 2, 30)
    first, second = unix(2027, 10, 31, 2, 30), unix(2027, 10, 31, 2, 30, fold=1)
    assert second - first == 3600.0
    assert autumn.next(first - 1)[0] == first
    assert autumn.next(first)[0] == unix(2027, 11, 1, 2, 30)  # not the second time
    assert autumn.on(second)["black"].t == first
    evening = _at(20)
    assert evening.next(unix(2027, 3, 27, 20))[0] - unix(2027, 3, 27, 20) == 23 * 3600
    assert evening.next(unix(2027, 10, 30, 20))[0] - unix(2027, 10, 30, 20) == 25 * 3600


def test_an_entry_of_one_day_is_on_for_a_week_and_an_empty_timetable_has_nothing():
    table = Timetable((Entry("it", time(12), frozenset({0}), (("black", True),)),), BERLIN)
    monday = unix(2026, 11, 30, 12)
    assert table.on(monday)["black"].t == monday
    assert table.on(monday - 1)["black"].t == unix(2026, 11, 23, 12)
    assert table.next(monday)[0] == unix(2026, 12, 7, 12)
    assert Timetable().on(monday) == {}
    assert Timetable().next(monday) is None


def test_without_a_zone_times_are_those_of_this_machine():
    table = Timetable((Entry("it", time(12), EVERY, (("black", True),)),))
    noon = datetime(2026, 12, 1, 12).timestamp()
    assert table.next(noon - 1)[0] == noon
