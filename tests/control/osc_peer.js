// npm's osc as a controller: each line on stdin is a packet to send, each line on stdout one that came.
"use strict";
const osc = require("osc");
const readline = require("readline");

const port = new osc.UDPPort({
    localAddress: "127.0.0.1",
    localPort: 0,
    remoteAddress: "127.0.0.1",
    remotePort: Number(process.argv[2]),
    metadata: true,
});

const print = (value) => process.stdout.write(JSON.stringify(value) + "\n");

function dated(packet) {
    if (packet.timeTag && "inSeconds" in packet.timeTag) {
        packet.timeTag = osc.timeTag(packet.timeTag.inSeconds);
    }
    for (const arg of packet.args || []) {
        if (arg.type === "b" || arg.type === "m") {
            arg.value = Uint8Array.from(arg.value);
        }
    }
    (packet.packets || []).forEach(dated);
    return packet;
}

let inBundle = 0;
port.on("bundle", (bundle) => {
    inBundle = bundle.packets.length; // osc.js gives each message of a bundle again, by itself
    print(bundle);
});
port.on("message", (message) => (inBundle > 0 ? inBundle-- : print(message)));
port.on("error", (error) => print({ address: "error", args: [String(error)] }));
port.on("ready", () => {
    print(port.socket.address().port);
    readline
        .createInterface({ input: process.stdin })
        .on("line", (line) => port.send(dated(JSON.parse(line))))
        .on("close", () => port.close());
});
port.open();
