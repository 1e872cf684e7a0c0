// Module for Open Stage Control (--custom-module): keeps its session in step with bandwalk.
// A subscription gets the whole state at once, and then again bit by bit; a page that opens late gets it at once, too.
const EVERY_MS = 4000;
const RATE = 30; // features a second: what eyes see
const REFRESH_S = 5;
const [host, port] = [].concat(settings.read("send") || "127.0.0.1:9000")[0].split(":");
const own = { type: "i", value: Number(settings.read("osc-port") || settings.read("port")) };

function subscribe() {
    send(host, Number(port), "/subscribe", own, { type: "f", value: RATE }, { type: "i", value: REFRESH_S });
}

function begin() {
    send(host, Number(port), "/unsubscribe", own);
    subscribe();
}

const timer = setInterval(subscribe, EVERY_MS);
app.on("sessionOpened", begin);
begin();

module.exports = {
    unload() {
        clearInterval(timer);
        app.removeListener("sessionOpened", begin);
    },
};
