import pytest

from bandwalk.clock import ManualClock
from bandwalk.control.subscribers import LAPSE_S, Subscribers
from bandwalk.errors import ParameterError
from bandwalk.params.controller import ConnectedController

TABLET, PANEL = ("127.0.0.1", 50001), ("127.0.0.1", 50002)
FRIEND, STRANGER = ("192.0.2.7", 50001), ("192.0.2.8", 50001)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def subscribers(clock):
    return Subscribers(clock=clock, limit=2, allow=["192.0.2.7"])


def others(subscribers, controller):
    """Return who is sent a change that a controller made."""
    return [subscription.target for subscription in subscribers.alive() if not subscription.is_of(controller)]


def test_a_subscriber_is_sent_to_at_its_own_address_and_the_port_it_names(subscribers):
    subscribers.subscribe(TABLET, 9100)
    subscribers.subscribe(FRIEND, 9100)
    assert subscribers.targets() == [("127.0.0.1", 9100), ("192.0.2.7", 9100)]


def test_a_subscription_lapses_unless_it_is_renewed(subscribers, clock):
    subscribers.subscribe(TABLET, 9100)
    clock.advance(LAPSE_S - 1)
    subscribers.subscribe(TABLET, 9100)
    clock.advance(LAPSE_S - 1)
    assert subscribers.targets() == [("127.0.0.1", 9100)]
    clock.advance(1)
    assert subscribers.targets() == []
    assert subscribers.answer_to(TABLET) == TABLET


def test_a_second_port_of_one_source_is_added_and_answers_go_to_the_newest(subscribers):
    subscribers.subscribe(TABLET, 9100)
    subscribers.subscribe(TABLET, 9200)
    subscribers.subscribe(TABLET, 9100)
    assert subscribers.targets() == [("127.0.0.1", 9100), ("127.0.0.1", 9200)]
    assert subscribers.answer_to(TABLET) == ("127.0.0.1", 9200)
    assert others(subscribers, TABLET) == []


def test_without_a_port_it_is_the_senders_own(subscribers):
    subscribers.subscribe(TABLET)
    assert subscribers.targets() == [TABLET]
    subscribers.unsubscribe(TABLET)
    assert subscribers.targets() == []


def test_who_sends_from_its_declared_port_hears_nothing_of_its_own(subscribers):
    subscribers.subscribe(TABLET, 9100)
    assert others(subscribers, ("127.0.0.1", 9100)) == []


def test_a_restarted_controller_is_not_sent_everything_twice(subscribers):
    subscribers.subscribe(TABLET, 9100)
    subscribers.subscribe(PANEL, 9100)
    assert subscribers.targets() == [("127.0.0.1", 9100)]
    assert others(subscribers, PANEL) == []


def test_answers_go_to_the_declared_port_or_else_to_the_source(subscribers):
    subscribers.subscribe(TABLET, 9100)
    assert subscribers.answer_to(TABLET) == ("127.0.0.1", 9100)
    assert subscribers.answer_to(PANEL) == PANEL


def test_all_but_the_source_of_a_change_are_targets(subscribers):
    subscribers.subscribe(TABLET, 9100)
    subscribers.subscribe(PANEL, 9200)
    assert others(subscribers, TABLET) == [("127.0.0.1", 9200)]
    assert others(subscribers, "the panel in a browser") == [("127.0.0.1", 9100), ("127.0.0.1", 9200)]


def test_it_ends_when_asked_from_any_port_of_the_same_machine(subscribers):
    subscribers.subscribe(TABLET, 9100)
    subscribers.unsubscribe(FRIEND, 9100)
    subscribers.unsubscribe(TABLET, 9200)
    assert subscribers.targets() == [("127.0.0.1", 9100)]
    subscribers.unsubscribe(PANEL, 9100)
    assert subscribers.targets() == []


def test_there_is_room_for_so_many_and_renewing_needs_none(subscribers, clock):
    subscribers.subscribe(TABLET, 9100)
    subscribers.subscribe(PANEL, 9200)
    with pytest.raises(ParameterError, match="at most 2"):
        subscribers.subscribe(("127.0.0.1", 50003), 9300)
    subscribers.subscribe(TABLET, 9100)
    with pytest.raises(ParameterError, match="at most 2"):
        subscribers.subscribe(PANEL, 9300)
    clock.advance(LAPSE_S)
    subscribers.subscribe(("127.0.0.1", 50003), 9400)
    assert subscribers.targets() == [("127.0.0.1", 9400)]


def test_a_stranger_gets_no_subscription_and_no_answer(subscribers):
    with pytest.raises(ParameterError, match="--osc-allow"):
        subscribers.subscribe(STRANGER, 9100)
    assert subscribers.answer_to(STRANGER) is None
    assert subscribers.answer_to(FRIEND) == FRIEND


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_the_server_is_not_made_to_talk_to_itself(clock, ip):
    subscribers = Subscribers(clock=clock, limit=1, allow=["192.0.2.7"], own_port=9000)
    with pytest.raises(ParameterError, match="/subscribe = 9000: this server's own port"):
        subscribers.subscribe((ip, 50001), 9000)
    subscribers.subscribe(FRIEND, 9000)  # another machine's port of that number
    assert subscribers.targets() == [("192.0.2.7", 9000)]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_there_is_not_is_refused(subscribers, port):
    with pytest.raises(ParameterError, match=r"expected a port in 1\.\.65535"):
        subscribers.subscribe(TABLET, port)


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "192.0.2.7", "::ffff:192.0.2.7"])
def test_this_machine_and_the_allowed_are_known_in_every_notation(subscribers, ip):
    assert subscribers.is_allowed(ip)


@pytest.mark.parametrize("ip", ["192.0.2.8", "0.0.0.0", "::", "fe80::1%eth0", "::ffff:192.0.2.8", "255.255.255.255"])
def test_others_are_not(subscribers, ip):
    assert not subscribers.is_allowed(ip)


def test_an_allow_list_of_names_is_refused():
    with pytest.raises(ParameterError, match="--osc-allow = stage-left: expected an IP address or a network"):
        Subscribers(clock=ManualClock(), limit=1, allow=["stage-left"])


@pytest.mark.parametrize(
    ("ip", "is_in"), [("10.0.0.9", True), ("::ffff:10.0.0.9", True), ("10.0.1.9", False), ("fd00::7", True)]
)
def test_a_network_may_be_allowed(clock, ip, is_in):
    subscribers = Subscribers(clock=clock, limit=1, allow=["10.0.0.7/24", "fd00::/16"])
    assert subscribers.is_allowed(ip) == is_in


@pytest.mark.parametrize(
    ("rate", "refresh_s"), [(-1, 0), (1001, 0), (0, 0.5), (0, -1), (0, 601), (float("nan"), 0), (0, float("nan"))]
)
def test_a_rate_or_a_turn_out_of_range_is_refused(subscribers, rate, refresh_s):
    with pytest.raises(ParameterError, match="/subscribe"):
        subscribers.subscribe(TABLET, 9100, rate, refresh_s)


def test_where_some_are_allowed_only_those_may_save(clock, subscribers):
    assert subscribers.may_save(TABLET)
    assert subscribers.may_save(FRIEND)
    assert not subscribers.may_save(STRANGER)
    assert not subscribers.may_save(ConnectedController("WebSocket 192.0.2.8", "192.0.2.8"))
    assert Subscribers(clock=clock, limit=2).may_save(STRANGER)
