"""docs/models.md says what becomes of each kind of model file, and `bandwalk inspect` says the same of a file."""

from pathlib import Path

import pytest
from generator.door_files import DOORS, REFUSED

from bandwalk.commands.inspect_model import describe

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


def test_the_page_has_a_row_for_each_door_and_no_other():
    assert [row[0] for row in ROWS if row[4].startswith("yes")] == list(DOORS)
    assert sorted(row[0] for row in ROWS if row[4].startswith("no")) == sorted(REFUSED)


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] in DOORS], ids=lambda row: row[0])
def test_inspect_says_of_a_file_what_the_page_says(row, tmp_path):
    name, _, container, key, _ = row
    path = tmp_path / "model.bin"
    path.write_bytes(DOORS[name][1]())
    found = describe(path)
    assert (found["container"], found["key"]) == (container, key)


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] in REFUSED], ids=lambda row: row[0])
def test_the_page_gives_the_way_out_that_the_refusal_gives(row):
    says = REFUSED[row[0]][1]
    if "--like" in says or says.startswith("git"):
        assert says in row[4]
