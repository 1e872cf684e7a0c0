// What is known of the music: a light at each beat with the phase beside it, energy, tempo, loudness, key, and whether
// there is a break, a drop or silence.

const NAMES = ["beat", "bar", "phase", "bpm", "confidence", "energy", "loudness", "break", "drop", "silence", "key"];
const BEAT_MS = 120;
const DROP_MS = 2000;
const SURE = 0.1; // under it no beat is shown

export class Music {
  constructor(root) {
    const find = (where) => root.querySelector(where);
    this.beat = { meter: find(".beat"), bar: find(".beat i"), litUntil: 0 };
    this.energy = { meter: find(".energy"), bar: find(".energy i") };
    this.texts = Object.fromEntries(["bpm", "loudness", "key", "passage"].map((name) => [name, find(`#music .${name}`)]));
    this.now = Object.fromEntries(NAMES.map((name) => [name, 0]));
    this.now.key = "";
    this.droppedUntil = 0;
  }

  addresses() {
    return NAMES.map((name) => `/feature/${name}`);
  }

  hear(name, value) {
    if (!NAMES.includes(name)) return;
    const isHit = ["beat", "bar", "drop"].includes(name); // one that has not been drawn yet is kept
    this.now[name] = isHit ? value || this.now[name] : value;
  }

  draw(time) {
    const { beat, bar, drop, ...now } = this.now;
    const isSure = now.confidence > SURE;
    if (beat && isSure) {
      this.beat.litUntil = time + BEAT_MS;
      this.beat.meter.classList.toggle("bar", Boolean(bar));
    }
    if (drop) this.droppedUntil = time + DROP_MS;
    this.now.beat = this.now.bar = this.now.drop = 0;
    this.beat.meter.classList.toggle("hit", time < this.beat.litUntil);
    this.beat.bar.style.transform = `scaleX(${isSure ? now.phase.toFixed(3) : 0})`;
    this.energy.meter.classList.toggle("hit", time < this.droppedUntil);
    this.energy.bar.style.transform = `scaleX(${now.energy.toFixed(3)})`;
    this.write("bpm", isSure ? now.bpm.toFixed(1) : "\u2013");
    this.write("loudness", now.silence ? "\u2013" : now.loudness.toFixed(1));
    this.write("key", now.key && `${now.key[0].toUpperCase()}${now.key.slice(1).replace("s", "\u266f").replace("m", " minor")}`);
    this.write("passage", now.silence ? "silence" : now.break ? "break" : time < this.droppedUntil ? "drop" : "");
  }

  write(name, text) {
    if (this.texts[name].textContent !== text) this.texts[name].textContent = text;
  }
}
