import pytest

from bandwalk.analysis.crosstalk import LEAK_MAX, SPLASH, LeakFloor, to_leaks


def test_neighbours_leak_and_the_others_hardly_do():
    low, mid, high = to_leaks(((0.0, 150.0), (200.0, 350.0), (500.0, 5000.0)))
    slope = 0.6**5  # a tone at 250 Hz under low's 150, or at 120 Hz under mid's 200, on a slope of order 5
    assert low[1] == pytest.approx(slope, rel=0.1)
    assert mid[0] == pytest.approx(slope, rel=0.1)
    assert max(high[0], low[2]) < 0.003
    assert [low[0], mid[1], high[2]] == [0.0, 0.0, 0.0]


def test_bands_that_overlap_do_not_silence_each_other():
    leaks = to_leaks(((0.0, 400.0), (200.0, 350.0), (300.0, 310.0)))
    assert max(max(row) for row in leaks) <= LEAK_MAX


def test_a_hit_splashes_into_all_bands_and_is_soon_over():
    floor = LeakFloor(((0.0, 150.0), (200.0, 350.0), (500.0, 5000.0)), 100.0)
    floor.know([0.5, 0.0, 0.0])
    hit = floor.step([0.01, 0.0, 0.0], [0.0, 0.0, 0.0])
    assert hit[2] == pytest.approx(SPLASH * 0.5)
    held = [floor.step([0.5, 0.0, 0.0], [0.5, 0.0, 0.0]) for _ in range(30)]
    assert held[-1][2] < 0.003 * 0.5
