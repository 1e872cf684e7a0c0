// MIDI: the button that learns, and the card of devices, bindings and maps.

import { Names, Shelf } from "./shelves.js";
import { element } from "./widgets.js";

export const MIDI_SIGNALS = ["/midi/devices", "/midi/learning", "/midi/learned"];

// While it is on, what is touched next in the panel gets the knob or the key that is moved next.
export class Learn {
  constructor(button, note, send) {
    Object.assign(this, { button, note, send, isOn: false, waiting: "" });
    button.onclick = () => this.turn(!this.isOn);
    document.addEventListener("click", (event) => this.touch(event), true);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.isOn && this.turn(false));
  }

  turn(isOn) {
    this.isOn = isOn;
    this.button.setAttribute("aria-pressed", isOn);
    document.body.classList.toggle("learning", isOn); // its rules keep faders from moving
    this.say(isOn ? "touch a control" : "");
    if (!isOn && this.waiting) this.send("/midi/learn", "s", "");
  }

  touch(event) {
    const target = this.isOn && event.target.closest("#desk [data-address], #emergency [data-address]");
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    this.touched = target;
    this.send("/midi/learn", "s", target.dataset.address);
  }

  say(text, isRefusal = false) {
    this.note.textContent = text;
    this.note.hidden = !text;
    this.note.classList.toggle("refusal", isRefusal);
  }

  hear(address, [value, reason]) {
    if (address === "/midi/devices") this.button.hidden = !value;
    if (address === "/midi/learning") this.wait(value);
    if (address === "/midi/learned" && this.isOn) this.say(value);
    if (address === "/error" && value === "/midi/learn" && this.isOn) this.say(reason, true);
  }

  wait(address) {
    this.waiting = address;
    for (const node of document.querySelectorAll("[data-address]")) {
      const isMeant = node.dataset.address === address || node === this.touched;
      node.classList.toggle("waiting", Boolean(address) && isMeant);
    }
    if (!address) this.touched = null;
    if (address && this.isOn) this.say(`${address}: move a knob or press a key`);
  }
}

export class Midi extends Shelf {
  constructor(send) {
    super("MIDI", "midi");
    this.send = send;
    this.devices = new Names((name) => this.turn(name));
    this.bindings = element("ul", { className: "bindings" });
    this.maps = new Names((name) => this.act("/midi/load", name));
    const name = element("input", { type: "text", placeholder: "new map", autocomplete: "off", maxLength: 60 });
    name.setAttribute("aria-label", "name of the map to save");
    const form = element("form", { className: "group" }, name, element("button", { type: "submit", textContent: "save" }));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (name.value.trim()) this.act("/midi/save", name.value.trim());
      name.value = "";
    };
    const above = (textContent) => element("small", { textContent });
    this.root.append(above("devices"), this.devices.root, this.bindings, above("maps"), this.maps.root, form, this.note);
    this.open = new Set();
  }

  act(address, text) {
    this.say("");
    this.send(address, "s", text);
    this.ask();
  }

  turn(name) {
    this.act(this.open.has(name) ? "/midi/close" : "/midi/open", name);
  }

  ask() {
    this.open.clear();
    this.devices.clear();
    this.bindings.replaceChildren();
    this.known = new Set();
    this.maps.clear();
    for (const question of ["ports", "list", "maps"]) this.send(`/midi/${question}`, "");
  }

  hear(address, [value, more]) {
    if (address === "/midi/devices" || address === "/midi/learned") this.ask();
    if (address === "/midi/map") this.maps.add(value);
    if (address === "/midi/binding") this.addBinding(value, more);
    if (address === "/midi/port") {
      if (more) this.open.add(value);
      this.devices.add(value);
      for (const button of this.devices.root.children) button.setAttribute("aria-pressed", this.open.has(button.textContent));
    }
    if (address === "/error" && value.startsWith("/midi/") && value !== "/midi/learn") this.say(more, true);
  }

  addBinding(target, control) {
    if (this.known.has(`${target} ${control}`)) return;
    this.known.add(`${target} ${control}`);
    const forget = element("button", { type: "button", textContent: "forget" });
    forget.setAttribute("aria-label", `forget ${control}`);
    forget.onclick = () => this.act("/midi/forget", target);
    this.bindings.append(element("li", {}, element("span", { textContent: target }), element("small", { textContent: control }), forget));
  }
}
