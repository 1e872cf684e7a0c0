// The larger parts: presets, models, the position in the song, and the server's statistics.

import { element } from "./widgets.js";

const title = (text) => element("h3", { textContent: text });

// A list of names, which the server sends one by one, as buttons.
export class Names {
  constructor(chosen, addressOf = () => "") {
    this.chosen = chosen;
    this.addressOf = addressOf; // what a MIDI key that learns this button does
    this.root = element("div", { className: "names" });
    this.names = [];
  }

  add(name) {
    if (this.names.includes(name)) return;
    this.names.push(name);
    const button = element("button", { type: "button", textContent: name });
    button.onclick = () => this.chosen(name);
    this.root.append(button);
    this.readdress();
  }

  readdress() {
    for (const button of this.root.children) {
      const address = this.addressOf(button.textContent);
      if (address) button.dataset.address = address;
    }
  }

  clear() {
    this.names = [];
    this.root.replaceChildren();
  }

  mark(name) {
    for (const button of this.root.children) button.setAttribute("aria-pressed", button.textContent === name);
  }
}

export class Shelf {
  constructor(heading, kind) {
    this.root = element("section", { className: `card ${kind}` }, element("header", {}, title(heading)));
    this.note = element("p", { className: "note", hidden: true });
    this.note.setAttribute("role", "status");
  }

  say(text, isRefusal = false) {
    this.note.textContent = text;
    this.note.hidden = !text;
    this.note.classList.toggle("refusal", isRefusal);
  }
}

export class Presets extends Shelf {
  constructor(send) {
    super("Presets", "presets");
    this.send = send;
    this.names = new Names(
      (name) => this.recall(name),
      (name) => `/preset/recall "${name.replace(/["\\]/g, "\\$&")}" ${this.glide.value}`,
    );
    this.glide = element("input", { type: "range", id: "glide", min: 0, max: 20, step: 0.5, value: 0 });
    this.seconds = element("span", { className: "value", textContent: "at once" });
    this.glide.oninput = () => this.showGlide();
    const label = element("label", { htmlFor: "glide", textContent: "glide time" });
    this.name = element("input", { type: "text", placeholder: "new preset", autocomplete: "off", maxLength: 60 });
    this.name.setAttribute("aria-label", "name of the preset to save");
    const save = element("button", { type: "submit", textContent: "save" });
    const form = element("form", { className: "group" }, this.name, save);
    form.onsubmit = (event) => this.save(event);
    const control = element("div", { className: "control slider" }, label, this.glide, this.seconds);
    this.root.append(this.names.root, control, form, this.note);
  }

  showGlide() {
    const seconds = Number(this.glide.value);
    this.seconds.textContent = seconds ? `${seconds} s` : "at once";
    this.glide.style.setProperty("--at", seconds / 20);
    this.names.readdress();
  }

  recall(name) {
    this.say("");
    this.names.mark(name);
    this.send("/preset/recall", "sf", name, Number(this.glide.value));
  }

  save(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) return;
    this.say("");
    this.saving = name;
    this.send("/preset/save", "s", name);
    this.name.value = "";
    this.ask();
  }

  ask() {
    this.names.clear();
    this.send("/preset/list", "");
  }

  hear(address, values) {
    if (address === "/preset/name") {
      this.names.add(values[0]);
      if (values[0] === this.saving) {
        this.say(`saved as ${this.saving}`);
        this.saving = null;
      }
    }
    if (address === "/error" && values[0].startsWith("/preset/")) {
      this.saving = null;
      this.say(values[1], true);
    }
  }
}

export class Models extends Shelf {
  constructor(send) {
    super("Model", "models");
    this.send = send;
    this.names = new Names((name) => this.load(name));
    this.root.append(this.names.root, this.note);
  }

  load(name) {
    this.say(`loading ${name}; the show continues`);
    this.wanted = name;
    this.send("/model/load", "s", name);
  }

  ask() {
    this.names.clear();
    this.send("/model/list", "");
    if (this.playing) this.show(this.playing);
  }

  // The frame names the model that drew it.
  show(playing) {
    this.playing = playing;
    this.names.mark(this.names.names.find((name) => name === playing || name.replace(/\.[^.]+$/, "") === playing));
    if (this.wanted?.startsWith(playing)) {
      this.wanted = null;
      this.say("");
    }
  }

  hear(address, values) {
    if (address === "/model/name") {
      this.names.add(values[0]);
      if (this.playing) this.show(this.playing);
    }
    if (address === "/error" && values[0] === "/model/load") this.say(values[1], true);
  }
}

export class Transport extends Shelf {
  constructor(send) {
    super("Transport", "transport");
    const push = (name, label) => {
      const button = element("button", { type: "button", className: "push", textContent: label });
      button.dataset.address = `/transport/${name}`;
      button.onclick = () => send(`/transport/${name}`, "");
      return button;
    };
    const to = element("input", { type: "text", className: "number", inputMode: "numeric", placeholder: "0:00" });
    to.setAttribute("aria-label", "position in the song, minutes:seconds");
    const form = element("form", { className: "group" }, to, element("button", { type: "submit", textContent: "seek" }));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.say("");
      const seconds = to.value.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
      if (Number.isFinite(seconds)) send("/transport/seek", "f", seconds);
      else this.say("expected minutes:seconds", true);
    };
    this.root.append(element("div", { className: "group" }, push("play", "play"), push("pause", "pause")), form, this.note);
  }

  hear(address, values) {
    if (address === "/error" && values[0].startsWith("/transport/")) this.say(values[1], true);
  }
}

export class Stats extends Shelf {
  constructor(send) {
    super("Server", "stats");
    this.send = send;
    this.cells = new Map();
    const heads = ["milliseconds", "median", "p99"].map((textContent) => element("th", { scope: "col", textContent }));
    this.stages = element("table", {}, element("tr", {}, ...heads));
    this.counts = element("dl");
    this.root.append(this.stages, this.counts);
  }

  ask() {
    this.send("/stats", "");
  }

  hear(address, [value]) {
    if (!address.startsWith("/stats/")) return;
    const [, , name, what] = address.split("/");
    if (what?.endsWith("_ms")) this.cell(name, what.slice(0, -3)).textContent = value.toFixed(1);
    else if (name === "fps") this.count("frames per second").textContent = value.toFixed(1);
    else this.count(name === "late" ? "late frames" : (what ?? name).replaceAll("_", " ")).textContent = value;
  }

  cell(stage, what) {
    if (!this.cells.has(stage)) {
      const cells = { median: element("td"), p99: element("td") };
      this.cells.set(stage, cells);
      this.stages.append(element("tr", {}, element("th", { scope: "row", textContent: stage }), cells.median, cells.p99));
    }
    return this.cells.get(stage)[what];
  }

  count(name) {
    if (!this.cells.has(name)) {
      const value = element("dd");
      this.cells.set(name, value);
      this.counts.append(element("dt", { textContent: name }), value);
    }
    return this.cells.get(name);
  }
}
