// The keys: the same table as the viewer's. They do nothing while a text field has the focus, and a control that is
// reached by the keyboard keeps the keys that move it.

import { KEYS } from "./keys.js";
import { element } from "./widgets.js";

const SPELLED = { " ": "space", arrowup: "up", arrowdown: "down", arrowleft: "left", arrowright: "right" };
const ARROWS = ["up", "down", "left", "right"];
const MOVED_BY_ARROWS = "input[type='range'], [role='slider'], [role='tablist'], [role='radiogroup']";

function nameOf(event) {
  const key = event.key.toLowerCase();
  const name = SPELLED[key] ?? key;
  if (!event.ctrlKey && !event.metaKey) return name;
  return `ctrl+${event.shiftKey ? "shift+" : ""}${name}`;
}

const isText = (field) => field?.matches("input:not([type='range']), textarea, select");

export class Keyboard {
  // actions: by what a row does; called with the row, the key's name and the event, true if something was done.
  constructor(actions) {
    this.actions = { ...actions, help: () => this.toggleHelp() };
    this.isPointed = true; // what has the focus got it from a pointer
    this.root = element("dialog", { id: "keys" });
    this.root.setAttribute("aria-label", "keys");
    const close = element("button", { type: "button", textContent: "close" });
    const head = element("header", {}, element("h3", { textContent: "Keys" }), close);
    close.onclick = () => this.root.close();
    const rows = KEYS.filter(({ does }) => does in this.actions).flatMap(({ names, doc }) => [
      element("dt", {}, ...names.map((name) => element("kbd", { textContent: name }))),
      element("dd", { textContent: doc }),
    ]);
    this.root.append(head, element("dl", {}, ...rows));
    document.addEventListener("pointerdown", () => (this.isPointed = true), true);
    document.addEventListener("keydown", (event) => this.press(event));
  }

  toggleHelp() {
    if (this.root.open) this.root.close();
    else this.root.show();
    return true;
  }

  press(event) {
    const name = nameOf(event);
    if (name === "tab") this.isPointed = false;
    if (name === "escape") for (const open of document.querySelectorAll("dialog[open]")) open.close();
    if (event.defaultPrevented || event.altKey || this.isTaken(name)) return;
    const keys = KEYS.filter(({ names }) => names.includes(name));
    if (!keys.some((key) => this.actions[key.does]?.(key, name, event))) return;
    event.preventDefault();
    if (document.activeElement?.matches("button, summary")) document.activeElement.blur(); // else space presses it, too
  }

  // Whether what has the focus uses the key itself.
  isTaken(name) {
    const focused = document.activeElement;
    if (isText(focused)) return true;
    if (ARROWS.includes(name)) return Boolean(focused?.closest(MOVED_BY_ARROWS));
    return name === "space" && !this.isPointed && focused?.matches("button, summary");
  }
}
