// Three bands as bars that flash at a hit, and as a strip that scrolls.

const BANDS = ["low", "mid", "high"];
const ADDRESSES = BANDS.flatMap((band) => ["level", "onset"].map((name) => `/feature/${band}/${name}`));
const FLASH_MS = 90;
const SPEED = 60; // pixels a second

export class Meters {
  static addresses = [...ADDRESSES, "/feature/time"];

  constructor(root) {
    this.scope = root.querySelector("canvas");
    this.bands = BANDS.map((name) => {
      const meter = root.querySelector(`.${name}`);
      const colour = getComputedStyle(meter).getPropertyValue("--band").trim();
      return { name, meter, bar: meter.querySelector("i"), colour, level: 0, isHit: false, litUntil: 0 };
    });
    this.byName = Object.fromEntries(this.bands.map((band) => [band.name, band]));
    this.drawnAt = 0;
    new ResizeObserver(() => this.fit()).observe(this.scope);
  }

  fit() {
    const scale = Math.min(devicePixelRatio, 2);
    this.scope.width = Math.round(this.scope.clientWidth * scale);
    this.scope.height = Math.round(this.scope.clientHeight * scale);
    this.paper = this.scope.getContext("2d");
  }

  // Returns whether the message was a feature.
  hear(address, [value]) {
    if (!address.startsWith("/feature/")) return false;
    const [, , name, what] = address.split("/");
    const band = this.byName[name];
    if (band && what === "level") band.level = value;
    if (band && what === "onset" && value) band.isHit = true;
    if (!this.isAsked) {
      this.isAsked = true;
      requestAnimationFrame((now) => this.draw(now));
    }
    return true;
  }

  draw(now) {
    this.isAsked = false;
    for (const band of this.bands) {
      if (band.isHit) band.litUntil = now + FLASH_MS;
      band.bar.style.transform = `scaleX(${band.level.toFixed(3)})`;
      band.meter.classList.toggle("hit", now < band.litUntil);
    }
    this.scroll(now);
    for (const band of this.bands) band.isHit = false;
  }

  scroll(now) {
    const { scope, paper } = this;
    if (!paper || !scope.width) return;
    const scale = scope.width / scope.clientWidth;
    const step = Math.max(1, Math.min(Math.round(((now - this.drawnAt) / 1000) * SPEED * scale), scope.width));
    this.drawnAt = now;
    paper.globalCompositeOperation = "copy";
    paper.drawImage(scope, -step, 0);
    paper.globalCompositeOperation = "source-over";
    const lane = scope.height / BANDS.length;
    this.bands.forEach((band, i) => {
      const middle = scope.height - (i + 0.5) * lane;
      const half = Math.max(scale / 2, (band.level * lane) / 2.3);
      paper.fillStyle = band.colour;
      paper.globalAlpha = 0.25 + 0.75 * band.level;
      paper.fillRect(scope.width - step, middle - half, step, 2 * half);
      paper.globalAlpha = 1;
      if (band.isHit) {
        paper.fillStyle = "#fff";
        paper.fillRect(scope.width - scale, middle - lane / 2.3, scale, (2 * lane) / 2.3);
      }
    });
  }
}
