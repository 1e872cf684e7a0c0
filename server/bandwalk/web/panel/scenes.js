// Scenes: the list with a button for each, what waits, and the autopilot.

import { Shelf } from "./shelves.js";
import { holds } from "./slots.js";
import { element } from "./widgets.js";

export const SCENE_SIGNALS = ["/scene/current", "/scene/pending", "/scene/place", "/auto/told"];

export class Scenes extends Shelf {
  constructor(send, controls) {
    super("Scenes", "scenes");
    Object.assign(this, { send, current: "", pending: "", at: 0, expected: 0, items: [], waiting: [], names: new Set() });
    this.list = element("ol", { className: "scenes" });
    this.told = element("p", { className: "note", hidden: true });
    this.told.setAttribute("role", "status");
    this.editing = element("button", { type: "button", textContent: "edit" });
    this.editing.setAttribute("aria-pressed", false);
    this.editing.onclick = () => this.edit(!this.isEditing);
    this.root.querySelector("header").append(this.editing);
    const steps = element("div", { className: "group" }, this.push("previous"), this.push("next"));
    this.root.append(this.list, steps, this.form(), ...controls, this.told, this.note);
    this.edit(false);
  }

  push(name) {
    const button = element("button", { type: "button", className: "push", textContent: name });
    button.dataset.address = `/scene/${name}`;
    button.onclick = () => this.act(`/scene/${name}`, "");
    return button;
  }

  form() {
    this.choices = element("datalist", { id: "scene-presets" });
    this.name = element("input", { type: "text", placeholder: "look to add", autocomplete: "off", maxLength: 60 });
    this.name.setAttribute("list", "scene-presets");
    this.name.setAttribute("aria-label", "look to add as a scene");
    const add = element("button", { type: "submit", textContent: "add" });
    add.title = "Adds the look that is written beside it, or else the one that is on.";
    const form = element("form", { className: "group" }, this.name, add, this.choices);
    form.onsubmit = (event) => {
      event.preventDefault();
      const look = this.name.value.trim() || this.current;
      if (look) this.act("/scene/add", "s", look);
      this.name.value = "";
    };
    return form;
  }

  act(address, tags, ...values) {
    this.say("");
    this.send(address, tags, ...values);
  }

  edit(isEditing) {
    this.isEditing = isEditing;
    this.editing.setAttribute("aria-pressed", isEditing);
    this.root.classList.toggle("editing", isEditing);
    this.write();
  }

  ask() {
    this.send("/scene/list", "");
  }

  again() {
    this.ask();
  }

  hear(address, values) {
    const [value] = values;
    if (address === "/scene/count") this.begin(value);
    else if (address === "/scene/item") this.add(values);
    else if (address === "/preset/name") this.offer(value);
    else if (address === "/error" && value.startsWith("/scene")) this.say(values[1], true);
    else if (address === "/scene/current") this.change("current", value);
    else if (address === "/scene/pending") this.change("pending", value);
    else if (address === "/scene/place") this.change("at", value);
    else if (address === "/auto/told") {
      this.told.textContent = `autopilot, ${value}`;
      this.told.hidden = !value;
    }
  }

  begin(count) {
    this.expected = count;
    this.waiting = [];
    if (!count) this.take();
  }

  add([place, preset, model]) {
    this.waiting[place - 1] = { preset, model };
    if (this.waiting.filter(Boolean).length === this.expected) this.take();
  }

  take() {
    const isSame = JSON.stringify(this.waiting) === JSON.stringify(this.items);
    this.items = this.waiting;
    if (!isSame) this.write();
  }

  offer(name) {
    if (this.names.has(name)) return;
    this.names.add(name);
    this.choices.append(element("option", { value: name }));
  }

  change(what, value) {
    if (this[what] === value) return;
    this[what] = value;
    this.mark();
  }

  write() {
    this.list.replaceChildren(...this.items.map((item, i) => this.row(item, i + 1)));
    this.mark();
  }

  row({ preset, model }, place) {
    const go = element("button", { type: "button", className: "go", textContent: model ? `${preset} \u00b7 ${model}` : preset });
    go.dataset.address = `/scene/go ${place}`;
    go.dataset.preset = preset;
    holds(go, "scene", preset);
    // What waits is given up by a second touch.
    go.onclick = () => this.act("/scene/go", "s", go.classList.contains("pending") ? "" : String(place));
    if (!this.isEditing) return element("li", {}, go);
    const tools = [
      ["\u2191", "up", () => place > 1 && this.act("/scene/move", "ii", place, place - 1)],
      ["\u2193", "down", () => place < this.items.length && this.act("/scene/move", "ii", place, place + 1)],
      ["\u00d7", "remove", () => this.act("/scene/remove", "i", place)],
    ].map(([textContent, what, onclick]) => {
      const button = element("button", { type: "button", className: "tool", textContent });
      button.setAttribute("aria-label", `${what}: ${preset}`);
      button.onclick = onclick;
      return button;
    });
    return element("li", {}, go, ...tools);
  }

  mark() {
    this.name.placeholder = this.current ? `${this.current}, or another look` : "look to add";
    [...this.list.children].forEach((item, i) => {
      const go = item.firstChild;
      const isCurrent = go.dataset.preset === this.current && (!this.at || this.at === i + 1);
      go.setAttribute("aria-pressed", isCurrent);
      go.classList.toggle("pending", go.dataset.preset === this.pending);
    });
  }
}
