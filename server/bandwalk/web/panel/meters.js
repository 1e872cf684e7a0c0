// The meters: three bands and the air as bars that flash at a hit, and the scrolling spectrum in their colours.
// Below them beat, energy and what is known of the music, the input's level, and a sentence about its fault.

import { Music } from "./music.js";
import { Spectrogram } from "./spectrogram.js";

const BANDS = ["low", "mid", "high"]; // their edges are parameters
const AIR = { lo: 5000, hi: 24000 };
const FLASH_MS = 90;
const INPUT = ["/audio/level_db", "/audio/health"];
const FLOOR_DB = -60;
const NOTHING_DB = -120;

export class Meters {
  constructor(root) {
    this.bands = ["air", ...BANDS].map((name) => {
      const meter = root.querySelector(`.${name}`);
      const colour = getComputedStyle(meter).getPropertyValue("--band").trim();
      return { name, meter, bar: meter.querySelector("i"), colour, lo: 0, hi: 0, level: 0, isHit: false, litUntil: 0 };
    });
    Object.assign(this.bands[0], AIR); // the others cover it
    this.byName = Object.fromEntries(this.bands.map((band) => [band.name, band]));
    this.input = { bar: root.querySelector(".input i"), number: root.querySelector(".input b"), words: root.querySelector("#health") };
    this.music = new Music(root);
    this.spectrogram = new Spectrogram(root.querySelector("canvas"), this.bands);
  }

  // The addresses that it listens to; the tree lists the third-octaves.
  addresses(tree) {
    const edges = BANDS.flatMap((band) => [`/band/${band}/f_lo`, `/band/${band}/f_hi`]);
    for (const address of [...edges, ...INPUT]) this.hear(address, valueAt(tree, address));
    const levels = this.bands.flatMap(({ name }) => [`/feature/${name}/level`, `/feature/${name}/onset`]);
    return [...levels, ...this.music.addresses(), ...edges, ...INPUT, ...this.spectrogram.addresses(tree)];
  }

  hear(address, [value]) {
    if (INPUT.includes(address)) this.hearInput(address, value);
    const [, group, name, what] = address.split("/");
    if (group === "spectrum") this.spectrogram.hear(name, value);
    const band = this.byName[name];
    if (group === "band" && band) {
      if (what === "f_lo") band.lo = value;
      if (what === "f_hi") band.hi = value;
    }
    if (group !== "feature") return;
    if (band && what === "level") band.level = value;
    if (band && what === "onset" && value) band.isHit = true;
    if (!band) this.music.hear(name, value);
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame((now) => this.draw(now));
  }

  hearInput(address, value) {
    if (address === "/audio/health") {
      this.input.words.textContent = value;
      return;
    }
    this.input.number.textContent = value > NOTHING_DB ? `${value.toFixed(0)} dB` : "silence";
    this.input.bar.style.transform = `scaleX(${Math.min(1, Math.max(0, 1 - value / FLOOR_DB)).toFixed(3)})`;
  }

  draw(now) {
    this.isAsked = false;
    for (const band of this.bands) {
      if (band.isHit) band.litUntil = now + FLASH_MS;
      band.bar.style.transform = `scaleX(${band.level.toFixed(3)})`;
      band.meter.classList.toggle("hit", now < band.litUntil);
    }
    this.music.draw(now);
    this.spectrogram.scroll(now);
    for (const band of this.bands) band.isHit = false;
  }
}

function valueAt(tree, address) {
  const node = address.split("/").slice(1).reduce((at, name) => at?.CONTENTS?.[name], tree);
  return node?.VALUE ?? [0];
}
