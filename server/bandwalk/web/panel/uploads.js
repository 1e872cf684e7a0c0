// Songs of this device: dropped anywhere on the panel, or chosen, they are sent to the music folder one after the other.

import { Shelf } from "./shelves.js";
import { element } from "./widgets.js";

const MAX_BYTES = 2 ** 30;
const MAX_LINES = 6;
const KINDS = "audio/*,.wav,.flac,.mp3,.ogg,.oga,.opus,.m4a,.aac,.aif,.aiff,.wma,.mka,.webm";

const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

export class Uploads extends Shelf {
  // play(name): hear a song; begun(): a drop was made. The server sends the new list to all panels.
  constructor({ play, begun }) {
    super("Your songs", "uploads");
    Object.assign(this, { play, begun, waiting: [] });
    const field = element("input", { type: "file", multiple: true, accept: KINDS, hidden: true });
    field.setAttribute("aria-label", "songs to send");
    field.onchange = () => {
      this.add([...field.files]);
      field.value = ""; // the same file may be chosen again
    };
    this.bar = element("progress", { max: 1, value: 0 });
    this.what = element("span");
    this.sending = element("div", { className: "group sending", hidden: true }, this.what, this.bar, button("cancel", () => this.cancel()));
    this.lines = element("ul");
    this.lines.setAttribute("role", "status");
    const choose = button("choose songs", () => field.click());
    this.root.querySelector("header").append(element("p", { textContent: "Drop songs anywhere, or" }), choose, field);
    this.root.append(this.sending, this.lines);
    this.watchDrops();
  }

  // A file that is dropped beside the field must not take the panel's place in the browser.
  watchDrops() {
    let depth = 0;
    const show = (by) => {
      depth = Math.max(0, depth + by);
      document.body.classList.toggle("dropping", depth > 0);
    };
    document.addEventListener("dragenter", (event) => holdsFiles(event) && show(1));
    document.addEventListener("dragleave", (event) => holdsFiles(event) && show(-1));
    document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      show(-Infinity);
      this.begun();
      this.add([...event.dataTransfer.files]);
    });
  }

  add(files) {
    this.lines.replaceChildren();
    for (const file of files) {
      if (file.size > MAX_BYTES) this.tell(`${file.name} is too large: ${(file.size / 2 ** 30).toFixed(1)} GB; at most 1 GB`);
      else this.waiting.push(file);
    }
    this.next();
  }

  next() {
    if (this.request) return;
    const file = this.waiting.shift();
    this.sending.hidden = !file;
    if (file) this.send(file);
  }

  send(file) {
    const request = (this.request = new XMLHttpRequest());
    const show = (share) => {
      const more = this.waiting.length ? `, ${this.waiting.length} more` : "";
      this.bar.value = share;
      this.what.textContent = share < 1 ? `${file.name}: ${Math.round(100 * share)} %${more}` : `${file.name}: is checked${more}`;
    };
    show(0);
    request.upload.onprogress = ({ loaded, total }) => show(total ? loaded / total : 0);
    request.onload = () => this.done(file, request);
    request.onerror = () => this.tell(`${file.name} could not be sent; is it a file, and is the server there?`);
    request.onabort = () => this.tell(`${file.name} was not sent: cancelled`);
    request.onloadend = () => {
      this.request = null;
      this.next();
    };
    request.open("POST", `songs/${encodeURIComponent(file.name)}`);
    request.send(file);
  }

  cancel() {
    this.waiting = [];
    this.request?.abort();
  }

  done(file, { status, responseText }) {
    if (status !== 201) return this.tell(responseText.trim() || `${file.name} was refused (${status})`);
    const { name } = JSON.parse(responseText);
    const renamed = name === file.name.normalize("NFC") ? "" : ` (${file.name} was there already)`;
    return this.tell(`${name} is in the music folder${renamed}`, button("play", () => this.play(name)));
  }

  tell(text, ...buttons) {
    this.lines.append(element("li", { className: buttons.length ? "" : "refusal" }, element("span", { textContent: text }), ...buttons));
    while (this.lines.children.length > MAX_LINES) this.lines.firstChild.remove();
  }
}
