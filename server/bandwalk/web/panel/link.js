// The connection to the server: an OSCQuery client. It reconnects by itself, and is closed while the page is hidden.

import { decode, encode } from "./osc.js";

const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 2000;
const SILENCE_MS = 4000; // features come 33 times per second: after this time without any, the connection is dead

export class Link {
  // Callbacks: hear(address, values) for messages; opened() and lost() for the connection; changed() for a new tree.
  constructor({ hear, opened, lost, changed }) {
    Object.assign(this, { hear, opened, lost, changed });
    this.wait = FIRST_WAIT_MS;
    this.listening = new Set();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.open()));
    window.addEventListener("online", () => this.open());
    window.addEventListener("pagehide", () => this.rest());
    window.addEventListener("pageshow", () => this.open());
  }

  open() {
    if (this.socket || document.hidden) return;
    clearTimeout(this.timer);
    const socket = (this.socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/`));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.heardAt = performance.now();
      this.watch = setInterval(() => this.look(), 1000);
      for (const address of this.listening) this.ask("LISTEN", address);
      this.opened();
    };
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      if (typeof data === "string") this.changed(JSON.parse(data));
      else decode(data, this.hear);
    };
    socket.onclose = () => this.socket === socket && this.drop();
  }

  // Nothing stays open while the page is hidden.
  rest() {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  drop() {
    this.rest();
    this.lost();
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 1.6, MAX_WAIT_MS);
  }

  look() {
    if (performance.now() - this.heardAt > SILENCE_MS) this.drop();
    else this.send("/ping", "i", 0);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(address, tags, ...values) {
    if (this.isOpen) this.socket.send(encode(address, tags, ...values));
  }

  ask(command, address) {
    if (this.isOpen) this.socket.send(JSON.stringify({ COMMAND: command, DATA: address }));
  }

  listen(addresses) {
    const wanted = new Set(addresses);
    for (const address of this.listening) if (!wanted.has(address)) this.ask("IGNORE", address);
    for (const address of wanted) if (!this.listening.has(address)) this.ask("LISTEN", address);
    this.listening = wanted;
  }
}
