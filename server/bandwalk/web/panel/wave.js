// The wave of the song that plays, with position, loop and cue points: a slider that goes where it is pressed.
// The server finds the wave beside the show; it is asked for again while it grows, and only where it is seen.

import { element } from "./widgets.js";

const AGAIN_MS = 700;
const STEPS_S = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30, Home: -Infinity, End: Infinity };
const CUES = [1, 2, 3, 4, 5, 6, 7, 8];

const urlOf = (name) => `wave/${name.split("/").map(encodeURIComponent).join("/")}`;

export class Wave {
  // seek(seconds): called once where a finger or a key has chosen a place.
  constructor(seek) {
    this.seek = seek;
    this.paper = element("canvas", { "aria-hidden": "true" });
    this.loop = element("i", { className: "loop", hidden: true });
    this.cues = CUES.map((n) => element("b", { className: "cue", textContent: n, hidden: true }));
    this.head = element("i", { className: "head", hidden: true });
    this.told = element("span", { className: "told" });
    this.root = element("div", { className: "wave", role: "slider", tabIndex: 0 }, this.paper, this.loop, ...this.cues, this.head, this.told);
    this.root.setAttribute("aria-label", "position in the song");
    this.root.setAttribute("aria-valuemin", 0);
    this.length = this.at = 0;
    this.loopS = [0, 0];
    this.cuesS = CUES.map(() => -1);
    this.follow();
    new ResizeObserver(() => this.draw()).observe(this.root);
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.isSeen = isIntersecting;
      this.ask();
    }).observe(this.root);
  }

  follow() {
    const place = ({ clientX }) => {
      const box = this.root.getBoundingClientRect();
      return Math.min(Math.max((clientX - box.left) / box.width, 0), 1) * this.length;
    };
    this.root.onpointerdown = (event) => {
      if (!this.length || event.button) return;
      this.root.setPointerCapture(event.pointerId);
      this.held = place(event);
      this.mark();
    };
    this.root.onpointermove = (event) => {
      if (this.held === undefined) return;
      this.held = place(event);
      this.mark();
    };
    this.root.onpointerup = () => this.leave(true);
    this.root.onpointercancel = () => this.leave(false); // the page is scrolled
    this.root.onkeydown = (event) => {
      const step = STEPS_S[event.key];
      if (!step || !this.length || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.go(Math.min(Math.max(this.at + step, 0), this.length));
    };
  }

  leave(isMeant) {
    const held = this.held;
    this.held = undefined;
    if (isMeant && held !== undefined) this.go(held);
    this.mark();
  }

  go(seconds) {
    this.at = seconds;
    this.mark();
    this.seek(seconds);
  }

  // Another song is heard; empty: none.
  show(name) {
    if (name === this.name) return;
    this.name = name;
    this.known = null;
    this.draw();
    this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    const { name } = this;
    if (!name || !this.isSeen || this.known?.is_whole) return;
    const answer = await fetch(urlOf(name)).catch(() => null);
    if (name !== this.name) return;
    if (answer?.ok) this.known = await answer.json().catch(() => null);
    if (name !== this.name) return;
    this.draw();
    clearTimeout(this.timer);
    if (!this.known?.is_whole) this.timer = setTimeout(() => this.ask(), AGAIN_MS);
  }

  hear(address, value) {
    if (address === "/transport/song") this.show(value);
    else if (address === "/transport/duration") this.length = value;
    else if (address === "/transport/position") this.at = value;
    else if (address === "/loop/in") this.loopS[0] = value;
    else if (address === "/loop/out") this.loopS[1] = value;
    else if (address.startsWith("/cue/at/")) this.cuesS[Number(address.split("/")[3]) - 1] = value;
    else return;
    if (address === "/transport/duration") this.draw();
    this.mark();
  }

  // What moves: the place, the cue points, the loop.
  mark() {
    const share = (seconds) => `${(100 * Math.min(seconds / (this.length || 1), 1)).toFixed(3)}%`;
    const at = this.held ?? this.at;
    const [from, to] = this.loopS;
    this.root.classList.toggle("off", !this.length);
    this.root.setAttribute("aria-valuemax", Math.round(this.length));
    this.root.setAttribute("aria-valuenow", Math.round(at));
    this.head.hidden = !this.length;
    this.head.style.left = share(at);
    this.loop.hidden = !this.length || to < from + 0.05;
    this.loop.style.left = share(from);
    this.loop.style.right = `${100 - parseFloat(share(to))}%`;
    this.cues.forEach((cue, i) => {
      cue.hidden = !this.length || this.cuesS[i] < 0;
      cue.style.left = share(Math.max(this.cuesS[i], 0));
    });
  }

  // What is said in place of a wave, or of the rest of one.
  words() {
    if (!this.length) return "";
    if (!this.name) return "the demo has no wave";
    if (!this.known) return "the song is being read";
    if (!this.known.is_whole) return `the song is being read: ${Math.round((100 * this.known.peaks.length) / (this.length * this.known.per_s) || 0)} %`;
    return this.known.peaks.length ? "" : "the song cannot be read";
  }

  // What stays: the wave itself.
  draw() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    Object.assign(this.paper, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = this.paper.getContext("2d");
    const colours = getComputedStyle(this.root);
    pen.scale(scale, scale);
    this.told.textContent = this.words();
    if (!this.known?.peaks.length || !this.length) return;
    const perPixel = (this.length * this.known.per_s) / width;
    for (const [kind, colour] of [["peaks", "--line"], ["rms", "--accent"]]) {
      pen.fillStyle = colours.getPropertyValue(colour);
      const values = this.known[kind];
      for (let x = 0; x < width; x += 1) {
        const first = Math.floor(x * perPixel);
        if (first >= values.length) break;
        const part = values.slice(first, Math.max(first + 1, Math.floor((x + 1) * perPixel)));
        const size = Math.max((Math.max(...part) / 255) * height, 1);
        pen.fillRect(x, (height - size) / 2, 1, size);
      }
    }
  }
}
