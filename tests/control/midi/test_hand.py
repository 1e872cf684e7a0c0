"""What a moved control does to its parameter: soft takeover, buttons, choices; the queue before it."""

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control.inbox import Batch
from bandwalk.control.midi.hand import Hand
from bandwalk.control.midi.hold import MIN_PRESS_S, Hold
from bandwalk.control.midi.learning import LEARN_S, Learning
from bandwalk.control.midi.messages import Control, Event
from bandwalk.control.midi.targets import Target, parse_target
from bandwalk.control.midi.waiting import MAX_CONTROLS, MAX_TURNS, Waiting
from bandwalk.control.store import Store
from bandwalk.errors import ParameterError
from bandwalk.params import defaults
from bandwalk.records import Counters

KNOB, KEY, WHEEL = Control("Pult", 1, "cc", 21), Control("Pult", 1, "note", 36), Control("Pult", 1, "bend")
PSI = "/style/psi"  # 0..1.5, at 1


class Desk:
    """A store, and a hand on its parameters."""

    def __init__(self):
        self.store = Store(defaults())
        self.run = []
        self.hand = Hand(self.store, self._apply)

    def _apply(self, piece):
        assert isinstance(piece, Batch)
        for change in piece.changes.values():
            self.store.set(change.address, change.value, clamp=False, controller=change.controller)
        if piece.request:
            self.run.append((piece.request.address, piece.request.args))

    def move(self, target, *raws, control=KNOB):
        """The values after each of these positions."""
        values = []
        for raw in raws:
            self.hand.act(Event(control, raw), parse_target(target), ("127.0.0.1", 1))
            values.append(self.store.values.get(target))
        return values


@pytest.fixture
def desk():
    return Desk()


def test_a_knob_takes_its_parameter_only_when_it_has_reached_it(desk):
    assert desk.move(PSI, 10, 30, 60) == [1.0, 1.0, 1.0]
    *_, reached = desk.move(PSI, 80, 84)
    assert reached == pytest.approx(0.99, abs=0.02)
    assert desk.move(PSI, 0, 127) == [0.0, 1.5]  # it holds it now


def test_a_knob_that_jumps_past_its_parameter_takes_it(desk):
    assert desk.move(PSI, 10, 120) == [1.0, pytest.approx(1.416, abs=0.01)]
    desk.store.set(PSI, 0.3, clamp=False)
    assert desk.move(PSI, 110) == [0.3]
    assert desk.move(PSI, 2) == [pytest.approx(0.023, abs=0.01)]


def test_who_else_sets_the_parameter_takes_it_from_the_knob(desk):
    desk.move(PSI, 84, 90)
    desk.store.set(PSI, 0.2, clamp=False)
    assert desk.move(PSI, 91, 92) == [0.2, 0.2]
    assert desk.move(PSI, 40, 17) == [0.2, pytest.approx(0.2, abs=0.02)]


def test_the_value_of_one_parameter_is_no_claim_to_another(desk):
    desk.store.set("/style/noise", 1.5, clamp=False)
    desk.move(PSI, 84, 127)
    assert desk.move("/style/noise", 120) == [1.5]


def test_a_device_that_was_pulled_out_has_to_reach_its_parameters_again(desk):
    desk.move(PSI, 84, 90)
    desk.hand.forget("Pult")
    assert desk.move(PSI, 10) == [desk.store.values[PSI]] != [pytest.approx(0.12, abs=0.01)]


def test_a_wheel_in_its_middle_is_the_middle_of_the_range_exactly(desk):
    assert desk.move("/transform/x", 9000, 8192, control=WHEEL)[-1] == 0.0


def test_a_whole_number_and_a_choice_follow_a_knob(desk):
    assert desk.move("/out/quality", 108, 0, 127)[1:] == [1, 100]
    assert desk.move("/out/fit", 0, 40, 70, 127) == ["crop", "fit", "mirror", "auto"]


def test_a_key_switches_a_boolean_over_and_takes_the_next_choice(desk):
    assert desk.move("/master/freeze", 100, 0, 1, 0, control=KEY) == [True, True, False, False]
    assert desk.move("/out/fit", 9, 9, 9, 9, control=KEY) == ["crop", "fit", "mirror", "native"]


def test_a_key_sets_a_number_by_its_velocity(desk):
    assert desk.move(PSI, 127, 0, 64, control=KEY) == [1.5, 1.5, 0.75]


def test_a_button_that_sends_a_controller_switches_when_it_rises(desk):
    assert desk.move("/master/freeze", 127, 127, 0, 127) == [True, True, True, False]


def test_a_command_runs_when_a_key_is_pressed_and_not_when_it_is_let_go(desk):
    desk.move("/walk/low/bump", 100, 0, 90, control=KEY)
    desk.move('/preset/recall "my look" 4', 127, 0)
    assert desk.run == [("/walk/low/bump", ())] * 2 + [("/preset/recall", ("my look", 4.0))]


def test_a_direction_that_the_model_lacks_is_left_alone(desk):
    assert desk.move("/direction/hair/alpha", 1, 100) == [None, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected an address"),
        ("/style/nothing", "unknown"),
        ("/mix/low/layers", "expected a number, a boolean, a choice, or a command"),
        ("/audio/source", "expected a number"),
        ("/style/psi 4", "expected a number"),
        ("/preset/save x", "acts on the show"),
        ("/midi/learn x", "acts on the show"),
        ("/subscribe", "acts on the show"),
        ("/stats", "acts on the show"),
        ("/preset/recall", "expected s"),
        ("/preset/recall x soon", "arguments s"),
        ('/preset/recall "x', "closing quotation"),
        ("/style/psi\n", "expected an address"),
        ("x" * 301, "at most 300"),
    ],
)
def test_what_no_control_may_move_is_refused(text, reason):
    with pytest.raises(ParameterError, match=reason):
        parse_target(text)


@pytest.mark.parametrize("text", ["/style/psi", "/walk/low/bump", "/preset/recall 'my look' 4", "/transport/seek 1.5"])
def test_a_target_is_written_as_it_is_read(text):
    assert parse_target(text).text == text


# learning


def learned(*steps, clock=None):
    """What is learned of [(kind, number, raw), or seconds to wait]."""
    clock = clock or ManualClock()
    learning = Learning(clock)
    learning.begin(Target(PSI), ("127.0.0.1", 1))
    for step in steps:
        if isinstance(step, float):
            clock.advance(step)
            continue
        kind, number, raw = step
        control = learning.hear(Event(Control("Pult", 1, kind, number), raw))
        if control is not None:
            return control.name
    return None


def test_a_knob_is_learned_by_its_second_message_and_a_key_by_its_press():
    assert learned(("cc", 21, 5)) is None
    assert learned(("cc", 21, 5), ("cc", 22, 9), ("cc", 21, 6)) == "1/cc/21"
    assert learned(("note", 36, 0), ("note", 36, 90)) == "1/note/36"
    assert learned(("bend", 0, 8200), ("bend", 0, 8300)) == "1/bend"
    assert learned(("cc", 41, 127), ("cc", 41, 0)) == "1/cc/41"  # a button


@pytest.mark.parametrize("first", [7, 39])
def test_two_halves_are_learned_as_the_14_bit_control(first):
    second = {7: 39, 39: 7}[first]
    assert learned(("cc", first, 5), ("cc", second, 5), ("cc14", 7, 645), ("cc", first, 5)) == "1/cc14/7"


def test_controllers_32_apart_that_do_not_come_together_are_two_knobs():
    assert learned(("cc", 32, 127), 0.2, ("cc", 0, 5), 0.2, ("cc", 0, 6)) == "1/cc/0"


def test_after_half_a_minute_nothing_is_learned():
    clock = ManualClock()
    learning = Learning(clock)
    learning.begin(Target(PSI), ("127.0.0.1", 1))
    clock.advance(LEARN_S + 0.1)
    assert learning.wanted is None
    assert learning.is_over()
    assert not learning.is_over()


# short presses


def test_a_key_that_is_let_go_at_once_counts_as_pressed_for_two_steps():
    moved = []
    hold = Hold(lambda name, position: moved.append((name, position)))
    hold.pass_on(Event(KEY, 127), 1.0)
    hold.pass_on(Event(KEY, 0), 1.001)
    hold.turn(1.02)
    assert moved == [("midi/1/note/36", 1.0)]
    assert hold.due == pytest.approx(1.001 + MIN_PRESS_S)
    hold.turn(hold.due)
    assert moved[1:] == [("midi/1/note/36", 0.0)]
    hold.pass_on(Event(KEY, 127), 2.0)
    hold.pass_on(Event(KEY, 0), 2.06)
    hold.pass_on(Event(KNOB, 64), 2.1)
    assert moved[2:] == [("midi/1/note/36", 1.0), ("midi/1/note/36", 0.0), ("midi/1/cc/21", 0.5)]
    assert hold.due == float("inf")


# the queue


def test_of_a_knobs_way_the_ends_wait_and_no_press_is_lost():
    waiting = Waiting(Counters())
    waiting.put([Event(KNOB, raw) for raw in (1, 2, 3)])
    waiting.put([Event(KEY, 100), Event(KEY, 0), Event(KEY, 99), Event(KEY, 98)])
    waiting.put([Event(KNOB, 4)])
    assert [event.raw for event in waiting.take()] == [1, 4, 100, 0, 99, 98]
    button = Control("Pult", 1, "cc", 41)
    waiting.put([Event(button, 127), Event(button, 0)])
    assert [event.raw for event in waiting.take()] == [127, 0]


def test_the_queue_is_bounded_and_says_what_it_drops():
    counters = Counters()
    waiting = Waiting(counters)
    waiting.put([Event(KEY, 100)] * (MAX_TURNS + 3))
    assert len(waiting.take()) == MAX_TURNS
    assert counters.counts == {"midi_dropped": 3}
    waiting.put([Event(Control("Pult", 1, "nrpn", number), 1) for number in range(MAX_CONTROLS + 5)])
    assert [event.control.number for event in waiting.take()][:2] == [5, 6]
    assert counters.counts == {"midi_dropped": 8}
