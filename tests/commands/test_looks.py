"""``bandwalk looks``: what --preset takes, in words."""

import io

from rich.console import Console

from bandwalk.commands.looks import run
from bandwalk.control.presets import describe_all


def test_looks_are_listed_with_their_sentences_the_users_own_first(tmp_path):
    (tmp_path / "[bold]mine.toml").write_text('description = "Slow [red]waves."\n')
    out = io.StringIO()
    run(Console(file=out, width=300), tmp_path)
    lines = out.getvalue().splitlines()
    presets = describe_all(tmp_path)
    rows = [line for line in lines if any(preset.description in line for preset in presets)]
    assert len(rows) == len(presets) > 1
    assert "[bold]mine" in rows[0]
    assert "Slow [red]waves." in rows[0]
    assert lines[-1] == str(tmp_path)
