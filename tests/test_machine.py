"""What the machine offers: a file is written whole or not at all, the collector of garbage can wait."""

import gc
import weakref

import pytest

from bandwalk.machine import collector_waits, whole_file


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with whole_file(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), whole_file(path) as part, part.open("w", encoding="ascii") as file:
        file.writelines(["ne", "\N{SNOWMAN}"])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "none" / "a.json") as part:
        part.write_text("new")


class _Circle:
    def __init__(self):
        self.itself = self


def test_what_exists_when_the_collector_has_waited_is_left_out_of_its_later_work():
    with collector_waits():
        assert not gc.isenabled()
        before = weakref.ref(_Circle())
    assert gc.isenabled()
    later = weakref.ref(_Circle())
    gc.collect()
    assert before() is not None
    assert later() is None
    gc.unfreeze()
    gc.collect()
    assert before() is None
