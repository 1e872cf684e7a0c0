from bandwalk.clock import ManualClock
from bandwalk.control.throttle import Throttle


def test_so_many_pass_in_any_second_and_no_more():
    clock = ManualClock(50.0)
    throttle = Throttle(2, clock=clock)
    passed = []
    for _ in range(40):
        if throttle.passes():
            passed.append(clock.now())
        clock.advance(0.125)
    assert passed == [50 + second + at for second in range(5) for at in (0, 0.125)]
