// What differs from the look that is on: a mark on each control, their number on a button, and a list to reset them.
// While a scene waits or glides in, its values are nobody's change, and nothing is marked.

import { element, isSame } from "./widgets.js";

export const LOOK_SIGNAL = "/scene/current";
const COMING_SIGNAL = "/scene/pending";

export class Look {
  // controlsOf(address): those of one; all(): those of each; history: gets resets; save(): goes where looks are saved.
  constructor(button, { controlsOf, all, history, say, save }) {
    Object.assign(this, { button, controlsOf, all, history, say, save, name: "", coming: "", values: {} });
    Object.assign(this, { touched: new Set(), stale: new Set() });
    this.list = element("dialog", { id: "differences" });
    this.written = "";
    this.list.setAttribute("aria-label", "what differs from the look");
    button.onclick = () => this.toggle();
  }

  ask() {
    this.follow(this.name);
  }

  // Another look is on, by whose hand ever.
  async follow(name) {
    this.name = name;
    const values = await this.read(name);
    if (!values || this.name !== name) return;
    this.values = values;
    this.markAll();
  }

  // The values of a look by address; of none: where everything rests.
  async read(name) {
    try {
      const answer = await fetch(`look/${encodeURIComponent(name)}`);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // the server is lost: that is said elsewhere
    }
  }

  hear(address, [value]) {
    if (address === LOOK_SIGNAL && value !== this.name) {
      this.touched.clear();
      this.markAll();
      this.values = {}; // until those of the new one have come
      this.follow(value);
    }
    if (address === COMING_SIGNAL && value !== this.coming) {
      this.coming = value;
      this.markAll();
    }
    if (address in this.values) this.mark(address);
  }

  // A hand in this panel changed something.
  touch(address) {
    this.touched.add(address);
  }

  // Remembers a recall as one change.
  async recalled(name) {
    this.touched.clear();
    const { name: left } = this; // the server may say the new one while its values are read
    const before = this.present();
    const values = await this.read(name);
    if (!values) return;
    const changes = Object.entries(values).filter(([address]) => before.has(address));
    const pairs = changes.map(([address, value]) => [address, [before.get(address), value]]);
    this.history.noteAll(name, pairs, [left, name]);
    if (name === this.name) this.follow(name);
  }

  // The look was saved under this name: nothing differs from it.
  keep(name) {
    this.touched.clear();
    this.name = name;
    this.values = Object.fromEntries(this.present());
    this.markAll();
  }

  // The values of what is part of a look, by address.
  present() {
    const controls = this.all().map(([control]) => control).filter((control) => control.isLook);
    return new Map(controls.map((control) => [control.address, control.value]));
  }

  isOther(address) {
    const [control] = this.controlsOf(address);
    return Boolean(control) && address in this.values && !isSame(control.value, this.values[address]);
  }

  get differing() {
    return Object.keys(this.values).filter((address) => this.isOther(address));
  }

  // What was changed here by hand since the last recall, and would be lost by the next.
  get unsaved() {
    return [...this.touched].filter((address) => this.isOther(address));
  }

  mark(address) {
    if (!this.stale.size) requestAnimationFrame(() => this.draw());
    this.stale.add(address);
  }

  draw() {
    for (const address of this.stale) for (const control of this.controlsOf(address)) control.differ(!this.coming && this.isOther(address));
    this.stale.clear();
    this.count();
  }

  markAll() {
    for (const address of Object.keys(this.values)) this.mark(address);
  }

  count() {
    const { length } = this.differing;
    this.button.hidden = !length || Boolean(this.coming);
    this.button.textContent = `${length} changed`;
    this.button.title = `${length} values differ from ${this.name ? `the look ${this.name}` : "where everything rests"}`;
    if (this.list.open) this.write();
  }

  toggle() {
    if (this.list.open) this.list.close();
    else {
      this.write();
      this.list.show();
    }
  }

  // The buttons stay while they are pressed: values come all the time, and seldom change what is listed.
  write() {
    const addresses = this.differing;
    if (!addresses.length) return this.list.close();
    const listed = [this.name, ...addresses].join(" ");
    if (listed === this.written) return null;
    this.written = listed;
    const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });
    const items = addresses.map((address) => {
      const one = button("reset", () => this.reset([address]));
      one.setAttribute("aria-label", `reset ${address}`);
      return element("li", {}, element("span", { textContent: this.nameOf(address) }), one);
    });
    const save = button("save as a look", () => (this.list.close(), this.save()));
    const all = button("reset all", () => this.reset(addresses));
    const close = button("close", () => this.list.close());
    const head = element("h3", { textContent: `Differs from ${this.name || "where everything rests"}` });
    return this.list.replaceChildren(head, element("ul", {}, ...items), element("div", { className: "group" }, all, save, close));
  }

  // A control's name with that of its card.
  nameOf(address) {
    const [control] = this.controlsOf(address);
    const heading = control.root.closest(".card")?.querySelector("h3, summary b")?.textContent ?? "";
    return `${heading} ${control.name}`.trim().toLowerCase();
  }

  // Sets these values back to the look's, as one change.
  reset(addresses) {
    const changes = addresses.filter((address) => this.isOther(address)).map((address) => {
      const [control] = this.controlsOf(address);
      const before = control.value;
      for (const each of this.controlsOf(address)) each.put(this.values[address]);
      return [address, [before, this.values[address]]];
    });
    this.history.noteAll(changes.length === 1 ? this.controlsOf(addresses[0])[0].name : `reset ${changes.length} values`, changes);
    this.say(changes.length ? `${changes.length} as in the look` : "it is as in the look");
  }
}
