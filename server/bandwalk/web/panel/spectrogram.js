// The spectrum of the last seconds: time from left to right, pitch upwards, loudness as brightness.

const SPEED = 60; // pixels per second
const ELSEWHERE = "#7d8796"; // colour outside all bands
const HIT = "#fff";
const QUIETEST = 0.3; // brightness is relative to the recent maximum, which is at least this
const FORGETS = 0.998; // decay of the maximum per drawing
const REACH = 10 ** (1 / 20); // of a third-octave to both sides of its centre

export class Spectrogram {
  // bands: { colour, lo, hi (Hz), isHit }, later ones cover earlier ones.
  constructor(canvas, bands) {
    this.canvas = canvas;
    this.bands = bands;
    this.thirds = []; // { hz, level }, high to low
    this.loudest = QUIETEST;
    this.drawnAt = 0;
    this.column = document.createElement("canvas");
    this.column.width = 1;
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  // The third-octaves are named by their centres.
  addresses(tree) {
    const nodes = Object.entries(tree.CONTENTS.spectrum?.CONTENTS ?? {});
    this.thirds = nodes.map(([name]) => ({ name, hz: Number(name), level: 0 })).sort((a, b) => b.hz - a.hz);
    this.byName = Object.fromEntries(this.thirds.map((third) => [third.name, third]));
    this.column.height = Math.max(1, this.thirds.length);
    return nodes.map(([, node]) => node.FULL_PATH);
  }

  hear(name, level) {
    if (this.byName?.[name]) this.byName[name].level = level;
  }

  fit() {
    const scale = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(this.canvas.clientWidth * scale);
    this.canvas.height = Math.round(this.canvas.clientHeight * scale);
    this.paper = this.canvas.getContext("2d");
  }

  scroll(now) {
    const { canvas, paper } = this;
    if (!paper || !canvas.width || !this.thirds.length) return;
    const scale = canvas.width / canvas.clientWidth;
    const step = Math.max(1, Math.min(Math.round(((now - this.drawnAt) / 1000) * SPEED * scale), canvas.width));
    this.drawnAt = now;
    paper.globalCompositeOperation = "copy";
    paper.drawImage(canvas, -step, 0);
    paper.globalCompositeOperation = "source-over";
    this.paint();
    paper.drawImage(this.column, canvas.width - step, 0, step, canvas.height);
    for (const band of this.bands) if (band.isHit) this.mark(band, scale);
  }

  // One pixel per third-octave; stretched to the canvas, they blend.
  paint() {
    const paper = this.column.getContext("2d");
    this.loudest = Math.max(QUIETEST, this.loudest * FORGETS, ...this.thirds.map(({ level }) => level));
    paper.clearRect(0, 0, 1, this.column.height);
    this.thirds.forEach(({ hz, level }, row) => {
      paper.fillStyle = this.bands.filter((band) => isIn(hz, band)).pop()?.colour ?? ELSEWHERE;
      paper.globalAlpha = (level / this.loudest) ** 2.5;
      paper.fillRect(0, row, 1, 1);
    });
  }

  // A hit is drawn at its band.
  mark(band, scale) {
    const rows = this.thirds.map(({ hz }, row) => (isIn(hz, band) ? row : -1)).filter((row) => row >= 0);
    if (!rows.length) return;
    const height = this.canvas.height / this.thirds.length;
    this.paper.fillStyle = HIT;
    this.paper.fillRect(this.canvas.width - scale, rows[0] * height, scale, rows.length * height);
  }
}

function isIn(hz, { lo, hi }) {
  return lo < hz * REACH && hz / REACH < Math.max(hi, lo); // an upper edge below the lower one counts as the lower one
}
