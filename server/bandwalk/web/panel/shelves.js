// The larger parts: models, and the server's statistics.

import { element } from "./widgets.js";

const title = (text) => element("h3", { textContent: text });

// A list of names, which the server sends one by one, as buttons.
export class Names {
  constructor(chosen, addressOf = () => "") {
    this.chosen = chosen;
    this.addressOf = addressOf; // what a MIDI key that learns this button does
    this.root = element("div", { className: "names" });
    this.names = [];
    this.heard = new Set();
  }

  add(name) {
    this.heard.add(name);
    if (this.names.includes(name)) return this.button(name);
    this.names.push(name);
    const button = element("button", { type: "button", textContent: name });
    button.onclick = () => this.chosen(name);
    this.root.append(button);
    this.readdress();
    return button;
  }

  button(name) {
    return [...this.root.children].find((button) => button.textContent === name);
  }

  // Before the names are asked for again: those that the last answer lacked go.
  renew() {
    if (this.heard.size) {
      for (const name of this.names.filter((each) => !this.heard.has(each))) this.button(name).remove();
      this.names = this.names.filter((name) => this.heard.has(name));
    }
    this.heard.clear();
  }

  drop(name) {
    this.button(name)?.remove();
    this.names = this.names.filter((each) => each !== name);
  }

  readdress() {
    for (const button of this.root.children) {
      const address = this.addressOf(button.textContent);
      if (address) button.dataset.address = address;
    }
  }

  clear() {
    this.names = [];
    this.heard.clear();
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

// A question in a shelf: a text or a field, the button that does it, others, and one that does nothing.
export class Question {
  constructor(done) {
    this.done = done; // called before something is done, and if nothing is
    this.root = element("form", { className: "group question", hidden: true });
  }

  put(what, yes, act, ...others) {
    const button = (textContent, type, onclick) => element("button", { type, textContent, onclick });
    this.root.replaceChildren(what, button(yes, "submit", null), ...others, button("cancel", "button", () => this.done()));
    this.root.onsubmit = (event) => {
      event.preventDefault();
      this.done();
      act();
    };
    this.root.hidden = false;
    this.root.querySelector("input, button").focus();
  }

  hide() {
    this.root.hidden = true;
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

function countOf(name, what) {
  if (name === "stalls") return `slow turns, ${what}`;
  return name === "late" ? "late frames" : (what ?? name).replaceAll("_", " ");
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
    else this.count(countOf(name, what)).textContent = value;
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
