// The confidence view: all that a person beside the stage wants to see, read only.

import { Link } from "./link.js";
import { Picture } from "./picture.js";
import { element } from "./widgets.js";

const ASK_MS = 1000;
const RECENT_MS = 60000; // for so long a loss is shown
const MAX_FAULTS = 4;
const FLASH_MS = 120;
const SURE = 0.1; // under it no beat is shown
const BANDS = ["low", "mid", "high", "air"];

const SIGNALS = [
  ...BANDS.flatMap((band) => [`/feature/${band}/level`, `/feature/${band}/onset`]),
  ...["bpm", "bar_phase", "confidence"].map((name) => `/feature/${name}`),
  ...["/scene/current", "/scene/pending", "/scene/place", "/audio/health"],
];
const REFUSED = "/error/last"; // of any controller
const VALUES = ["/master/blackout", "/master/freeze", "/beat/beats_per_bar", "/audio/source"];
const MAYBE = ["/transport/position", "/transport/duration"]; // where the server knows them

const $ = (id) => document.getElementById(id);
const now = new Map(); // the newest value of each address
const lit = {}; // until when a band's hit is shown
const counts = new Map(); // what was lost, by cause, since the start
const faults = new Map(); // when each was seen last; the newest come last
const missing = new Set(); // what is missing now
const scenes = [];
let isAsked = false;

const link = new Link({
  hear,
  opened: () => refresh().catch(() => link.drop()),
  lost: () => lose("the server", true),
  changed: () => refresh().catch(() => link.drop()),
});

const picture = new Picture(
  $("picture"),
  (meta) => ($("model").textContent = meta.model),
  (isLost) => lose("the picture", isLost),
);

function leavesOf(node) {
  return node.CONTENTS ? Object.values(node.CONTENTS).flatMap(leavesOf) : [node];
}

async function refresh() {
  const tree = await (await fetch("/", { headers: { Accept: "application/json" } })).json();
  const nodes = new Map(leavesOf(tree).map((node) => [node.FULL_PATH, node]));
  const wanted = [...SIGNALS, REFUSED, ...VALUES, ...MAYBE].filter((address) => nodes.get(address)?.VALUE);
  link.listen(wanted);
  for (const address of wanted) if (address !== REFUSED) hear(address, nodes.get(address).VALUE);
  lose("the server", false);
  link.send("/scene/list", "");
}

function hear(address, [value, name]) {
  const [, group, what, kind] = address.split("/");
  if (group === "stats" && what !== "fps") return count(what, kind, value);
  if (address === REFUSED) {
    note(value);
    return drawFaults();
  }
  if (address === "/stats/fps") $("fps").textContent = value.toFixed(1);
  if (address === "/scene/count") scenes.length = 0;
  if (address === "/scene/item") scenes[value - 1] = name;
  if (kind === "onset" && value) lit[what] = performance.now() + FLASH_MS;
  now.set(address, value);
  if (isAsked) return undefined;
  isAsked = true;
  return requestAnimationFrame(draw);
}

// What is missing is said while it is, and that it was for some time after.
function lose(what, isLost) {
  if (isLost) missing.add(what);
  else missing.delete(what);
  if (isLost) note(`${what} was lost`);
  drawFaults();
}

function note(fault) {
  faults.delete(fault);
  faults.set(fault, performance.now());
}

// Counts are since the start: only what has been lost while this page is open is news.
function count(what, kind, value) {
  const name = what === "late" ? "late frames" : what === "dropped" ? `lost: ${kind?.replaceAll("_", " ")}` : "";
  if (!name) return;
  if (value > (counts.get(name) ?? value)) note(name);
  counts.set(name, value);
}

function draw() {
  isAsked = false;
  const time = performance.now();
  for (const band of BANDS) {
    const bar = document.querySelector(`#bars .${band}`);
    bar.style.setProperty("--level", (now.get(`/feature/${band}/level`) ?? 0).toFixed(3));
    bar.classList.toggle("hit", time < (lit[band] ?? 0));
  }
  $("blackout").hidden = !now.get("/master/blackout");
  $("freeze").hidden = !now.get("/master/freeze");
  write("now", now.get("/scene/current") || "\u2013");
  write("next", nextScene());
  drawBeat();
  write("source", now.get("/audio/source") ?? "");
  write("position", now.has(MAYBE[0]) ? MAYBE.filter((address) => now.get(address) > 0).map((address) => clock(now.get(address))).join(" / ") : "");
}

function nextScene() {
  const pending = now.get("/scene/pending");
  if (pending) return `\u2192 ${pending}`;
  const place = now.get("/scene/place");
  return place && scenes.length > 1 ? `then ${scenes[place % scenes.length] ?? ""}` : "";
}

function drawBeat() {
  const isSure = now.get("/feature/confidence") > SURE;
  const beats = now.get("/beat/beats_per_bar") ?? 4;
  const dots = $("count");
  if (dots.children.length !== beats) dots.replaceChildren(...Array.from({ length: beats }, () => element("i")));
  const at = isSure ? Math.min(Math.floor((now.get("/feature/bar_phase") ?? 0) * beats), beats - 1) : -1;
  [...dots.children].forEach((dot, i) => dot.classList.toggle("on", i === at));
  write("bpm", isSure ? now.get("/feature/bpm").toFixed(1) : "\u2013");
}

function drawFaults() {
  const recent = [...faults].filter(([, at]) => performance.now() - at < RECENT_MS).reverse();
  const words = recent.map(([fault, at]) => `${fault}, ${Math.round((performance.now() - at) / 1000)} s ago`);
  const shown = [...[...missing].map((what) => `${what} is lost`), now.get("/audio/health"), ...words].filter(Boolean).slice(0, MAX_FAULTS);
  const items = shown.length ? shown.map((textContent) => element("li", { textContent })) : [element("li", { className: "well", textContent: "all is well" })];
  $("faults").replaceChildren(...items);
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

setInterval(() => {
  link.send("/stats", "");
  link.send("/scene/list", "");
  drawFaults();
}, ASK_MS);
window.panel = picture; // the number of shown frames, for tests and benchmarks
drawFaults();
link.open();
picture.open();
