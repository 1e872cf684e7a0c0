// Recording: a button that begins and ends it, the file and the time recorded.

import { element } from "./widgets.js";

export const RECORD_SIGNALS = ["file", "time", "fault"].map((name) => `/record/${name}`);

const clock = (seconds) => [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");

export class Recording {
  constructor(send) {
    this.file = "";
    this.seconds = 0;
    this.fault = "";
    this.button = element("button", { type: "button", className: "push", textContent: "record" });
    this.button.dataset.address = "/record/start";
    this.button.onclick = () => (this.file ? send("/record/stop", "") : send("/record/start", ""));
    this.said = element("output", {});
    this.root = element("section", { className: "card recording" }, element("h3", { textContent: "Recording" }), this.button, this.said);
    this.draw();
  }

  hear(address, [value, reason]) {
    if (address === "/record/file") this.file = value;
    else if (address === "/record/time") this.seconds = value;
    else if (address === "/record/fault") this.fault = value;
    else if (address === "/error" && /^\/record\//.test(value)) this.fault = reason;
    else return;
    this.draw();
  }

  draw() {
    this.button.textContent = this.file ? "stop recording" : "record";
    this.button.dataset.address = this.file ? "/record/stop" : "/record/start";
    this.button.classList.toggle("on", Boolean(this.file));
    this.said.textContent = this.file ? `${clock(this.seconds)} ${this.file}` : this.fault;
  }
}
