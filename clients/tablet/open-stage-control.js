// Module for Open Stage Control (--custom-module): synchronises its session with bandwalk.
// A subscription gets the whole state at once, and then again part by part; a page that opens later gets it at once, too.
const EVERY_MS = 4000;
const RATE = 30; // features per second: enough for the eye
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
