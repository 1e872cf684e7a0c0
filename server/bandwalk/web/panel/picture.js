// The live picture: the newest frame, decoded in the background, and nothing while the page is hidden.

const MARK = new TextEncoder().encode("bandwalk\0");
const RETRY_MS = 500;
const SILENCE_MS = 4000; // the page sends nothing here, so it would not notice a dead connection

export class Picture {
  // Callbacks: described(meta) for a frame's description, about once a second; lost(is) when frames stop or come again.
  constructor(canvas, described, lost) {
    Object.assign(this, { canvas, described, lost });
    this.surface = canvas.getContext("bitmaprenderer");
    this.shown = 0;
    this.describedAt = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", () => this.open());
  }

  open() {
    if (this.socket || document.hidden) return;
    clearTimeout(this.timer);
    const socket = (this.socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/frames`));
    socket.binaryType = "arraybuffer";
    this.heardAt = performance.now();
    this.watch = setInterval(() => this.look(), 1000);
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      if (this.isLost) this.lost((this.isLost = false));
      this.newest = data;
      if (!this.isBusy) this.draw();
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.close();
      this.timer = setTimeout(() => this.open(), RETRY_MS);
    };
  }

  // A connection without frames counts as dead and is opened again.
  look() {
    if (performance.now() - this.heardAt < SILENCE_MS) return;
    if (!this.isLost) this.lost((this.isLost = true));
    this.close();
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    const socket = this.socket;
    this.socket = this.newest = null;
    socket?.close();
  }

  // Of the frames that come while one is decoded only the newest is kept.
  async draw() {
    this.isBusy = true;
    while (this.newest) {
      const jpeg = this.newest;
      this.newest = null;
      try {
        const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
        await new Promise(requestAnimationFrame);
        if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
          this.canvas.width = bitmap.width;
          this.canvas.height = bitmap.height;
          this.canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
        }
        this.surface.transferFromImageBitmap(bitmap);
        this.shown += 1;
        this.describe(jpeg);
      } catch (error) {
        console.warn("a frame that cannot be shown:", error);
      }
    }
    this.isBusy = false;
  }

  describe(jpeg) {
    if (performance.now() - this.describedAt < 900) return;
    this.describedAt = performance.now();
    const bytes = new Uint8Array(jpeg, 0, Math.min(jpeg.byteLength, 65536));
    const length = (bytes[4] << 8) + bytes[5];
    if (bytes[3] !== 0xe9 || !MARK.every((byte, i) => bytes[6 + i] === byte)) return;
    this.described(JSON.parse(new TextDecoder().decode(bytes.subarray(16, 4 + length))));
  }
}
