"""The page Sound in a real browser: songs are dropped and chosen, the wave is pressed; what goes wrong is said."""

import numpy as np
import pytest
import soundfile
from panels import PHONE, hide, wait_for
from server import Server

RATE = 8000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder of this device: a song that gets louder, and a text that is called one."""
    folder = tmp_path_factory.mktemp("files")
    soundfile.write(folder / "rise.wav", np.linspace(0, 1, 40 * RATE) * np.sin(np.arange(40 * RATE)), RATE)
    soundfile.write(folder / "Café.flac", np.zeros(10 * RATE), RATE)
    (folder / "text.mp3").write_text("this is no sound\n")
    return folder


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    return tmp_path_factory.mktemp("music")


@pytest.fixture(scope="module")
def server(tmp_path_factory, music):
    folders = ("--music", music, "--presets", tmp_path_factory.mktemp("presets"))
    with Server("demo", "--size", "64x64", "--threads", "1", "--fps", "5", *folders) as running:
        yield running


@pytest.fixture(scope="module")
def page(shared_page):
    return shared_page


def drop(page, *paths):
    """Drag files over the picture, far from the field for them, and let them go there: the browser's own events."""
    box = page.locator("#picture").bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"x": box["x"] + 40, "y": box["y"] + 40}
        session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
        if kind == "dragOver":
            page.wait_for_selector("body.dropping")
    session.detach()


def test_songs_are_dropped_and_played_and_their_wave_is_pressed(server, music, files, page):
    uploads, song = page.locator(".card.uploads"), page.locator(".card.song")
    page.locator("#tab-Sound").click()
    song.locator(".told", has_text="the demo has no wave").wait_for()
    page.locator("#tab-Play").click()
    drop(page, files / "text.mp3", files / "rise.wav")
    uploads.locator("li", has_text="text.mp3: no sound that can be read in it").wait_for()
    uploads.locator("li", has_text="rise.wav is in the music folder").get_by_role("button", name="play").click()
    assert page.locator("body.dropping").count() == 0
    assert sorted(path.name for path in music.iterdir()) == ["rise.wav"]
    wait_for(server, "/audio/source", lambda name: name == "rise.wav")
    page.locator(".sources .names button[aria-pressed='true']", has_text="rise 0:40").wait_for()
    song.get_by_role("button", name="pause").click()
    wave = song.get_by_label("position in the song")
    page.wait_for_function(LOUD_PARTS)  # the wave is drawn: silent on the left, loud on the right
    wave.locator(".told:empty").wait_for(state="attached")  # it is whole
    box = wave.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 50)
    wait_for(server, "/transport/position", lambda at: 9.5 < at < 10.5)
    song.get_by_role("button", name="2", exact=True).click()
    wait_for(server, "/cue/at/2", lambda at: 9.5 < at < 10.5)
    mark = wave.locator(".cue", has_text="2")
    mark.wait_for()
    assert mark.bounding_box()["x"] - box["x"] == pytest.approx(box["width"] / 4, abs=4)
    assert wave.locator(".cue").locator("visible=true").count() == 1
    song.get_by_role("button", name="loop from here").click()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 50, steps=4)
    page.mouse.up()
    wait_for(server, "/transport/position", lambda at: 29.5 < at < 30.5)
    song.get_by_role("button", name="loop to here").click()
    wait_for(server, "/loop/out", lambda at: 29.5 < at < 30.5)
    loop = wave.locator(".loop").bounding_box()
    assert loop["x"] - box["x"] == pytest.approx(box["width"] / 4, abs=4)
    assert loop["width"] == pytest.approx(box["width"] / 2, abs=6)
    wave.focus()
    page.keyboard.press("ArrowLeft")
    wait_for(server, "/transport/position", lambda at: 24.5 < at < 25.5)
    page.keyboard.press("Home")
    wait_for(server, "/transport/position", lambda at: at < 0.5)


LOUD_PARTS = """() => {
  const paper = document.querySelector('.wave canvas');
  if (!paper.width) return false;
  const { data, width, height } = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height);
  const column = (share) => {
    const x = Math.floor(share * (width - 1));
    let count = 0;
    for (let y = 0; y < height; y += 1) count += data[4 * (y * width + x) + 3] > 100;
    return count / height;
  };
  return column(0.1) < 0.2 && column(0.5) > 0.4 && column(0.5) < 0.6 && column(0.95) > 0.85;
}"""


def test_a_song_is_chosen_on_a_telephone_and_its_wave_is_touched(server, panels, files, music, page):
    phone = panels.open(server, PHONE, has_touch=True)
    phone.locator("#tab-Sound").tap()
    for name in ("Café.flac", "Café 2.flac"):
        with phone.expect_file_chooser() as chooser:
            phone.get_by_role("button", name="choose songs").tap()
        chooser.value.set_files(files / "Café.flac")
        phone.locator(".uploads li", has_text=f"{name} is in the music folder").wait_for()
        assert (music / name).exists()
    page.locator(".sources .names button", has_text="Café 2 0:10").wait_for()  # the other panel has them, too
    phone.locator(".uploads li", has_text="Café.flac was there already").get_by_role("button", name="play").tap()
    wave = phone.get_by_label("position in the song")
    phone.locator(".song .time", has_text="of 0:10").wait_for()
    phone.locator(".song").get_by_role("button", name="pause").tap()
    wave.scroll_into_view_if_needed()
    box = wave.bounding_box()
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 50)
    wait_for(server, "/transport/position", lambda at: 4.5 < at < 5.5)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hide(phone)


def test_the_page_for_a_second_screen_shows_what_goes_wrong_for_others(server, panels, osc):
    page = panels.open(server, path="monitor")
    page.wait_for_function("() => Number(document.getElementById('fps').textContent) > 0")
    osc.send("/audio/source", "no-such-song.wav")
    page.locator("#faults li", has_text="/audio/source: opening").wait_for()
    assert "no-such-song.wav" in page.locator("#faults").inner_text()
