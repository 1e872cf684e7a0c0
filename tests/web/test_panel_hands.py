"""The panel in a real browser, under a hand: keys, full screen, undo, what differs from the look, thumbs."""

import io
from pathlib import Path

import pytest
from panels import PHONE, come_back, drag, hide, is_shown, wait_for
from PIL import Image
from server import Server

from bandwalk_client.keys import PANEL_KEYS


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets")
    (folder / "mild.toml").write_text("format = 2\n[master]\nintensity = 0.5\n[style]\nseed = 3\n")
    with Server("demo", "--size", "64x64", "--threads", "1", "--fps", "10", "--presets", folder) as running:
        yield running


@pytest.fixture(scope="module")
def shared_phone(panels, server):
    """A telephone's page, in a browser that cannot keep the screen awake."""
    cannot = "Object.defineProperty(navigator, 'wakeLock', { value: undefined })"
    return panels.open(server, PHONE, has_touch=True, before=cannot)


@pytest.fixture
def phone(shared_phone):
    """That page, hidden between the tests."""
    come_back(shared_phone)
    yield shared_phone
    hide(shared_phone)


@pytest.fixture
def page(shared_page, panels, server, osc):
    """The page that the tests share, everything at rest, its first tab chosen."""
    shared_page.locator("#tab-Play").click()
    for address, value in (("/master/intensity", 1.0), ("/master/speed", 1.0), ("/style/psi", 1.0)):
        osc.send(address, value)
        wait_for(server, address, lambda now, value=value: now == value)
    is_shown(shared_page, "/master/intensity", "1")
    is_shown(shared_page, "/master/speed", "1")
    yield shared_page
    assert not panels.faults


def says(page, text):
    page.wait_for_function("text => document.getElementById('notice').textContent.includes(text)", arg=text)


def differ(page, number):
    shown = "" if not number else f"{number} changed"
    page.wait_for_function(
        "shown => { const one = document.getElementById('differing'); return shown ? !one.hidden && "
        "one.textContent === shown : one.hidden; }",
        arg=shown,
    )


def test_the_viewers_keys_steer(server, page):
    page.locator("#tab-Picture").click()  # by a pointer: space does not press what has been clicked
    page.keyboard.press("Space")
    wait_for(server, "/master/freeze", bool)
    assert page.locator("#tab-Picture").get_attribute("aria-selected") == "true"
    page.keyboard.press("Space")
    wait_for(server, "/master/freeze", lambda on: not on)
    for key, address, value in (
        ("b", "/master/blackout", True),
        ("b", "/master/blackout", False),
        ("ArrowUp", "/master/intensity", 1.1),
        ("ArrowDown", "/master/intensity", 1.0),
        ("ArrowRight", "/style/psi", 1.05),
        ("ArrowLeft", "/style/psi", 1.0),
    ):
        page.keyboard.press(key)
        wait_for(server, address, lambda now, value=value: now == pytest.approx(value))
    page.keyboard.press("2")
    says(page, "bump mid")
    page.keyboard.press("r")
    wait_for(server, "/style/seed", lambda seed: seed != 1)


def test_keys_are_listed_and_do_nothing_in_a_field(server, page):
    page.keyboard.press("?")
    listed = page.locator("#keys kbd").all_inner_texts()
    assert listed == [name for key in PANEL_KEYS for name in key.names]
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    field = page.locator(".presets form input[type='text']")
    field.click()
    page.keyboard.type("b ?f1")
    assert field.input_value() == "b ?f1"
    assert page.locator("#keys").is_hidden()
    assert not page.evaluate("document.body.classList.contains('full')")
    field.fill("")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("ArrowUp")  # after all that was typed
    wait_for(server, "/master/intensity", lambda now: now == pytest.approx(1.1))
    wait_for(server, "/master/blackout", lambda on: not on)


def test_the_picture_fills_the_screen_and_is_saved(page):
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement")
    page.wait_for_function(
        "() => { const box = document.getElementById('picture').getBoundingClientRect();"
        " return box.width === innerWidth && box.height === innerHeight; }"
    )
    page.wait_for_function("() => window.panel.shown > 0")
    with page.expect_download() as download:
        page.keyboard.press("s")
    assert download.value.suggested_filename.startswith("bandwalk-")
    assert Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).size == (64, 64)
    page.keyboard.press("f")
    page.wait_for_function("() => !document.fullscreenElement && !document.body.classList.contains('full')")
    page.locator("#picture").dblclick()
    page.wait_for_selector("body.full")
    page.keyboard.press("Escape")
    page.wait_for_selector("body:not(.full)")


def test_ones_own_changes_are_undone_a_drag_at_once_and_others_stay(server, page, osc):
    drag(page, "/master/speed", 0.4)  # five moves of the pointer
    drag(page, "/master/intensity", 0.6)
    dragged = page.locator("[data-address='/master/intensity'] .number").input_value()
    page.keyboard.press("Control+z")
    is_shown(page, "/master/intensity", "1")
    wait_for(server, "/master/intensity", lambda now: now == 1.0)
    page.locator("#redo").click()
    is_shown(page, "/master/intensity", dragged)
    page.keyboard.press("Control+z")
    is_shown(page, "/master/intensity", "1")
    osc.send("/master/speed", 2.0)  # another hand
    is_shown(page, "/master/speed", "2")
    page.locator("#undo").click()
    says(page, "changed by others")
    wait_for(server, "/master/speed", lambda now: now == 2.0)
    page.locator("h1").click()
    page.keyboard.press("Control+Shift+Z")
    says(page, "changed by others")
    page.keyboard.press("Control+Shift+Z")
    is_shown(page, "/master/intensity", dragged)


def test_what_differs_from_the_look_is_marked_and_reset(server, page):
    page.locator(".presets .names").get_by_role("button", name="mild", exact=True).click()
    if page.locator("#ask").is_visible():
        page.get_by_role("button", name="recall mild").click()
    is_shown(page, "/master/intensity", "0.5")
    differ(page, 0)
    drag(page, "/master/intensity", 0.6)
    page.wait_for_selector("#desk [data-address='/master/intensity'].differs")
    page.locator("#desk [data-address='/master/intensity'] label").dblclick()
    is_shown(page, "/master/intensity", "0.5")
    differ(page, 0)
    page.keyboard.press("Control+z")  # a reset is a change
    differ(page, 1)
    drag(page, "/master/speed", 0.5)
    differ(page, 2)
    page.locator("#differing").click()
    page.keyboard.press("Escape")
    page.locator("#differences").wait_for(state="hidden")
    page.locator("#differing").click()
    assert page.locator("#differences li span").all_inner_texts() == ["master intensity", "master speed"]
    page.get_by_role("button", name="reset all").click()
    page.locator("#differences").wait_for(state="hidden")
    differ(page, 0)
    wait_for(server, "/master/speed", lambda now: now == 1.0)
    page.keyboard.press("Control+z")  # both at once
    differ(page, 2)
    page.locator(".presets .names").get_by_role("button", name="mild", exact=True).click()
    page.locator("#ask", has_text="2 changes of yours are not saved").wait_for()
    page.get_by_role("button", name="cancel").click()
    differ(page, 2)
    page.keyboard.press("Control+Shift+Z")
    differ(page, 0)
    wait_for(server, "/master/intensity", lambda now: now == 0.5)
    page.locator(".presets .names").get_by_role("button", name="tide", exact=True).click()  # nothing to ask about
    wait_for(server, "/master/intensity", lambda now: now != 0.5)
    page.keyboard.press("Control+z")
    wait_for(server, "/master/intensity", lambda now: now == 0.5)
    wait_for(server, "/style/seed", lambda now: now == 3)
    page.locator(".presets .names [aria-pressed='true']", has_text="mild").wait_for()  # and it is the look that is on
    differ(page, 0)


def test_a_random_seed_is_one_touch(server, page):
    page.locator("#tab-Picture").click()
    button = page.locator("[data-address='/style/seed'] button[title='random']")
    before = page.locator("[data-address='/style/seed'] .number").input_value()
    button.click()
    wait_for(server, "/style/seed", lambda seed: str(seed) != before)


def test_pages_stay_where_they_were_left(page):
    desk = page.locator("#desk")
    page.locator("#tab-Picture").click()
    desk.evaluate("desk => { desk.scrollTop = 300; }")
    for tab, at in (("Styles", 0), ("Picture", 300)):
        page.locator(f"#tab-{tab}").click()
        assert desk.evaluate("desk => desk.scrollTop") == at


def test_two_touches_on_a_name_reset_it(phone, osc):
    phone.locator("#tab-Play").tap()
    osc.send("/preset/recall", "mild")
    is_shown(phone, "/master/intensity", "0.5")
    differ(phone, 0)
    osc.send("/master/intensity", 2.0)
    differ(phone, 1)  # another's change is one, too
    name = phone.locator("#desk [data-address='/master/intensity'] label")
    number = phone.locator("#desk [data-address='/master/intensity'] .number")
    for _ in range(100):  # two of them quick enough for the busiest machine
        name.tap()
        if number.input_value() == "0.5":
            break
    is_shown(phone, "/master/intensity", "0.5")
    differ(phone, 0)


def test_a_long_press_puts_a_look_on_a_key_and_the_key_recalls_it(server, page, osc):
    osc.send("/preset/recall", "mild")
    wait_for(server, "/master/intensity", lambda now: now == 0.5)
    differ(page, 0)
    tide = page.locator(".presets .names").get_by_role("button", name="tide", exact=True)
    tide.scroll_into_view_if_needed()
    box = tide.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.locator("#put", has_text="Put tide on a key").wait_for()
    page.mouse.up()
    page.keyboard.press("4")
    page.get_by_label("4: tide", exact=True).wait_for()
    assert page.locator("#put").is_hidden()
    wait_for(server, "/master/intensity", lambda now: now == 0.5)  # the long press recalled nothing
    page.keyboard.press("4")
    wait_for(server, "/master/intensity", lambda now: now == pytest.approx(0.3))
    page.reload()
    page.wait_for_selector("#page-Play .control")
    page.get_by_label("4: tide", exact=True).wait_for()  # the browser has kept it
    page.get_by_role("button", name="add the look that is on").click()
    page.locator("#put").wait_for()
    page.keyboard.press("1")
    page.get_by_label("1: tide", exact=True).wait_for()
    assert "bump" not in page.locator("#notice").text_content()  # what the key does where nothing is on it
    osc.send("/preset/recall", "mild")
    wait_for(server, "/master/intensity", lambda now: now == 0.5)
    page.get_by_label("1: tide", exact=True).click()
    wait_for(server, "/master/intensity", lambda now: now == pytest.approx(0.3))


def test_looks_and_directions_are_pictures(page):
    drawn = "where => [...document.querySelectorAll(`${where} img`)].some((image) => image.naturalWidth === 128)"
    page.wait_for_function(drawn, arg=".presets")
    page.locator("#tab-Directions").click()
    page.wait_for_function(drawn, arg=".direction")
    page.locator("#tab-Server").click()
    assert page.get_by_text("The screen of this device").is_visible()


def test_a_telephone_has_one_band_a_list_of_directions_and_blackout_under_the_thumb(server, phone):
    for tab, shown, hidden in (
        ("Bands", ".band.low", ".band.mid"),
        ("Directions", ".direction summary", ".direction .control"),
    ):
        phone.locator(f"#tab-{tab}").tap()
        assert phone.locator(shown).first.is_visible()
        assert not phone.locator(hidden).first.is_visible()
    assert phone.evaluate("document.getElementById('desk').scrollHeight") < 2500
    phone.locator(".direction summary").first.tap()
    assert phone.locator(".direction .control").first.is_visible()
    phone.locator("#tab-Bands").tap()
    phone.locator(".which").get_by_text("mid").tap()
    assert phone.locator(".band.mid").is_visible()
    assert not phone.locator(".band.low").is_visible()
    phone.evaluate("document.getElementById('desk').scrollTop = 10000")
    button = phone.locator("#bar [data-address='/master/blackout'] button")
    assert button.bounding_box()["y"] > PHONE["height"] * 0.75
    button.tap()
    wait_for(server, "/master/blackout", bool)
    button.tap()
    wait_for(server, "/master/blackout", lambda on: not on)
    assert phone.locator("#bar .pad").count() == 3
    phone.locator("#tab-Server").tap()
    phone.get_by_text("The screen of this device may go dark; browsers keep it awake only over https").wait_for()


def test_a_second_screen_shows_how_the_show_does_and_changes_nothing(server, panels, osc):
    osc.send("/preset/recall", "mild")
    page = panels.open(server, path="monitor")
    page.locator("#now", has_text="mild").wait_for()
    page.wait_for_function("() => window.panel.shown > 0 && Number(document.getElementById('bpm').textContent) > 60")
    page.wait_for_function("() => document.querySelector('#bars .low').style.getPropertyValue('--level') > '0.1'")
    page.wait_for_function("() => Number(document.getElementById('fps').textContent) > 0")
    assert page.locator("#source").inner_text() == "demo"
    assert page.locator("#count i").count() == 4
    assert page.locator("button, input, a").count() == 0
    page.keyboard.press("b")
    osc.send("/master/freeze", 1)
    page.locator("#freeze").wait_for()
    assert page.locator("#blackout").is_hidden()
    osc.send("/master/freeze", 0)
    osc.send("/master/blackout", 1)
    page.locator("#blackout").wait_for()
    osc.send("/master/blackout", 0)
    page.locator("#blackout").wait_for(state="hidden")
