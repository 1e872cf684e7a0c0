"""Values of learned controls."""

from bandwalk.pipeline.controls import MAX_CONTROLS, Controls


def test_the_newest_value_counts_and_stays_in_range() -> None:
    controls = Controls()
    before = controls.read()
    controls.set("midi/1/cc/21", 0.25)
    controls.set("midi/1/cc/21", 0.5)
    controls.set("osc/fader", 7.0)
    controls.set("midi/1/bend", -1.0)
    assert controls.read() == {"midi/1/cc/21": 0.5, "osc/fader": 1.0, "midi/1/bend": 0.0}
    assert before == {}


def test_their_number_is_bounded() -> None:
    controls = Controls()
    for i in range(MAX_CONTROLS + 5):
        controls.set(f"osc/{i}", 0.5)
    controls.set("osc/0", 1.0)
    assert len(controls.read()) == MAX_CONTROLS
    assert controls.read()["osc/0"] == 1.0
