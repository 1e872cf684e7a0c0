// Saved styles, and a sheet of seeds: pictures to click.

import { Names, Question, Shelf } from "./shelves.js";
import { holds } from "./slots.js";
import { picture } from "./thumbs.js";
import { element } from "./widgets.js";

const PER_SHEET = 24;

const push = (textContent, onclick, type = "button") => element("button", { type, textContent, onclick });

export class Styles extends Shelf {
  constructor(send) {
    super("Saved styles", "styles");
    this.send = send;
    this.versions = new Map(); // of the pictures that were saved here again
    this.names = new Names(
      (name) => (this.isDeleting ? this.askToDelete(name) : this.recall(name)),
      (name) => `/style/recall "${name.replace(/["\\]/g, "\\$&")}" ${this.glide.value}`,
    );
    this.names.root.classList.add("pictures");
    this.question = new Question(() => this.delete(false));
    this.root.append(this.names.root, this.glideControl(), this.form(), this.question.root, this.note);
  }

  glideControl() {
    this.glide = element("input", { type: "range", id: "style-glide", min: 0, max: 20, step: 0.5, value: 0 });
    const seconds = element("span", { className: "value", textContent: "at once" });
    this.glide.oninput = () => {
      const value = Number(this.glide.value);
      seconds.textContent = value ? `${value} s` : "at once";
      this.glide.style.setProperty("--at", value / 20);
      this.names.readdress();
    };
    const label = element("label", { htmlFor: "style-glide", textContent: "glide time" });
    return element("div", { className: "control slider" }, label, this.glide, seconds);
  }

  form() {
    this.name = element("input", { type: "text", placeholder: "new style", autocomplete: "off", maxLength: 60 });
    this.name.setAttribute("aria-label", "name of the style to save");
    const undo = push("undo", () => this.send("/style/undo", "f", Number(this.glide.value)));
    undo.title = "Go back to what was before the last recall";
    this.deleting = push("delete", () => this.delete(!this.isDeleting));
    this.delete(false);
    const form = element("form", { className: "group" }, this.name, push("save", null, "submit"), undo, this.deleting);
    form.onsubmit = (event) => this.save(event);
    return form;
  }

  recall(name) {
    this.say("");
    this.names.mark(name);
    this.send("/style/recall", "sf", name, Number(this.glide.value));
  }

  save(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) return;
    if (this.names.names.includes(name)) this.put(`replace ${name}?`, "replace", () => this.write(name));
    else this.write(name);
  }

  write(name) {
    this.name.value = "";
    this.saving = name;
    this.versions.set(name, Date.now());
    this.send("/style/save", "s", name);
    this.ask();
  }

  // While it is on, a click on a picture asks whether to delete it.
  delete(isOn) {
    this.isDeleting = isOn;
    this.deleting.setAttribute("aria-pressed", isOn);
    this.question.hide();
    this.say(isOn ? "choose the style to delete" : "");
  }

  askToDelete(name) {
    this.put(`delete ${name}?`, "delete", () => {
      this.send("/style/delete", "s", name);
      this.ask();
    });
  }

  put(...question) {
    this.say("");
    this.question.put(...question);
  }

  ask() {
    this.names.clear();
    this.send("/style/list", "");
  }

  // A different controller may have saved or deleted one.
  again() {
    this.names.renew();
    this.send("/style/list", "");
  }

  hear(address, values) {
    if (address === "/style/saved") this.place(values[0]);
    if (address === "/style/name") this.names.mark(values[0]);
    if (address === "/error" && values[0].startsWith("/style/")) {
      this.saving = null;
      this.say(values[1], true);
    }
  }

  place(name) {
    const button = this.names.add(name);
    holds(button, "style", name);
    if (!button.querySelector("img")) {
      button.prepend(picture(`thumb/style/${encodeURIComponent(name)}?${this.versions.get(name) ?? ""}`));
    }
    if (name === this.saving) {
      this.saving = null;
      this.say(`saved as ${name}`);
    }
  }
}

// The server draws a seed's picture while this is looked at.
export class Seeds extends Shelf {
  constructor(send) {
    super("Seeds", "seeds");
    this.send = send;
    this.first = 0;
    this.pictures = element("div", { className: "names pictures" });
    const turn = (by) => () => this.turn(this.first + by * PER_SHEET);
    const chance = () => this.turn(Math.floor(Math.random() * 1e6) * PER_SHEET);
    const buttons = [push("previous", turn(-1)), push("next", turn(1)), push("random", chance)];
    this.root.append(this.pictures, element("div", { className: "group" }, ...buttons), this.note);
    this.turn(0);
  }

  turn(first) {
    this.first = Math.max(0, first);
    const seeds = Array.from({ length: PER_SHEET }, (_, i) => this.first + i);
    this.pictures.replaceChildren(...seeds.map((seed) => this.button(seed)));
  }

  button(seed) {
    const button = push(String(seed), () => this.send("/style/seed", "i", seed));
    button.dataset.address = `/style/seed ${seed}`;
    button.prepend(picture(`thumb/seed/${seed}`));
    return button;
  }

  // Another model's pictures are others.
  show(model) {
    if (this.model && this.model !== model) this.turn(this.first);
    this.model = model;
  }

  hear(address, values) {
    if (address !== "/style/seed") return;
    for (const button of this.pictures.children) button.setAttribute("aria-pressed", button.textContent === String(values[0]));
  }
}
