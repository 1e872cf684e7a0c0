// The looks that are saved, "presets" in OSC: recalled by a click, saved, renamed and deleted after a question.

import { LOOK_SIGNAL } from "./look.js";
import { Names, Question, Shelf } from "./shelves.js";
import { holds } from "./slots.js";
import { picture, renew } from "./thumbs.js";
import { element } from "./widgets.js";

const push = (textContent, onclick, type = "button") => element("button", { type, textContent, onclick });

export class Presets extends Shelf {
  constructor(send) {
    super("Looks", "presets");
    this.send = send;
    this.names = new Names(
      (name) => (this.isEditing ? this.change(name) : this.recall(name)),
      (name) => `/preset/recall "${name.replace(/["\\]/g, "\\$&")}" ${this.glide.value}`,
    );
    this.names.root.classList.add("pictures");
    this.glide = element("input", { type: "range", id: "glide", min: 0, max: 20, step: 0.5, value: 0 });
    this.seconds = element("span", { className: "value", textContent: "at once" });
    this.glide.oninput = () => this.showGlide();
    const label = element("label", { htmlFor: "glide", textContent: "glide time" });
    const control = element("div", { className: "control slider" }, label, this.glide, this.seconds);
    this.question = new Question(() => this.edit(false));
    this.root.append(this.names.root, control, this.form(), this.question.root, this.note);
    this.own = new Set();
  }

  form() {
    this.name = element("input", { type: "text", placeholder: "name of a new look", autocomplete: "off", maxLength: 60 });
    this.name.setAttribute("aria-label", "name of the look to save");
    this.editing = push("edit", () => this.edit(!this.isEditing));
    this.editing.title = "Rename or delete a look of your own";
    this.edit(false);
    const form = element("form", { className: "group" }, this.name, push("save", null, "submit"), this.editing);
    form.onsubmit = (event) => this.save(event);
    return form;
  }

  showGlide() {
    const seconds = Number(this.glide.value);
    this.seconds.textContent = seconds ? `${seconds} s` : "at once";
    this.glide.style.setProperty("--at", seconds / 20);
    this.names.readdress();
  }

  // What a hand has changed since the last recall is replaced only after a question.
  recall(name) {
    const { length } = this.look.unsaved;
    const changes = length === 1 ? "a change of yours is" : `${length} changes of yours are`;
    if (length) this.asking.put(`${changes} not saved`, `recall ${name}`, () => this.go(name));
    else this.go(name);
  }

  go(name) {
    this.asking.hide();
    this.look.recalled(name);
    this.say(this.names.button(name)?.title.split("\n")[0] ?? "");
    this.mark(name);
    this.send("/preset/recall", "sf", name, Number(this.glide.value));
  }

  save(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) return;
    if (this.names.names.includes(name)) this.put(`replace ${name}?`, "replace", () => this.write(name));
    else this.write(name);
  }

  write(name) {
    this.saving = name;
    this.name.value = "";
    this.act("/preset/save", "s", name);
  }

  // While it is on, a click on a name does not recall it.
  edit(isOn) {
    this.isEditing = isOn;
    this.editing.setAttribute("aria-pressed", isOn);
    this.question.hide();
    this.say(isOn ? "choose the look to rename or delete" : "");
  }

  change(name) {
    if (!this.own.has(name)) {
      this.question.hide();
      this.say(`${name} ships with bandwalk; choose one of your own`, true);
      return;
    }
    const input = element("input", { type: "text", value: name, autocomplete: "off", maxLength: 60 });
    input.setAttribute("aria-label", `new name of ${name}`);
    const drop = push("delete", () => this.put(`delete ${name}?`, "delete", () => this.leave(name, "/preset/delete", "s")));
    const rename = () => input.value.trim() !== name && this.leave(name, "/preset/rename", "ss", input.value.trim());
    this.put(input, "rename", rename, drop);
  }

  put(...question) {
    this.say("");
    this.question.put(...question);
  }

  // The name goes; a list that still has it brings it back.
  leave(name, address, tags, ...names) {
    this.names.drop(name);
    this.act(address, tags, name, ...names);
  }

  act(address, tags, ...names) {
    this.edit(false);
    this.send(address, tags, ...names);
    this.ask();
  }

  // A different controller may have saved or deleted one; the pictures that are there stay.
  ask() {
    this.names.renew();
    this.send("/preset/list", "");
  }

  again() {
    this.ask();
  }

  show(model) {
    if (this.model && this.model !== model) renew(this.root);
    this.model = model;
  }

  hear(address, values) {
    if (address === "/preset/name") this.place(...values);
    if (address === LOOK_SIGNAL) this.mark(values[0]);
    if (address === "/error" && values[0].startsWith("/preset/")) {
      this.saving = null;
      this.say(values[1], true);
    }
  }

  mark(name) {
    this.on = name;
    this.names.mark(name);
  }

  place(name, sentence = "", isOwn = 1) {
    const button = this.names.add(name);
    button.title = `${sentence}\nHold it to put it on a key.`.trim();
    holds(button, "look", name);
    if (!button.querySelector("img")) button.prepend(picture(`thumb/look/${encodeURIComponent(name)}`));
    button.setAttribute("aria-pressed", name === this.on);
    if (isOwn) this.own.add(name);
    else this.own.delete(name);
    if (isOwn && name === this.saving) {
      this.say(`saved as ${this.saving}`);
      this.look.keep(name);
      button.querySelector("img").show(`thumb/look/${encodeURIComponent(name)}?${Date.now()}`);
      this.saving = null;
    }
  }
}
