"""What the overlay makes of a description, whatever stands in it."""

import math

import pygame
import pytest

from bandwalk_client.overlay import Overlay
from bandwalk_client.readout import Readout
from bandwalk_client.receiver import Received, Receiver


@pytest.fixture
def readout(server):
    with Receiver(server.endpoint) as receiver:
        yield Readout(receiver)


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (0.25, 0.25),
        (1, 1.0),
        (7.5, 1.0),
        (-1.0, 0.0),
        (math.nan, 0.0),
        (math.inf, 1.0),
        (10**400, 1.0),
        ("loud", 0.0),
        (None, 0.0),
        ([1], 0.0),
    ],
)
def test_a_level_is_between_0_and_1_whatever_the_wire_says(readout, level, shown):
    readout.note(Received(b"", {"features": {"low": {"level": level}}}, None), 1.0)
    assert [meter.level for meter in readout.meters(1.0)] == [shown, 0.0, 0.0, 0.0, 0.0]


def heard(**features):
    return Received(b"", {"features": features}, None)


def test_the_beat_flashes_falls_with_the_phase_and_is_told_with_tempo_and_energy(readout):
    readout.note(heard(beat=True, phase=0.25, confidence=0.8, bpm=124.04, energy=0.72), 1.0)
    *_, beat = readout.meters(1.0)
    assert (beat.name, beat.level, beat.is_flashing) == ("beat", 0.75, True)
    assert not readout.meters(2.0)[-1].is_flashing
    assert "124.0 bpm   energy 72 %" in readout.lines()
    readout.note(heard(beat=True, phase=0.25, confidence=0.0, bpm=120.0, energy=0.1, **{"break": True}), 3.0)
    assert readout.meters(3.0)[-1].level == 0.0
    assert "no beat   energy 10 %   break" in readout.lines()


@pytest.mark.parametrize("bpm", [math.nan, math.inf, -1, "fast", None, [1], 10**400])
def test_a_tempo_that_is_none_is_not_told(readout, bpm):
    readout.note(heard(bpm=bpm, confidence=1.0, beat="yes", phase=[0]), 1.0)
    assert len(readout.lines()) == 3
    readout.meters(1.0)


@pytest.mark.parametrize("model", ["a\0b", "a\ud800b", "a\tb\n", "\U0001f3b5", "", 3, None, ["x"], "x" * 500])
def test_whatever_a_model_is_called_its_name_can_be_drawn(readout, model):
    readout.note(Received(b"", {"model": model, "features": {"low": {"level": math.nan}}}, None), 1.0)
    assert all(line.isprintable() and len(line) <= 80 for line in readout.lines())
    pygame.font.init()
    screen = pygame.Surface((320, 240))
    overlay = Overlay()
    overlay.draw_lines(screen, readout.lines())
    overlay.draw_meters(screen, readout.meters(1.0))
    assert screen.get_bounding_rect().size == (320, 240)
    pygame.font.quit()
