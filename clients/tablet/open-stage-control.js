// Module for Open Stage Control (--custom-module): keeps its session in step with bandwalk.
// Subscribes every few seconds, and asks for all values when the server appears.
const EVERY_MS = 4000;
const [host, port] = [].concat(settings.read("send") || "127.0.0.1:9000")[0].split(":");
const own = Number(settings.read("osc-port") || settings.read("port"));
const parameters = loadJSON("bandwalk.json")
    .content.tabs.flatMap((tab) => tab.widgets)
    .filter((widget) => "default" in widget && widget.type !== "text")
    .map((widget) => widget.address);
let heard = -EVERY_MS;

const timer = setInterval(() => send(host, Number(port), "/subscribe", { type: "i", value: own }), EVERY_MS);

module.exports = {
    oscInFilter(data) {
        const now = Date.now();
        if (now - heard >= EVERY_MS) {
            parameters.forEach((address) => send(host, Number(port), address));
        }
        heard = now;
        return data;
    },
    unload() {
        clearInterval(timer);
    },
};
