"""The panel in a real browser: controls moved by a real pointer, two panels in step, a server that goes and comes."""

import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from midi_wire import BACKEND, Gear
from panels import DEADLINE_MS, HIDE, PHONE, WIDE, come_back, drag, hide, is_shown, wait_for
from server import Server
from sounds import SAMPLE_RATE, tone

from bandwalk.params import ROWS

SMALL = ("--size", "64x64", "--threads", "1")
MEAN = """() => {
  const copy = document.createElement('canvas');
  copy.width = copy.height = 16;
  const paper = copy.getContext('2d');
  paper.drawImage(document.getElementById('picture'), 0, 0, 16, 16);
  const bytes = paper.getImageData(0, 0, 16, 16).data;
  return bytes.reduce((sum, byte, i) => i % 4 < 3 ? sum + byte : sum, 0) / (16 * 16 * 3);
}"""


ROWS_OF = """band => {
  const scope = document.querySelector('#scope canvas');
  const hex = getComputedStyle(document.querySelector(`.meter.${band}`)).getPropertyValue('--band').trim();
  const wanted = [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));
  const { data, width } = scope.getContext('2d').getImageData(0, 0, scope.width, scope.height);
  const rows = [];
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 60 && wanted.every((value, i) => Math.abs(value - data[at + i]) < 16)) {
      rows.push(Math.floor(at / 4 / width));
    }
  }
  return rows;
}"""
"""The rows of all pixels of the spectrum that have a band's colour."""


@pytest.fixture(scope="module")
def wire():
    folder = tempfile.mkdtemp(prefix="bw-midi-")  # a socket's path has at most 107 characters
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory, wire):
    folder = tmp_path_factory.mktemp("presets")
    y = 0.5 * tone(200, 60.0)[::6]
    soundfile.write(folder / "inverted.wav", np.stack([y, -y], axis=1), SAMPLE_RATE // 6)
    folders = ("--presets", folder, "--music", folder, "--recordings", folder / "sets")
    env = {**BACKEND, "MIDI_WIRE": wire}
    with Server("demo", *SMALL, "--fps", "10", *folders, "--midi", "all", env=env) as running:
        yield running


@pytest.fixture
def page(shared_page, panels):
    """The page that the module's tests share; its first tab is chosen."""
    shared_page.locator("#tab-Play").click()
    yield shared_page
    assert not panels.faults


@pytest.fixture(scope="module")
def shared_other(panels, server):
    return panels.open(server, PHONE, has_touch=True)


@pytest.fixture
def other(shared_other, panels):
    """A second page, on a phone; it is hidden between the tests, and has nothing open then."""
    come_back(shared_other)
    shared_other.locator("#tab-Play").click()
    yield shared_other
    hide(shared_other)
    assert not panels.faults


def test_it_shows_pictures_and_what_is_heard(server, page):
    page.wait_for_function(f"() => ({MEAN})() > 5")
    page.wait_for_function("() => document.querySelector('.meter.low i').style.transform > 'scaleX(0.1'")
    page.wait_for_function("() => Number(document.getElementById('fps').textContent) > 1")
    page.wait_for_function("() => document.getElementById('model').textContent === 'builtin'")
    assert page.locator("#lost").is_hidden()


def test_it_shows_the_air_the_beat_the_energy_and_what_is_known_of_the_music(server, page):
    for shown in (
        "document.querySelector('.meter.air i').style.transform > 'scaleX(0.1'",
        "document.querySelector('.meter.energy i').style.transform > 'scaleX(0.3'",
        "Number(document.querySelector('#music .bpm').textContent) > 60",
        "Number(document.querySelector('#music .loudness').textContent) < -5",
        "document.querySelector('.meter.beat.hit')",
        "document.querySelector('.meter.beat i').style.transform > 'scaleX(0.5'",
    ):
        page.wait_for_function(f"() => {shown}")


def test_what_is_wrong_with_the_sound_is_said_beside_the_meters(server, page, other, osc):
    page.wait_for_function("() => document.querySelector('.input b').textContent.match(/^-?[0-9]+ dB$/)")
    assert page.locator("#health").is_hidden()
    osc.send("/audio/source", "inverted.wav")
    page.wait_for_function("() => document.getElementById('health').textContent.includes('opposite phase')")
    page.wait_for_function("() => document.querySelector('.input b').textContent === '-16 dB'")
    osc.send("/stats")
    osc.until("/audio/health", lambda words: "channels 1 and 2 are in opposite phase" in words)
    other.reload()  # one that is opened later
    other.wait_for_function("() => document.getElementById('health').textContent.includes('opposite phase')")
    osc.send("/audio/source", "demo")
    page.wait_for_function("() => document.getElementById('health').textContent === ''")


def test_the_spectrum_scrolls_in_the_colours_of_the_bands(server, page):
    for band in ("low", "mid", "high"):
        page.wait_for_function(f"band => ({ROWS_OF})(band).length > 50", arg=band)
    low, mid, high = (sorted(page.evaluate(ROWS_OF, band)) for band in ("low", "mid", "high"))
    assert high[len(high) // 2] < mid[len(mid) // 2] < low[len(low) // 2]
    page.locator("#tab-Bands").click()
    number = page.locator("[data-address='/band/low/f_hi'] .number")
    number.fill("3000")
    number.press("Enter")
    page.wait_for_function(f"highest => Math.min(...({ROWS_OF})('low')) < highest - 4", arg=low[0])
    number.fill("150")
    number.press("Enter")
    wait_for(server, "/band/low/f_hi", lambda hz: hz == 150.0)


def test_every_parameter_has_one_control(server, page):
    shown = page.eval_on_selector_all(".control[data-address]", "all => all.map(one => one.dataset.address)")
    tree = page.request.get(f"http://127.0.0.1:{server.base + 3}/").json()

    def parameters(node):
        if "CONTENTS" in node:
            return [address for child in node["CONTENTS"].values() for address in parameters(child)]
        return [node["FULL_PATH"]] if node["ACCESS"] == 3 else []

    assert sorted(shown) == sorted(parameters(tree))
    assert {row.address for row in ROWS} <= set(shown)


def test_each_control_has_a_short_name_and_its_help_as_a_tooltip(server, page):
    of = "all => all.map(one => [one.dataset.address, one.title, one.querySelector('label, span')?.textContent])"
    tips = {address: (tip, name) for address, tip, name in page.eval_on_selector_all(".control[data-address]", of)}
    for row in ROWS:
        assert tips[row.address] == (f"{row.doc}\n{row.address}", row.title)
    page.locator("#tab-Sound").click()
    pause = page.locator('[data-address="/transport/pause"]').first
    pause.hover()
    assert pause.get_attribute("title") == "Pause the file.\n/transport/pause"


def test_what_only_some_walks_follow_is_shown_with_them(server, page, osc):
    page.locator("#tab-Bands").click()
    last = ("bars", "seeds", "direction", "keyframes")
    for kind, shown in (("tour", ("bars", "seeds")), ("keyframes", ("keyframes",)), ("random", ())):
        osc.send("/walk/low/kind", kind)
        page.wait_for_selector(f"[data-address='/walk/low/kind'][data-value='{kind}']")
        is_shown = {name: page.locator(f"[data-address='/walk/low/{name}']").is_visible() for name in last}
        assert is_shown == {name: name in shown for name in last}


def test_a_route_is_set_in_its_card_and_shows_a_ghost_beside_the_hands_value(server, page, osc):
    page.locator("#tab-Routes").click()
    card = page.locator("details.route").first
    assert card.locator("summary span").inner_text() == "unused"
    card.locator("summary").click()
    for name, text in (("from", "low/level"), ("to", "/style/noise")):
        card.locator(f"[data-address='/route/1/{name}'] input").fill(text)
        card.locator(f"[data-address='/route/1/{name}'] input").press("Enter")
        wait_for(server, f"/route/1/{name}", lambda value, text=text: value == text)
    assert card.locator("summary span").inner_text() == "low/level \u2192 /style/noise"
    ghost = "document.querySelector('[data-address=\"/style/noise\"] .ghost')"
    page.wait_for_function(f"() => !{ghost}.hidden && Number({ghost}.style.getPropertyValue('--at')) > 0.68")
    page.wait_for_function(f"() => Number({ghost}.style.getPropertyValue('--at')) < 0.66")
    assert page.locator("[data-address='/style/noise'] .number").input_value() == "1"
    wait_for(server, "/style/noise", lambda value: value == 1.0)
    card.locator("[data-address='/route/1/to'] input").fill("/master/blackout")
    card.locator("[data-address='/route/1/to'] input").press("Enter")
    page.wait_for_selector("[data-address='/route/1/to'].refused")
    assert card.locator("summary span").inner_text() == "low/level \u2192 /style/noise"
    osc.send("/route/1/to", "")
    page.wait_for_function(f"() => {ghost}.hidden")


def test_a_pointer_drag_moves_the_value_and_the_picture(server, page, osc):
    page.wait_for_function(f"() => ({MEAN})() > 5")
    page.locator("#tab-Picture").click()
    drag(page, "/style/psi", -0.1)
    wait_for(server, "/style/psi", lambda psi: psi == 0.0)
    drag(page, "/style/psi", 1.1)
    wait_for(server, "/style/psi", lambda psi: psi == 1.5)
    page.locator("#emergency [data-address='/master/blackout'] button").click()
    page.wait_for_function(f"() => ({MEAN})() < 1")
    page.locator("#emergency [data-address='/master/blackout'] button").click()
    page.wait_for_function(f"() => ({MEAN})() > 5")


def test_a_knob_is_learned_by_touching_a_slider_and_moving_it(server, page, osc, wire):
    assert page.locator("#learn").is_hidden()
    pult = Gear(wire, "Pult")
    pult.wait_open()
    page.locator("#learn").click()
    slider = page.locator('#desk [data-address="/master/speed"]')
    slider.click()  # in its middle, where the fader is: it does not move
    page.wait_for_selector('#desk [data-address="/master/speed"].waiting')
    pult.play(0xB0, 21, 16, 0xB0, 21, 95)
    page.wait_for_function("() => document.getElementById('learned').textContent === '/master/speed = 1/cc/21 Pult'")
    wait_for(server, "/master/speed", lambda value: value == 1.0)
    page.keyboard.press("Escape")
    pult.play(0xB0, 21, 16, 0xB0, 21, 127)
    is_shown(page, "/master/speed", "8")
    page.locator("#tab-Setup").click()
    page.locator(".bindings li", has_text="1/cc/21 Pult").locator("button").click()
    page.wait_for_function("() => !document.querySelector('.bindings li')")
    pult.pull()
    page.wait_for_function("() => document.getElementById('learn').hidden")
    osc.send("/master/speed", 1.0)
    is_shown(page, "/master/speed", "1")


def test_two_panels_stay_in_step_and_follow_osc(server, page, other, osc):
    one = page
    drag(one, "/master/intensity", 0.5)
    wait_for(server, "/master/intensity", lambda value: value == pytest.approx(2.0, abs=0.1))
    value = one.locator("[data-address='/master/intensity'] .number").input_value()
    is_shown(other, "/master/intensity", value)
    osc.send("/master/intensity", 1.0)
    is_shown(one, "/master/intensity", "1")
    is_shown(other, "/master/intensity", "1")
    other.locator("#emergency [data-address='/master/freeze'] button").click()
    one.wait_for_selector("#emergency [data-address='/master/freeze'] [aria-checked='true']")
    one.locator("#emergency [data-address='/master/freeze'] button").click()
    other.wait_for_selector("#emergency [data-address='/master/freeze'] [aria-checked='false']")


def test_the_keyboard_reaches_and_moves_the_controls(server, page, osc):
    page.locator("#tab-Play").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#tab-Sound").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowLeft")
    while page.evaluate("document.activeElement.closest('[data-address]')?.dataset.address") != "/master/intensity":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    wait_for(server, "/master/intensity", lambda value: 1.0 < value < 1.2)
    osc.send("/master/intensity", 1.0)


def test_what_is_refused_is_said_beside_the_field_and_a_number_can_be_typed(server, page, osc):
    page.locator("#tab-Bands").click()
    field = page.locator("[data-address='/mix/high/layers'] input")
    field.fill("9-3")
    field.press("Enter")
    page.wait_for_selector("[data-address='/mix/high/layers'] [aria-invalid='true']")
    assert "9-3" in page.locator("[data-address='/mix/high/layers'] .note").inner_text()
    field.fill("fine")
    field.press("Enter")
    wait_for(server, "/mix/high/layers", lambda layers: layers == "fine")
    page.wait_for_selector("[data-address='/mix/high/layers'] [aria-invalid]", state="detached")
    number = page.locator("[data-address='/walk/low/max_step'] .number")
    number.fill("4,5")
    number.press("Enter")
    wait_for(server, "/walk/low/max_step", lambda step: step == 4.5)


def test_a_number_is_typed_key_by_key_and_the_next_field_reached_by_tab(server, page, osc):
    page.locator("#tab-Bands").click()
    page.locator("[data-address='/walk/low/gain'] .number").click()
    page.keyboard.type("1.")
    osc.send("/walk/low/gain", 3.0)  # another hand: what is being typed stays
    wait_for(server, "/walk/low/gain", lambda gain: gain == 3.0)
    page.keyboard.type("25")
    page.keyboard.press("Tab")
    wait_for(server, "/walk/low/gain", lambda gain: gain == 1.25)
    at = "document.activeElement.closest('[data-address]')?.dataset.address"
    assert page.evaluate(at) != "/walk/low/gain"
    seed = page.locator("[data-address='/walk/low/seed'] .number")
    seed.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("42")
    page.keyboard.press("Enter")
    wait_for(server, "/walk/low/seed", lambda seed: seed == 42)
    seed.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    page.wait_for_selector("[data-address='/walk/low/seed'].refused")
    assert seed.input_value() == "42"
    page.locator("[data-address='/walk/low/gain'] .number").click()
    osc.send("/walk/low/gain", 1.0)  # nothing is typed: the news is shown when the field is left
    wait_for(server, "/walk/low/gain", lambda gain: gain == 1.0)
    page.wait_for_function(
        "() => document.querySelector(\"[data-address='/walk/low/gain'] input[type='range']\").value === '50'"
    )
    page.keyboard.press("Tab")
    is_shown(page, "/walk/low/gain", "1")
    osc.send("/walk/low/seed", 1)


def test_a_song_is_chosen_moved_in_and_marked_by_the_mouse(server, page):
    page.locator("#tab-Sound").click()
    sources, song = page.locator(".card.sources"), page.locator(".card.song")
    sources.locator(".names button", has_text="inverted 1:00").click()
    song.locator(".name", has_text="inverted.wav").wait_for()
    song.locator(".time", has_text="of 1:00").wait_for()
    song.get_by_role("button", name="pause").click()
    wave = song.get_by_label("position in the song")
    wave.scroll_into_view_if_needed()  # the list of what is heard is below it
    box = wave.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_for(server, "/transport/position", lambda at: 28.0 < at < 32.0)
    song.get_by_role("button", name="3", exact=True).click()
    wait_for(server, "/cue/at/3", lambda at: 28.0 < at < 32.0)
    song.locator("[data-address='/cue/3'][aria-pressed='true']").wait_for()
    song.get_by_role("button", name="loop off").click()
    sources.locator("[data-address='/audio/source'] input").fill("no-such.wav")
    sources.locator("[data-address='/audio/source'] input").press("Enter")
    sources.locator("> .note", has_text="no-such.wav").wait_for()
    sources.get_by_role("button", name="demo", exact=True).click()
    song.locator(".time", has_text="of 1:02").wait_for()


def test_a_button_records_and_shows_the_time(page, other):
    recording = page.locator(".card.recording")
    recording.get_by_role("button", name="record", exact=True).click()
    for each in (page, other):
        each.locator(".card.recording output", has_text=re.compile(r"^00:00:\d\d 20\d{6}-\d{6}\.mkv$")).wait_for(
            state="attached"
        )
    recording.get_by_role("button", name="stop recording").click()
    recording.get_by_role("button", name="record", exact=True).wait_for()
    recording.locator("output:empty").wait_for(state="attached")


def test_presets_are_saved_and_recalled_for_all(server, page, other):
    one = page
    one.locator(".presets input[type='text']").fill("night")
    one.locator(".presets button[type='submit']").click()
    one.locator(".presets .note", has_text="saved as night").wait_for()
    for each in (one, other):  # it is the look that is on, for all
        each.locator(".presets .names [aria-pressed='true']", has_text="night").wait_for()
        each.locator("#differing").wait_for(state="hidden")
    other.locator(".presets .names button", has_text="night").wait_for()
    drag(one, "/master/speed", 0.5)
    is_shown(other, "/master/speed", one.locator("[data-address='/master/speed'] .number").input_value())
    one.locator(".presets .names button", has_text="night").click()
    one.locator("#ask", has_text="not saved").wait_for()
    one.get_by_role("button", name="recall night").click()
    is_shown(other, "/master/speed", "1")
    is_shown(one, "/master/speed", "1")


def test_presets_have_sentences_and_are_replaced_renamed_and_deleted_after_a_question(server, page, osc):
    card = page.locator(".presets")
    names = card.locator(".names")

    def save(name):
        card.locator("input[type='text']").first.fill(name)
        card.get_by_role("button", name="save", exact=True).click()

    tide = names.get_by_role("button", name="tide", exact=True)
    tide.wait_for()
    assert tide.get_attribute("title").endswith(".")
    save("dawn")
    card.locator(".note", has_text="saved as dawn").wait_for()
    save("dawn")
    card.get_by_role("button", name="cancel").click()
    assert card.locator(".note").is_hidden()
    save("dawn")
    card.locator(".question", has_text="replace dawn?").wait_for()
    card.get_by_role("button", name="replace").click()
    card.locator(".note", has_text="saved as dawn").wait_for()

    card.get_by_role("button", name="edit").click()
    tide.click()
    card.locator(".note", has_text="tide ships with bandwalk").wait_for()
    names.get_by_role("button", name="dawn", exact=True).click()
    card.get_by_label("new name of dawn").fill("dusk")
    card.get_by_role("button", name="rename").click()
    dusk = names.get_by_role("button", name="dusk", exact=True)
    dusk.wait_for()
    names.get_by_role("button", name="dawn", exact=True).wait_for(state="detached")

    card.get_by_role("button", name="edit").click()
    dusk.click()
    card.get_by_role("button", name="delete").click()
    card.locator(".question", has_text="delete dusk?").wait_for()
    card.get_by_role("button", name="delete").click()
    dusk.wait_for(state="detached")
    save("late")
    late = names.get_by_role("button", name="late", exact=True)
    late.wait_for()
    osc.send("/preset/delete", "late")  # a different controller's; the panel asks again every few seconds
    late.wait_for(state="detached")


def test_scenes_are_put_in_order_changed_and_marked_for_all(server, page, other, osc):
    osc.send("/scene/glide", 0.0)
    osc.send("/scene/quantize", "off")
    osc.until_it_is("/scene/quantize", "off")
    one = page
    shelf, edit = one.locator(".card.scenes"), one.locator(".card.scenes header button")
    for name in ("page", "code"):
        shelf.locator("form input").fill(name)
        shelf.locator("form button").click()
        shelf.locator(".go", has_text=name).wait_for()
    edit.click()
    shelf.get_by_label("up: code").click()
    other.locator(".card.scenes li:first-child .go", has_text="code").wait_for()
    edit.click()
    other.locator(".card.scenes .go", has_text="page").click()
    shelf.locator(".go[aria-pressed='true']", has_text="page").wait_for()
    osc.send("/transport/pause")  # a drop of the demo would be a line, too
    for address, value in (("/beat/from", "manual"), ("/beat/bpm", 20.0)):  # lines are 192 s apart
        osc.send(address, value)
    osc.send("/subscribe", osc.port)
    osc.until("/feature/bpm", lambda bpm: bpm == pytest.approx(20.0))
    osc.send("/beat/resync")
    osc.until("/feature/bar", lambda is_new: is_new == 1)
    osc.until("/feature/bar", lambda is_new: is_new == 0)  # the line is over
    osc.send("/unsubscribe", osc.port)
    osc.send("/scene/quantize", "16 bars")
    osc.until_it_is("/scene/quantize", "16 bars")  # before the click, which takes another way
    other.locator(".card.scenes .push", has_text="next").click()
    shelf.locator(".go.pending", has_text="code").wait_for()
    shelf.locator(".go.pending").click()  # given up
    other.locator(".card.scenes .go.pending").wait_for(state="detached")
    for address, value in (("/scene/quantize", "bar"), ("/beat/bpm", 120.0), ("/beat/from", "auto")):
        osc.send(address, value)
    osc.send("/transport/play")


def test_styles_and_seeds_are_pictures_to_click(server, page, osc):
    page.locator("#tab-Styles").click()
    card, seeds = page.locator(".styles"), page.locator(".seeds")
    card.get_by_label("name of the style to save").fill("mist")
    card.get_by_role("button", name="save", exact=True).click()
    mist = card.locator(".names").get_by_role("button", name="mist", exact=True)
    mist.wait_for()
    page.wait_for_function("() => document.querySelector('.styles .names img')?.naturalWidth === 160")
    mist.click()
    osc.until_it_is("/style/name", "mist")
    drawn = "() => [...document.querySelectorAll('.seeds img')].some((image) => image.naturalWidth === 128)"
    page.wait_for_function(drawn, timeout=60_000)
    seeds.get_by_role("button", name="7", exact=True).click()
    osc.until_it_is("/style/seed", 7)
    osc.until_it_is("/style/name", "")
    card.get_by_role("button", name="delete", exact=True).click()
    mist.click()
    card.locator(".question", has_text="delete mist?").wait_for()
    card.locator(".question").get_by_role("button", name="delete", exact=True).click()
    mist.wait_for(state="detached")


def test_a_hidden_panel_keeps_nothing_open_and_comes_back_to_the_newest(server, page):
    page.wait_for_function(f"() => ({MEAN})() > 5")

    def clients():
        text = page.request.get(f"http://127.0.0.1:{server.base + 3}/metrics").text()
        return [line.split()[-1] for line in text.splitlines() if line.startswith("bandwalk_web_clients")]

    def wait_for_clients(expected):
        end = time.monotonic() + DEADLINE_MS / 1e3
        while clients() != expected:
            assert time.monotonic() < end, clients()
            time.sleep(0.02)

    wait_for_clients(["1", "1"])
    page.evaluate(HIDE, True)
    wait_for_clients(["0", "0"])
    assert page.locator("#lost").is_hidden()
    page.evaluate(HIDE, False)
    wait_for_clients(["1", "1"])


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_hangs_over_and_fingers_find_the_controls(request, server, page, viewport):
    if viewport is PHONE:
        page = request.getfixturevalue("other")
    for tab in ("Play", "Bands", "Picture", "Sound", "Styles", "Setup", "Server"):
        page.locator(f"#tab-{tab}").click()
        over = page.evaluate("() => [document.documentElement, document.getElementById('desk')]"
                             ".map(box => box.scrollWidth - box.clientWidth)")  # fmt: skip
        assert over == [0, 0], tab
        small = page.eval_on_selector_all(
            f"#page-{tab} button, #page-{tab} input[type='range']",
            "all => all.map(one => one.getBoundingClientRect()).filter(box => box.height && box.height < 29).length",
        )
        assert not small, tab
        # a label that is wider than its button
        cut = page.eval_on_selector_all(
            f"#page-{tab} button",
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)",
        )
        assert not cut, tab


def test_the_page_asks_nobody_else(server, page):
    folder = Path(__file__).parents[2] / "server" / "bandwalk" / "web" / "panel"
    for file in folder.iterdir():
        assert "https://" not in file.read_text()
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).host)")
    assert set(asked) == {f"127.0.0.1:{server.base + 3}"}


def test_a_picture_whose_line_is_dead_is_said_to_be_lost_and_found_again(server, page):
    """A cable that is out closes nothing: the page sees an open line on which nothing comes."""
    page.wait_for_function("() => window.panel.shown > 0")
    page.evaluate("window.panel.socket.onmessage = null")
    page.wait_for_function("() => document.getElementById('lost').innerText.includes('picture is lost')")
    page.wait_for_selector("#lost", state="hidden")
    shown = page.evaluate("window.panel.shown")
    page.wait_for_function("before => window.panel.shown > before", arg=shown)


def test_a_lost_server_is_said_and_found_again(server, page):
    page.wait_for_function(f"() => ({MEAN})() > 5")
    page.evaluate("window.mark = 'not reloaded'")
    server.process.kill()  # the module's last test
    page.wait_for_function("() => document.getElementById('lost').innerText.includes('server is lost')")
    with Server("demo", *SMALL, "--walk-low-gain", "3", base=server.base):
        page.wait_for_selector("#lost", state="hidden")
        is_shown(page, "/walk/low/gain", "3")
        shown = page.evaluate("document.getElementById('fps').textContent")
        page.wait_for_function("before => document.getElementById('fps').textContent !== before", arg=shown)
        assert page.evaluate("window.mark") == "not reloaded"


def test_a_token_is_entered_once_and_then_the_panel_steers(browser, open_desk, wait_until):
    desk = open_desk(token="correct-horse.battery+1")
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(DEADLINE_MS)
    page.goto(f"http://localhost:{desk.port}/")
    for token in ("wrong", "correct-horse.battery+1"):
        page.fill("#token", token)
        page.press("#token", "Enter")
        page.wait_for_url("**/?wrong" if token == "wrong" else f"http://localhost:{desk.port}/")
    page.wait_for_selector("#page-Play .control")
    wait_until(lambda: desk.web._hub.clients and desk.web.watched, "controls and picture to be connected")
    page.close()
    again = context.new_page()
    again.goto(f"http://localhost:{desk.port}/")
    again.wait_for_selector("#page-Play .control", timeout=DEADLINE_MS)
    context.close()
