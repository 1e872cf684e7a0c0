// Nine favourites: a look, a style or a scene on each of the keys 1 to 9, kept in this browser for this server.
// A long press on a look, a style or a scene puts it on a key.

import { Shelf } from "./shelves.js";
import { picture, renew } from "./thumbs.js";
import { element } from "./widgets.js";

const STORED = "bandwalk favourites";
const LONG_MS = 500;
const STILL_PX = 10;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

// What a long press on a button puts on a key.
export function holds(button, kind, name) {
  button.dataset.slot = JSON.stringify({ kind, name });
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing, or what another program wrote
  }
}

export class Slots extends Shelf {
  // recall: by kind, called with a name; present(): the look that is on.
  constructor({ recall, present }) {
    super("Favourites", "slots");
    Object.assign(this, { recall, present, held: stored() });
    this.grid = element("div", { className: "tiles pictures" });
    const add = element("button", { type: "button", textContent: "add the look that is on" });
    add.onclick = () => this.offer({ kind: "look", name: this.present() });
    this.hint = element("p", { className: "note", textContent: "Hold a look, a style or a scene to put it on a key." });
    this.root.append(this.grid, this.hint, element("div", { className: "group" }, add), this.note);
    this.dialog = element("dialog", { id: "put" });
    this.dialog.setAttribute("aria-label", "put on a key");
    this.write();
    this.watch();
  }

  hear() {}

  show(model) {
    if (this.model && this.model !== model) renew(this.grid);
    this.model = model;
  }

  // Recalls what is on a key; false: nothing is.
  press(key) {
    const item = this.held[key];
    if (this.dialog.open) this.put(key, this.offered);
    else if (item) this.recall[item.kind]?.(item.name);
    else return false;
    return true;
  }

  put(key, item) {
    this.dialog.close();
    if (item) this.held[key] = item;
    else delete this.held[key];
    try {
      localStorage.setItem(STORED, JSON.stringify(this.held));
    } catch {
      this.say("this browser keeps it only until the page is closed", true);
    }
    this.write();
  }

  offer(item) {
    if (!item.name) return this.say("no look is on: recall one first", true);
    this.say("");
    this.offered = item;
    const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });
    const keys = KEYS.map((key) => {
      const one = button(key, () => this.put(key, item));
      one.classList.toggle("used", key in this.held);
      one.title = this.held[key]?.name ?? "free";
      return one;
    });
    const heading = element("h3", { textContent: `Put ${item.name} on a key` });
    this.dialog.replaceChildren(heading, element("div", { className: "nine" }, ...keys), button("cancel", () => this.dialog.close()));
    return this.dialog.show();
  }

  write() {
    this.grid.replaceChildren(...KEYS.map((key) => this.tile(key, this.held[key])));
    this.hint.hidden = Object.keys(this.held).length > 0;
  }

  tile(key, item) {
    const tile = element("button", { type: "button", className: item ? "tile" : "tile free" }, element("kbd", { textContent: key }));
    tile.setAttribute("aria-label", item ? `${key}: ${item.name}` : `${key}: free`);
    tile.onclick = () => this.press(key);
    if (!item) return tile;
    if (item.kind !== "scene") tile.append(picture(`thumb/${item.kind}/${encodeURIComponent(item.name)}`));
    tile.append(element("span", { textContent: item.name }));
    tile.dataset.slot = JSON.stringify({ ...item, key });
    return tile;
  }

  // A long press; the click that ends it does nothing.
  watch() {
    let from = null;
    let timer = 0;
    const stop = () => clearTimeout(timer);
    document.addEventListener("pointerdown", (event) => {
      const button = event.target.closest?.("[data-slot]");
      this.isHeld = false;
      stop();
      if (!button || event.button !== 0) return;
      from = event;
      timer = setTimeout(() => this.hold(JSON.parse(button.dataset.slot)), LONG_MS);
    });
    document.addEventListener("pointermove", (event) => {
      if (from && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > STILL_PX) stop();
    });
    for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, stop);
    const swallow = (event) => {
      if (!this.isHeld) return;
      this.isHeld = false;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("click", swallow, true);
    document.addEventListener("contextmenu", (event) => event.target.closest?.("[data-slot]") && event.preventDefault());
  }

  // A favourite that is held is taken off its key.
  hold({ key, ...item }) {
    this.isHeld = true;
    if (key) this.put(key, null);
    else this.offer(item);
  }
}
