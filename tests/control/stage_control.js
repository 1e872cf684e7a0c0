// A stand-in for Open Stage Control: runs the module with what the program offers one, and keeps what its page shows.
// Lines on stdin: open (a page opens or reloads), tick (the module's timer), deaf, hear, lossy, read (tells the page).
const EventEmitter = require("node:events");
const readline = require("node:readline");
const osc = require("osc");

const [, , modulePath, serverPort] = process.argv;
const line = new osc.UDPPort({ localAddress: "127.0.0.1", localPort: 0, metadata: true });
let page = null; // nothing is open
let lost = () => false;
let dice = 1;
let tick = () => {};

line.on("message", (message) => {
    if (page && !lost()) page[message.address] = message.args[0]?.value;
});
line.on("ready", () => {
    const own = line.socket.address().port;
    global.settings = { read: (name) => ({ send: [`127.0.0.1:${serverPort}`], "osc-port": own })[name] };
    global.app = new EventEmitter();
    global.send = (host, port, address, ...args) => line.send({ address, args }, host, port);
    global.setInterval = (call) => { tick = call; return 1; };
    global.clearInterval = () => {};
    require(modulePath);
    console.log(JSON.stringify(own));
});
const orders = {
    open: () => { page = {}; app.emit("sessionOpened", {}, {}); },
    tick: () => tick(),
    deaf: () => { lost = () => true; },
    hear: () => { lost = () => false; },
    lossy: () => { lost = () => (dice = (dice * 48271) % 2147483647) % 20 === 0; }, // five of a hundred
};
readline.createInterface({ input: process.stdin }).on("line", (order) => {
    orders[order]?.();
    console.log(JSON.stringify(order === "read" ? page : order));
}).on("close", () => process.exit());
line.open();
