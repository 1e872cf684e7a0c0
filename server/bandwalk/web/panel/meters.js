// What is heard: three bands as bars that flash at a hit, and the spectrum as it scrolls by, in the bands' colours.

import { Spectrogram } from "./spectrogram.js";

const BANDS = ["low", "mid", "high"];
const FLASH_MS = 90;

export class Meters {
  constructor(root) {
    this.bands = BANDS.map((name) => {
      const meter = root.querySelector(`.${name}`);
      const colour = getComputedStyle(meter).getPropertyValue("--band").trim();
      return { name, meter, bar: meter.querySelector("i"), colour, lo: 0, hi: 0, level: 0, isHit: false, litUntil: 0 };
    });
    this.byName = Object.fromEntries(this.bands.map((band) => [band.name, band]));
    this.spectrogram = new Spectrogram(root.querySelector("canvas"), this.bands);
  }

  // What it wants to be told: the tree says which third-octaves there are.
  addresses(tree) {
    const edges = BANDS.flatMap((band) => [`/band/${band}/f_lo`, `/band/${band}/f_hi`]);
    for (const address of edges) this.hear(address, valueAt(tree, address));
    const levels = BANDS.flatMap((band) => [`/feature/${band}/level`, `/feature/${band}/onset`]);
    return [...levels, ...edges, ...this.spectrogram.addresses(tree)];
  }

  hear(address, [value]) {
    const [, group, name, what] = address.split("/");
    if (group === "spectrum") this.spectrogram.hear(name, value);
    const band = this.byName[name];
    if (group === "band" && band) {
      if (what === "f_lo") band.lo = value;
      if (what === "f_hi") band.hi = value;
    }
    if (group !== "feature" || !band) return;
    if (what === "level") band.level = value;
    if (what === "onset" && value) band.isHit = true;
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame((now) => this.draw(now));
  }

  draw(now) {
    this.isAsked = false;
    for (const band of this.bands) {
      if (band.isHit) band.litUntil = now + FLASH_MS;
      band.bar.style.transform = `scaleX(${band.level.toFixed(3)})`;
      band.meter.classList.toggle("hit", now < band.litUntil);
    }
    this.spectrogram.scroll(now);
    for (const band of this.bands) band.isHit = false;
  }
}

function valueAt(tree, address) {
  const node = address.split("/").slice(1).reduce((at, name) => at?.CONTENTS?.[name], tree);
  return node?.VALUE ?? [0];
}
