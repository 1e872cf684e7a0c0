"""Pages of the panel in a real browser, and how a test's hand moves them."""

import json
import shutil
import time
import urllib.request

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "chromium")
"""The first is the same browser without what draws its window: a page costs half as much computing time."""
DEADLINE_MS = 60_000
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


class Panels:
    """Pages of the panel, each of its own browser profile, and what went wrong in them."""

    def __init__(self, browser):
        self._browser = browser
        self._contexts, self.faults = [], []

    def open(self, server, viewport=WIDE, before="", path="", **kwargs):
        self._contexts.append(self._browser.new_context(viewport=viewport, **kwargs))
        page = self._contexts[-1].new_page()
        page.set_default_timeout(DEADLINE_MS)
        page.add_init_script(before)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda m: self.faults.append(m.text) if "Content Security" in m.text else None)
        page.goto(f"http://127.0.0.1:{server.base + 3}/{path}")
        page.wait_for_selector("#watching" if path else "#page-Play .control")
        return page

    def close(self):
        for context in self._contexts:
            context.close()
        assert not self.faults


def hide(page):
    """Hide a page between the tests: it has nothing open then; one that is shown costs a third of a core."""
    page.evaluate(HIDE, True)


def come_back(page):
    """Show a page that was hidden, and wait until it has the server's values again."""
    page.evaluate("() => document.querySelector('.input b').textContent = ''")
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)
    page.wait_for_function("() => document.querySelector('.input b').textContent")


def wait_for(server, address, is_seen):
    """Wait until the server's value is seen."""
    end = time.monotonic() + DEADLINE_MS / 1e3
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.base + 3}{address}?VALUE", timeout=30) as answer:
            (value,) = json.load(answer)["VALUE"]
        if is_seen(value):
            return
        assert time.monotonic() < end, f"{address} is {value}"
        time.sleep(0.02)  # the server and the page have work to do


def drag(page, address, to):
    """Drag a fader by the pointer to a part of its length."""
    fader = page.locator(f'#desk [data-address="{address}"] input[type="range"]')
    fader.scroll_into_view_if_needed()
    box = fader.bounding_box()
    y, inside = box["y"] + box["height"] / 2, box["width"] - 22
    at = float(fader.input_value()) / float(fader.get_attribute("max"))
    page.mouse.move(box["x"] + 11 + inside * at, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 11 + inside * to, y, steps=5)
    page.mouse.up()


def is_shown(page, address, text):
    page.wait_for_function(
        "([address, text]) => document.querySelector(`#desk [data-address='${address}'] .number`)?.value === text",
        arg=[address, text],
    )
