// What a telephone needs: blackout, freeze and bumps under the thumb, one band at a time, a screen that stays awake.

import { element } from "./widgets.js";

const PHONE = matchMedia("(max-width: 760px)");

// Moves the buttons that must always be reached to the bar at the bottom, or back into the header.
export function keepUnderTheThumb(buttons, header, bar) {
  const place = () => (PHONE.matches ? bar : header).append(buttons);
  PHONE.addEventListener("change", place);
  place();
}

// Buttons that choose which of the bands is shown; only a narrow page has them.
export function bandChooser(names) {
  const root = element("div", { className: "group which", role: "radiogroup" });
  root.setAttribute("aria-label", "band");
  const buttons = names.map((name) => {
    const button = element("button", { type: "button", role: "radio", className: name, textContent: name });
    button.onclick = () => choose(name);
    return button;
  });
  const choose = (name) => {
    root.dataset.band = name;
    for (const button of buttons) button.setAttribute("aria-checked", button.textContent === name);
  };
  root.append(...buttons);
  choose(names[0]);
  return root;
}

// Keeps the screen awake while the page is seen, and says whether it does.
export class Wake {
  constructor(note) {
    this.note = note;
    this.tell(false);
    document.addEventListener("visibilitychange", () => this.ask());
    document.addEventListener("pointerdown", () => this.lock || this.ask());
    this.ask();
  }

  async ask() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.onrelease = () => {
        this.lock = null;
        this.tell(false);
      };
      this.tell(true);
    } catch {
      this.tell(false); // a battery that is nearly empty, for one
    }
  }

  tell(isAwake) {
    const why = navigator.wakeLock ? "" : "; browsers keep it awake only over https, or on the server's own machine";
    this.note.textContent = isAwake ? "The screen of this device is kept awake." : `The screen of this device may go dark${why}.`;
  }
}
