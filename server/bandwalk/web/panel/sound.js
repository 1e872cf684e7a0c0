// What is heard: a menu of sources, and the song that plays with its position, loop and cue points.

import { Names, Shelf } from "./shelves.js";
import { Wave } from "./wave.js";
import { element } from "./widgets.js";

export const SONG_SIGNALS = ["song", "duration", "playing", "skipped"].map((name) => `/transport/${name}`);

const clock = (seconds) => {
  const whole = Math.max(0, Math.round(seconds * 10)) / 10;
  return `${Math.floor(whole / 60)}:${String(Math.floor(whole % 60)).padStart(2, "0")}`;
};

export class Sources extends Shelf {
  constructor(send, ...controls) {
    super("What is heard", "sources");
    this.send = send;
    this.sources = new Map(); // by label
    this.names = new Names((label) => this.choose(this.sources.get(label)));
    this.root.append(this.names.root, this.note, ...controls);
  }

  choose(source) {
    this.say("");
    this.send("/audio/source", "s", source);
    this.mark(source);
  }

  ask() {
    this.names.clear();
    this.sources.clear();
    this.send("/audio/list", "");
  }

  // The tempo comes later than the name, and is no part of it.
  setTempo(source, bpm) {
    const button = bpm && this.names.button(this.labelOf(source));
    if (!button) return;
    button.dataset.tempo = Math.round(bpm);
    button.title = `about ${Math.round(bpm)} beats per minute`;
  }

  labelOf(source) {
    return [...this.sources].find(([, each]) => each === source)?.[0];
  }

  mark(source) {
    this.now = source;
    this.names.mark(this.labelOf(source));
  }

  hear(address, values) {
    if (address === "/audio/name") {
      const [source, kind, name, seconds, bpm] = values;
      const label = kind === "song" ? `${name}${seconds ? ` ${clock(seconds)}` : ""}` : name;
      const own = this.sources.has(label) && this.sources.get(label) !== source ? source : label;
      this.sources.set(own, source);
      this.names.add(own);
      this.setTempo(source, bpm);
      this.mark(this.now);
    }
    if (address === "/audio/tempo") this.setTempo(...values);
    if (address === "/audio/source") this.mark(values[0]);
    if (address === "/transport/skipped" && values[0]) this.say(values[0], true);
    if (address === "/error" && values[0] === "/audio/source") this.say(values[1], true);
  }
}

export class Song extends Shelf {
  constructor(send, ...controls) {
    super("Song", "song");
    const push = (address, textContent) => {
      const button = element("button", { type: "button", className: "push", textContent });
      button.dataset.address = address;
      button.onclick = () => (this.say(""), send(address, ""));
      return button;
    };
    const group = (...children) => element("div", { className: "group" }, ...children);
    this.name = element("b", { className: "name", textContent: "\u2013" });
    this.time = element("span", { className: "time" });
    this.wave = new Wave((seconds) => (this.say(""), send("/transport/position", "f", seconds)));
    this.cues = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => push(`/cue/${n}`, String(n)));
    const mark = (address, textContent) =>
      element("button", { type: "button", textContent, onclick: () => send(address, "f", this.at) });
    this.root.append(
      group(this.name, this.time),
      this.wave.root,
      group(push("/transport/previous", "previous"), push("/transport/play", "play"), push("/transport/pause", "pause"), push("/transport/next", "next")),
      Object.assign(group(...this.cues), { className: "group cues" }),
      group(mark("/loop/in", "loop from here"), mark("/loop/out", "loop to here"), push("/loop/off", "loop off")),
      this.note,
      ...controls,
    );
    this.at = this.length = 0;
  }

  hear(address, [value, reason]) {
    this.wave.hear(address, value);
    if (address === "/audio/source") this.source = value;
    if (address === "/transport/song") this.song = value;
    if (address === "/audio/source" || address === "/transport/song") this.name.textContent = this.song || this.source || "\u2013";
    if (address === "/transport/duration") this.length = value;
    if (address === "/transport/position") this.at = value;
    if (address === "/transport/duration" || address === "/transport/position") this.draw();
    if (address.startsWith("/cue/at/")) this.cues[Number(address.split("/")[3]) - 1].setAttribute("aria-pressed", value >= 0);
    if (address === "/error" && /^\/(transport|cue|loop)\//.test(value)) this.say(reason, true);
  }

  draw() {
    this.time.textContent = this.length ? `${clock(this.at)} of ${clock(this.length)}` : "";
  }
}
