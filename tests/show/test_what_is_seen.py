"""``serve --show`` on a machine without a display or a sound card says in one line where to look instead."""

from server import Server

from bandwalk.show.what_is_seen import has_display, why_no_window

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


def test_a_display_is_known_by_the_variables_that_windows_need():
    assert has_display({"DISPLAY": ":0"}, "linux")
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert not has_display({"DISPLAY": ""}, "linux")
    assert has_display({}, "darwin")
    assert has_display({}, "win32")


def test_a_missing_sound_card_is_said_in_the_same_line():
    assert "sound" not in why_no_window("http://127.0.0.1:9003/", has_sound=True)
    assert ", and no sound card, so it plays no sound; open" in why_no_window("http://127.0.0.1:9003/", has_sound=False)


def test_without_a_display_one_line_says_where_to_look():
    with Server("demo", "--show", "--size", "64x64", "--threads", "1", env=NO_DISPLAY) as server:
        server.wait_for(r"no window opens")
        (line,) = [line for line in server.log if "no window opens" in line]
    assert "this machine has no display (DISPLAY is not set)" in line
    assert f"open http://127.0.0.1:{server.base + 3}" in line
    assert line.rstrip().endswith("in a browser instead")
