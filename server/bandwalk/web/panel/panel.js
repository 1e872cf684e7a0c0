// The panel: asks the server for its tree, makes a control for each node, and keeps them synchronised with other controllers.

import { Link } from "./link.js";
import { Meters } from "./meters.js";
import { Learn, Midi, MIDI_SIGNALS } from "./midi.js";
import { Picture } from "./picture.js";
import { Presets } from "./presets.js";
import { Routes } from "./routes.js";
import { Scenes, SCENE_SIGNALS } from "./scenes.js";
import { Models, Stats } from "./shelves.js";
import { Song, SONG_SIGNALS, Sources } from "./sound.js";
import { Seeds, Styles } from "./styles.js";
import { buttonOf, controlOf, element } from "./widgets.js";

const BANDS = ["low", "mid", "high"];
const OWN = ["feature", "spectrum", "frame", "preset", "model", "transport", "stats", "ping", "control", "midi"]; // not shown as controls
const EMERGENCY = ["/master/freeze", "/master/blackout"];
const ASK_MS = 1000;
const PRESETS_MS = 5000;

const $ = (id) => document.getElementById(id);
const controls = new Map();
const shelves = [];
let known = "";
let routes = new Routes();

const missing = new Set(); // "server", "picture"
const link = new Link({
  hear,
  opened: () => refresh().catch(() => link.drop()),
  lost: () => {
    tellLost("server", true);
    for (const id of ["fps", "age"]) $(id).textContent = "\u2013";
  },
  changed: () => refresh().catch(() => link.drop()),
});
const send = (address, tags, ...values) => {
  link.send(address, tags, ...values);
  meters.hear(address, values); // the server echoes what this panel sets only to other controllers
  routes.hear(address, tags === "F" || tags === "T" ? [tags === "T"] : values);
};
const meters = new Meters($("meters"));
const learn = new Learn($("learn"), $("learned"), send);
const picture = new Picture(
  $("picture"),
  (meta) => {
    $("model").textContent = meta.model;
    for (const shelf of shelves) shelf.show?.(meta.model);
  },
  (isLost) => tellLost("picture", isLost),
);

function tellLost(what, isLost) {
  if (isLost) missing.add(what);
  else missing.delete(what);
  $("lost").hidden = !missing.size;
  if (missing.size) $("lost").textContent = `The ${missing.has("server") ? "server" : "picture"} is lost. Reconnecting\u2026`;
}

function hear(address, values) {
  meters.hear(address, values);
  learn.hear(address, values);
  routes.hear(address, values);
  if (address === "/frame/age_ms") $("age").textContent = values[0].toFixed(0);
  if (address === "/stats/fps") $("fps").textContent = values[0].toFixed(values[0] < 99.95 ? 1 : 0);
  for (const control of controls.get(address) ?? []) {
    control.accept();
    control.show(values[0]);
  }
  if (address === "/error") for (const control of controls.get(values[0]) ?? []) control.refuse(values[1]);
  for (const shelf of shelves) shelf.hear(address, values);
}

// Listens first, then asks, so that no change is missed; a value that is new in the tree is asked for again.
async function refresh() {
  const tree = await (await fetch("/", { headers: { Accept: "application/json" } })).json();
  const leaves = leavesOf(tree);
  const shape = JSON.stringify(leaves.map(({ VALUE, TYPE, ...rest }) => rest));
  const isNew = shape !== known;
  if (isNew) build(tree);
  known = shape;
  link.listen([...meters.addresses(tree), "/frame/age_ms", ...MIDI_SIGNALS, ...SCENE_SIGNALS, ...SONG_SIGNALS, ...routes.addresses, ...controls.keys()]);
  if (isNew) return refresh();
  for (const node of leaves) for (const control of controls.get(node.FULL_PATH) ?? []) control.show(node.VALUE?.[0]);
  for (const node of leaves) if (node.ACCESS === 3) routes.hear(node.FULL_PATH, node.VALUE);
  for (const { FULL_PATH, VALUE } of leaves) if (MIDI_SIGNALS.includes(FULL_PATH) && VALUE) learn.hear(FULL_PATH, VALUE);
  for (const { FULL_PATH, VALUE } of leaves) if (/^\/(transport|cue|audio)\//.test(FULL_PATH) && VALUE) for (const shelf of shelves) shelf.hear(FULL_PATH, VALUE);
  tellLost("server", false);
  for (const shelf of shelves) shelf.ask?.();
}

function leavesOf(node) {
  return node.CONTENTS ? Object.values(node.CONTENTS).flatMap(leavesOf) : [node];
}

function place(node) {
  const control = controlOf(node, send);
  controls.set(node.FULL_PATH, [...(controls.get(node.FULL_PATH) ?? []), control]);
  return control.root;
}

function card(heading, kind, ...nodes) {
  const leaves = nodes.filter((node) => node && !node.CONTENTS);
  const pushes = leaves.filter((node) => node.TYPE === "I" && !node.FULL_PATH.endsWith("/list"));
  const head = element("header", {}, element("h3", { textContent: heading }), ...pushes.map((node) => buttonOf(node, send)));
  return element("section", { className: `card ${kind}` }, head, ...leaves.filter((node) => node.ACCESS === 3).map(place));
}

// Large buttons for the bumps, to play them by hand.
function pads(walk) {
  const bumps = BANDS.map((name) => [name, walk?.CONTENTS[name]?.CONTENTS.bump]).filter(([, node]) => node);
  const buttons = bumps.map(([name, node]) => Object.assign(buttonOf(node, send), { textContent: name, className: `pad ${name}` }));
  const head = element("header", {}, element("h3", { textContent: "Bump" }));
  return element("section", { className: "card" }, head, element("div", { className: "group" }, ...buttons));
}

const contents = (node) => Object.values(node?.CONTENTS ?? {});

function build(tree) {
  controls.clear();
  shelves.length = 0;
  shelves.push(...[Presets, Models, Stats, Midi, Styles, Seeds].map((Shelf) => new Shelf(send)));
  const [presets, models, stats, midi, styles, seeds] = shelves;
  const { master, beat, band, walk, mix, style, transform, direction, bend, route, color, feedback, audio, transport, loop, cue, out, model, scene, auto, ...others } = tree.CONTENTS;
  const bands = BANDS.map((name) =>
    card(name, `band ${name}`, ...[walk, band].flatMap((top) => contents(top?.CONTENTS[name])), mix?.CONTENTS[name]?.CONTENTS.layers),
  );
  const directions = contents(direction).filter((node) => node.CONTENTS);
  routes = new Routes(route, place, (address) => controls.get(address) ?? []);
  const rest = Object.entries(others).filter(([name]) => !OWN.includes(name));
  const scenes = new Scenes(send, [...contents(scene), ...contents(auto)].filter((node) => node.ACCESS === 3).map(place));
  const settable = (node) => leavesOf(node).filter((leaf) => leaf.ACCESS === 3).map(place);
  const details = (text, nodes) => element("details", {}, element("summary", { textContent: text }), ...nodes);
  const repeat = contents(transport).filter((node) => node.FULL_PATH === "/transport/repeat").map(place);
  const times = [transport.CONTENTS.position, ...contents(loop), ...contents(cue.CONTENTS.at)].filter((node) => node.ACCESS === 3);
  const song = new Song(send, ...repeat, details("in seconds", times.map(place)));
  const sources = new Sources(send, ...settable(audio));
  shelves.push(scenes, song, sources);
  show({
    Play: [
      pads(walk),
      scenes.root,
      card("Beat", "", ...contents(beat)),
      card("Master", "", ...contents(master).filter((node) => !EMERGENCY.includes(node.FULL_PATH))),
      presets.root,
    ],
    Sound: [sources.root, song.root],
    Bands: bands,
    Picture: [
      card("Style", "", ...contents(style)),
      card("Transform", "", ...contents(transform)),
      card("Colour", "", ...contents(color)),
      card("Feedback", "", ...contents(feedback)),
      ...contents(bend).map((node) => card(`Bend ${node.FULL_PATH.split("/").pop()}`, "", ...contents(node))),
    ],
    Styles: [styles.root, seeds.root],
    Directions: directions.map((node) => card(node.FULL_PATH.split("/").pop(), "", ...contents(node))),
    Routes: routes.roots,
    Setup: [
      models.root,
      card("Change of model", "", ...contents(model)),
      midi.root,
      card("Output", "", ...contents(out)),
      ...rest.map(([name, node]) => card(name, "", ...leavesOf(node))),
    ],
    Server: [stats.root],
  });
  const emergency = EMERGENCY.map((address) => leavesOf(tree).find((node) => node.FULL_PATH === address));
  $("emergency").replaceChildren(...emergency.filter(Boolean).map(place));
}

function show(pages) {
  const chosen = location.hash.slice(1);
  const tabs = document.querySelector("nav");
  const filled = Object.entries(pages).filter(([, cards]) => cards.length);
  const made = filled.map(([name, cards]) => {
    const tab = element("button", { type: "button", id: `tab-${name}`, textContent: name, role: "tab" });
    const page = element("div", { id: `page-${name}`, className: "page", role: "tabpanel" }, ...cards);
    tab.setAttribute("aria-controls", page.id);
    page.setAttribute("aria-labelledby", tab.id);
    tab.onclick = () => choose(name);
    return { name, tab, page };
  });
  const choose = (name) => {
    for (const each of made) {
      each.tab.setAttribute("aria-selected", each.name === name);
      each.tab.tabIndex = each.name === name ? 0 : -1;
      each.page.hidden = each.name !== name;
    }
    history.replaceState(null, "", `#${name}`);
  };
  tabs.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const at = made.findIndex(({ tab }) => tab === document.activeElement);
    const next = made.at((at + by) % made.length);
    next.tab.focus();
    choose(next.name);
  };
  tabs.replaceChildren(...made.map(({ tab }) => tab));
  $("desk").replaceChildren(...made.map(({ page }) => page));
  choose(made.some(({ name }) => name === chosen) ? chosen : "Play");
}

window.panel = picture; // the number of shown frames, for tests and benchmarks
setInterval(() => send("/stats", ""), ASK_MS);
setInterval(() => shelves.forEach((shelf) => shelf.again?.()), PRESETS_MS); // others change them too
link.open();
picture.open();
