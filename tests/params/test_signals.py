"""The table of what is heard and the records that are sent by it."""

import math

import pytest
from heard import DUMPED, STEP

from bandwalk.params.signals import FEATURES, HITS, NAMES, numbers_of


def test_the_numbers_of_a_step_stand_in_the_order_of_the_table_each_of_its_type():
    lines = [line.split() for line in DUMPED]
    assert [(row.address, row.type) for row in FEATURES] == [(address, tag) for address, tag, _ in lines]
    numbers = numbers_of(STEP)
    assert numbers == pytest.approx([float(number) for *_, number in lines])
    assert all(type(number) is {"f": float, "i": int}[row.type] for row, number in zip(FEATURES, numbers, strict=True))


def test_each_number_of_a_step_of_its_own_kind_is_in_the_range_of_its_row():
    for row, number in zip(FEATURES, numbers_of(STEP), strict=True):
        assert row.lo <= number <= row.hi, row.address


def test_what_is_a_hit_is_sent_as_a_whole_number_and_can_be_carried_on():
    assert [NAMES[i] for i in HITS] == [
        *(f"{band}/onset" for band in ("low", "mid", "high", "air")),
        *("onset", "beat", "bar", "drop"),
    ]
    later = STEP.without_hits().with_hits(STEP)
    assert numbers_of(later) == numbers_of(STEP)
    assert [numbers_of(STEP.without_hits())[i] for i in HITS] == [0] * len(HITS)


def test_no_signal_has_an_upper_end_that_is_no_number():
    open_ended = [name for row, name in zip(FEATURES, NAMES, strict=True) if not math.isfinite(row.hi)]
    assert open_ended == ["low/rms", "mid/rms", "high/rms", "rms", "time", "air/rms"]
