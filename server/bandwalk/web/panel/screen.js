// The picture full screen, a screenshot of it, and what a key did, said over it.

import { element } from "./widgets.js";

const SAID_MS = 2000;

export class Screen {
  constructor(canvas, notice, button) {
    Object.assign(this, { canvas, notice });
    button.onclick = () => this.toggle();
    canvas.ondblclick = () => this.toggle();
    // Escape ends the browser's full screen, and then the page's own.
    document.addEventListener("fullscreenchange", () => document.fullscreenElement || this.fill(false));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.fill(false));
  }

  get isFull() {
    return document.body.classList.contains("full");
  }

  fill(isFull) {
    document.body.classList.toggle("full", isFull);
  }

  // Where a browser has no full screen (a telephone's), the picture fills the page.
  toggle() {
    const isFull = !this.isFull;
    this.fill(isFull);
    if (isFull) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
    return true;
  }

  say(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.notice.hidden = true), SAID_MS);
  }

  save() {
    const name = `bandwalk-${new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15)}.png`;
    this.canvas.toBlob((blob) => {
      const href = URL.createObjectURL(blob);
      element("a", { href, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 10000);
      this.say(name);
    });
    return true;
  }
}
