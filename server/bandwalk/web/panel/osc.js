// OSC 1.0 packets: bytes to messages and back.

const UTF8 = new TextEncoder();
const TEXT = new TextDecoder();

function padded(text) {
  const bytes = UTF8.encode(text);
  const out = new Uint8Array((bytes.length + 4) & ~3);
  out.set(bytes);
  return out;
}

function argument(tag, value) {
  const out = new DataView(new ArrayBuffer(4));
  if (tag === "s") return padded(value);
  if (tag === "i") out.setInt32(0, value);
  else if (tag === "f") out.setFloat32(0, value);
  else return new Uint8Array(0);
  return new Uint8Array(out.buffer);
}

// One message; tags as "f" or "sf", a boolean as T or F, none for a button.
export function encode(address, tags = "", ...values) {
  const parts = [padded(address), padded("," + tags), ...[...tags].map((tag, i) => argument(tag, values[i]))];
  const packet = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (packet.set(part, at), at + part.length), 0);
  return packet;
}

// Calls hear(address, values) for each message of a packet, bundles flattened.
export function decode(buffer, hear, start = 0, end = buffer.byteLength) {
  const bytes = new Uint8Array(buffer, start, end - start);
  const view = new DataView(buffer, start, end - start);
  if (bytes[0] === 0x23) {
    for (let at = 16; at + 4 <= bytes.length; ) {
      const size = view.getInt32(at);
      decode(buffer, hear, start + at + 4, start + at + 4 + size);
      at += 4 + size;
    }
    return;
  }
  let at = 0;
  const text = () => {
    const stop = bytes.indexOf(0, at);
    const found = TEXT.decode(bytes.subarray(at, stop));
    at = (stop + 4) & ~3;
    return found;
  };
  const number = (read) => ((at += 4), read.call(view, at - 4));
  const address = text();
  const read = {
    f: () => number(view.getFloat32),
    i: () => number(view.getInt32),
    s: text,
    T: () => true,
    F: () => false,
  };
  const values = [...text().slice(1)].map((tag) => read[tag]());
  hear(address, values);
}
