// Controls, one class per kind of node: made from the OSCQuery node, they send when used and show the server's value.

let count = 0;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && key !== "role") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// What a control does, in a sentence, and its address for who sends OSC.
export const help = (node) => `${node.DESCRIPTION}\n${node.FULL_PATH}`;

// While the user types, new values from the server wait; they are shown when the field is left.
function write(field, text) {
  if (document.activeElement !== field) field.value = text;
}

// A handler that returns a value could cancel the key.
function leaveOnEnter(field, left) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") field.blur();
  });
  field.addEventListener("blur", left);
}
const UNITS = { "time.second": "s", "time.ms": "ms", "time.hz": "Hz", "time.bpm": "bpm", "gain.db": "dB", "angle.degree": "°", "angle.radian": "rad" };

function unitOf(node) {
  const name = node.UNIT?.[0];
  return node.FULL_PATH.endsWith("/fps") ? "fps" : (UNITS[name] ?? "");
}

function shown(value, isWhole) {
  if (isWhole) return String(Math.round(value));
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

// Whether two values are the same one: the server keeps 32 bits of a number.
export function isSame(one, other) {
  if (typeof one !== "number" || typeof other !== "number") return one === other;
  return Math.abs(one - other) <= 1e-5 * Math.max(1, Math.abs(one), Math.abs(other));
}

const DOUBLE_MS = 400;

// The parts that all controls have: a name, a note for refused values, and a way to show a value.
// value: the newest that is known. move(value): a change by hand. put(value): sends and shows one.
class Control {
  constructor(node, send, kind) {
    this.node = node;
    this.address = node.FULL_PATH;
    this.send = (tags, ...values) => send(this.address, tags, ...values);
    this.id = `c${(count += 1)}`;
    this.note = element("p", { className: "note", id: `${this.id}n`, hidden: true });
    this.title = node.TITLE;
    this.label = element("label", { htmlFor: this.id, textContent: this.title });
    this.root = element("div", { className: `control ${kind}`, title: help(node) });
    this.root.dataset.address = this.address;
    this.isLook = Boolean(node.TAGS?.includes("look"));
    this.name = this.title;
    this.moved = () => {}; // told of each change by hand: (control, before, after)
    this.asked = () => {}; // told when the hand wants the look's value back
  }

  // A double click, or two touches, on the name.
  offerReset() {
    if (!this.isLook) return;
    this.label.title += "\nDouble-click: back to the look's value.";
    let last = -DOUBLE_MS;
    this.label.addEventListener("click", ({ timeStamp }) => {
      if (timeStamp - last < DOUBLE_MS) this.asked(this);
      last = timeStamp;
    });
  }

  move(value) {
    const before = this.value;
    this.put(value);
    this.moved(this, before, this.value);
  }

  refuse(reason) {
    this.note.textContent = reason.replace(`${this.address}: `, "").replace(`${this.address} = `, "");
    this.note.hidden = false;
    this.root.classList.add("refused");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.accept(), 6000);
  }

  accept() {
    this.note.hidden = true;
    this.root.classList.remove("refused");
  }

  // Shows whether the value is another than the look's.
  differ(isOther) {
    this.root.classList.toggle("differs", isOther);
  }

  // Shows where a route has moved the value, beside what the hand set; null: nowhere.
  ghost(value) {
    this.root.classList.toggle("moved", value !== null);
  }
}

class Slider extends Control {
  constructor(node, send) {
    super(node, send, "slider");
    const { MIN, MAX } = node.RANGE[0];
    Object.assign(this, { min: MIN, max: MAX, isWhole: node.TYPE === "i" });
    const span = MAX - MIN;
    this.unit = unitOf(node);
    this.power = MIN >= 0 && (node.UNIT?.[0]?.startsWith("time.") || span >= 50) && !this.isWhole && this.unit !== "bpm" ? 3 : 1;
    this.steps = this.isWhole && span <= 400 ? span : 400;
    this.range = element("input", { type: "range", id: this.id, min: 0, max: this.steps, step: 1 });
    this.number = element("input", { type: "text", className: "number", inputMode: "decimal", autocomplete: "off" });
    this.number.setAttribute("aria-label", `${this.title}, as a number`);
    this.range.oninput = () => this.move(this.toValue(Number(this.range.value)));
    this.range.onpointerdown = () => (this.isHeld = this.grip = {}); // one drag is one change
    this.range.onpointerup = this.range.onpointercancel = () => (this.isHeld = false);
    this.range.onkeydown = ({ repeat }) => repeat || (this.grip = {});
    this.number.onchange = () => this.type();
    this.number.onfocus = () => this.number.select();
    leaveOnEnter(this.number, () => this.draw(this.value));
    const value = element("span", { className: "value" }, this.number, element("small", { textContent: this.unit }));
    this.mark = element("i", { className: "ghost", hidden: true });
    this.root.append(this.label, this.range, this.mark, value, this.note);
    this.show(node.VALUE[0]);
  }

  ghost(value) {
    super.ghost(value);
    this.mark.hidden = value === null;
    if (value === null) return;
    const at = Math.min(Math.max(this.toPosition(value) / this.steps, 0), 1);
    this.mark.style.setProperty("--at", at.toFixed(4));
  }

  toValue(position) {
    const value = this.min + (this.max - this.min) * (position / this.steps) ** this.power;
    return this.isWhole ? Math.round(value) : value;
  }

  toPosition(value) {
    return ((value - this.min) / (this.max - this.min)) ** (1 / this.power) * this.steps;
  }

  put(value) {
    this.accept();
    this.send(this.node.TYPE, value);
    this.draw(value);
  }

  nudge(step) {
    const next = Math.min(Math.max(this.value + step, this.min), this.max);
    this.move(this.isWhole ? Math.round(next) : Number(next.toFixed(3)));
  }

  type() {
    const value = Number(this.number.value.replace(",", "."));
    if (this.number.value.trim() === "" || !Number.isFinite(value)) {
      this.refuse(`expected a number in ${shown(this.min)}–${shown(this.max)}`);
      this.draw(this.value);
    } else {
      this.grip = {};
      this.move(value);
    }
  }

  draw(value) {
    this.value = value;
    const position = Math.min(Math.max(this.toPosition(value), 0), this.steps);
    const text = shown(value, this.isWhole);
    this.range.value = position;
    const zero = this.min < 0 && this.max > 0 ? this.toPosition(0) : 0; // a range with both signs is filled from zero
    this.range.style.setProperty("--at", Math.max(position, zero) / this.steps);
    this.range.style.setProperty("--from", Math.min(position, zero) / this.steps);
    this.range.setAttribute("aria-valuetext", `${text} ${this.unit}`);
    write(this.number, text);
  }

  // While the user moves the fader, new values from the server wait.
  show(value) {
    if (!this.isHeld) this.draw(value);
  }
}

const MAX_RANDOM = 100000;

// An integer with too many values for a fader: buttons for steps, and a random one for a seed.
class Stepper extends Control {
  constructor(node, send) {
    super(node, send, "stepper");
    this.number = element("input", { type: "text", className: "number", inputMode: "numeric", id: this.id });
    this.number.autocomplete = "off";
    this.number.onchange = () => this.move(this.number.value.trim() === "" ? NaN : Number(this.number.value));
    leaveOnEnter(this.number, () => this.show(this.value));
    const buttons = [
      ["−", "one less", () => this.move(this.value - 1)],
      ["+", "one more", () => this.move(this.value + 1)],
    ];
    if (this.address.endsWith("/seed")) buttons.push(["⚄", "random", () => this.random()]);
    const made = buttons.map(([textContent, does, next]) => {
      const button = element("button", { type: "button", textContent, title: does });
      button.setAttribute("aria-label", `${this.title}: ${does}`);
      button.onclick = () => next();
      return button;
    });
    this.root.append(this.label, element("div", { className: "group" }, this.number, ...made), this.note);
    this.show(node.VALUE[0]);
  }

  move(value) {
    const { MIN, MAX } = this.node.RANGE[0];
    if (!Number.isInteger(value)) {
      this.refuse("expected a whole number");
      return;
    }
    super.move(Math.min(Math.max(value, MIN), MAX));
  }

  put(value) {
    this.accept();
    this.send("i", value);
    this.show(value);
  }

  random() {
    this.move(Math.floor(Math.random() * MAX_RANDOM));
  }

  show(value) {
    this.value = value;
    write(this.number, value);
  }
}

class Switch extends Control {
  constructor(node, send) {
    super(node, send, "switch");
    this.button = element("button", { id: this.id, type: "button", role: "switch" });
    this.button.setAttribute("aria-label", this.title);
    this.button.onclick = () => this.move(!this.value);
    this.label = element("span", { textContent: this.title }); // a touch on it must not switch
    this.root.append(this.label, this.button, this.note);
    this.show(node.VALUE[0]);
  }

  put(isOn) {
    this.accept();
    this.send(isOn ? "T" : "F");
    this.show(isOn);
  }

  show(isOn) {
    this.value = Boolean(isOn);
    this.button.setAttribute("aria-checked", this.value);
  }

  ghost(value) {
    this.root.classList.toggle("moved", value !== null && Boolean(value) !== this.value);
  }
}

const MANY = 5; // above this number, choices are in rows

class Choice extends Control {
  constructor(node, send) {
    super(node, send, "choice");
    this.label = element("span", { id: this.id, textContent: this.title });
    this.buttons = node.RANGE[0].VALS.map((choice) => {
      const button = element("button", { type: "button", textContent: choice, role: "radio" });
      button.onclick = () => this.move(choice);
      return button;
    });
    const group = element("div", { className: "group", role: "radiogroup", "aria-labelledby": this.id }, ...this.buttons);
    group.classList.toggle("many", this.buttons.length > MANY);
    group.onkeydown = (event) => this.step(event);
    this.root.append(this.label, group, this.note);
    this.show(node.VALUE[0]);
  }

  step(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = this.buttons.indexOf(document.activeElement);
    const next = this.buttons.at((at + by) % this.buttons.length);
    next.focus();
    next.click();
  }

  ghost(index) {
    super.ghost(index);
    this.buttons.forEach((button, at) => button.classList.toggle("ghost", at === index));
  }

  put(value) {
    this.accept();
    this.send("s", value);
    this.show(value);
  }

  show(value) {
    this.value = value;
    this.root.dataset.value = value; // the style sheet hides what this choice has no use for
    for (const button of this.buttons) {
      const isChosen = button.textContent === value;
      button.setAttribute("aria-checked", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
    }
  }
}

const SUGGESTIONS = {
  from: ["low/level", "mid/level", "high/level", "low/onset", "beat", "energy", "lfo/sine/4", "lfo/saw/4", "lfo/random/1"],
  to: ["/transform/zoom", "/transform/rotate", "/style/psi", "/master/speed", "/bend/a/alpha", "/walk/low/bump", "/style/seed"],
  layers: ["coarse", "middle", "fine", "none", "0-2", "3-5", "6-"],
  source: ["demo", "live"],
  size: ["256", "512", "768", "1024", "1280x720", "1920x1080"],
};

class Text extends Control {
  constructor(node, send) {
    super(node, send, "text");
    this.field = element("input", { type: "text", id: this.id, autocomplete: "off", spellcheck: false });
    this.field.setAttribute("autocapitalize", "off");
    this.field.setAttribute("aria-describedby", this.note.id);
    const suggestions = SUGGESTIONS[this.address.split("/").pop()];
    if (suggestions) {
      this.field.setAttribute("list", `${this.id}l`);
      this.root.append(element("datalist", { id: `${this.id}l` }, ...suggestions.map((value) => element("option", { value }))));
    }
    this.field.onchange = () => this.move(this.field.value.trim());
    this.field.onkeydown = (event) => {
      if (event.key === "Enter") this.field.blur();
      if (event.key === "Escape") this.draw();
    };
    this.root.append(this.label, this.field, this.note);
    this.show(node.VALUE[0]);
  }

  put(value) {
    this.accept();
    this.send("s", value);
    this.before = this.value;
    this.value = value;
    write(this.field, value);
  }

  refuse(reason) {
    super.refuse(reason);
    clearTimeout(this.timer); // the value was refused: keep it visible
    this.value = this.before ?? this.value;
    this.field.setAttribute("aria-invalid", "true");
  }

  accept() {
    super.accept();
    this.field.removeAttribute("aria-invalid");
  }

  draw() {
    this.accept();
    this.field.value = this.value;
  }

  show(value) {
    this.value = value;
    if (document.activeElement !== this.field) this.draw();
  }
}

// A control for a node that has a value.
export function controlOf(node, send) {
  const control = kindOf(node, send);
  control.offerReset();
  return control;
}

function kindOf(node, send) {
  if (node.TYPE === "T" || node.TYPE === "F") return new Switch(node, send);
  if (node.RANGE?.[0].VALS) return new Choice(node, send);
  if (node.TYPE === "s") return new Text(node, send);
  if (node.TYPE === "i" && node.RANGE[0].MAX - node.RANGE[0].MIN > 1000) return new Stepper(node, send);
  return new Slider(node, send);
}

// A button for a command without arguments.
export function buttonOf(node, send) {
  const button = element("button", { type: "button", className: "push", textContent: node.TITLE });
  button.title = help(node);
  button.dataset.address = node.FULL_PATH;
  button.onclick = () => send(node.FULL_PATH, "");
  return button;
}
