// The panel: asks the server for its tree, makes a control for each node, and keeps them synchronised with other controllers.

import { Directions } from "./directions.js";
import { History } from "./history.js";
import { Keyboard } from "./keyboard.js";
import { Link } from "./link.js";
import { Look, LOOK_SIGNAL } from "./look.js";
import { Meters } from "./meters.js";
import { Learn, Midi, MIDI_SIGNALS } from "./midi.js";
import { bandChooser, keepUnderTheThumb, Wake } from "./phone.js";
import { Picture } from "./picture.js";
import { Presets } from "./presets.js";
import { Routes } from "./routes.js";
import { Recording, RECORD_SIGNALS } from "./record.js";
import { Scenes, SCENE_SIGNALS } from "./scenes.js";
import { Screen } from "./screen.js";
import { Models, Question, Stats } from "./shelves.js";
import { Slots } from "./slots.js";
import { Song, SONG_SIGNALS, Sources } from "./sound.js";
import { Seeds, Styles } from "./styles.js";
import { Uploads } from "./uploads.js";
import { buttonOf, controlOf, element, help } from "./widgets.js";

const BANDS = ["low", "mid", "high"];
const OWN = ["error", "feature", "spectrum", "frame", "preset", "model", "transport", "stats", "ping", "control", "midi", "record"]; // not shown as controls
const EMERGENCY = ["/master/freeze", "/master/blackout"];
const ASK_MS = 1000;
const PRESETS_MS = 5000;

const $ = (id) => document.getElementById(id);
const controls = new Map();
const shelves = [];
let known = "";
let routes = new Routes();
let directions = new Directions([], () => {});

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
  look.mark(address);
  directions.hear(address, values);
  meters.hear(address, values); // the server echoes what this panel sets only to other controllers
  song?.hear(address, values);
  routes.hear(address, tags === "F" || tags === "T" ? [tags === "T"] : values);
};
// As send, where no control of this address was moved: it shows the value, too.
const set = (address, tags, ...values) => {
  send(address, tags, ...values);
  for (const control of tags ? controlsOf(address) : []) control.show(values[0]);
};
const meters = new Meters($("meters"));
const controlsOf = (address) => controls.get(address) ?? [];
const stage = new Screen($("picture"), $("notice"), $("fill"));
const say = (text) => stage.say(text);
const steps = new History({
  controlOf: (address) => controlsOf(address)[0],
  say,
  changed: showSteps,
  recall: (name) => send("/preset/recall", "sf", name, 0),
});
const look = new Look($("differing"), {
  controlsOf,
  all: () => [...controls.values()],
  history: steps,
  say,
  save: () => ($("tab-Play").click(), presets.name.focus()),
});
const keyboard = new Keyboard({
  fullscreen: () => stage.toggle(),
  screenshot: () => stage.save(),
  toggle: ({ address }) => byKey(address, (control) => control.move(!control.value)),
  nudge: ({ address, step }, _, event) =>
    byKey(address, (control) => {
      if (!event.repeat) control.grip = {};
      control.nudge(step);
    }),
  push: ({ address }) => {
    const [, , band, what] = address.split("/");
    send(address, "");
    say(`${what} ${band}`);
    return true;
  },
  reseed: ({ address }) => byKey(address, (control) => control.random()),
  undo: () => steps.undo(),
  redo: () => steps.redo(),
  slot: (_, key) => slots.press(key),
});
const awake = element("p", { className: "note" });
new Wake(awake);
const second = element("a", { href: "monitor", target: "_blank", textContent: "Open the page for a second screen" });
const device = element("section", { className: "card device" }, element("h3", { textContent: "This device" }), second, awake);
keepUnderTheThumb($("emergency"), document.querySelector("body > header"), $("bar"));
const asking = new Question(() => asking.hide());
asking.root.id = "ask";
const slots = new Slots({
  recall: {
    look: (name) => presets.recall(name),
    style: (name) => styles.recall(name),
    scene: (name) => send("/scene/go", "s", name),
  },
  present: () => look.name,
});
const uploads = new Uploads({
  play: (name) => sources.choose(name),
  begun: () => $("tab-Sound").click(),
});
let presets;
let sources;
let song;
let styles;
document.body.append(keyboard.root, look.list, slots.dialog, asking.root);
$("undo").onclick = () => steps.undo();
$("redo").onclick = () => steps.redo();
$("help").onclick = () => keyboard.toggleHelp();

const learn = new Learn($("learn"), $("learned"), send);
const picture = new Picture(
  $("picture"),
  (meta) => {
    $("model").textContent = meta.model;
    for (const shelf of shelves) shelf.show?.(meta.model);
  },
  (isLost) => tellLost("picture", isLost),
);

function showSteps() {
  $("undo").disabled = !steps.done.length;
  $("redo").disabled = !steps.undone.length;
}

// Moves a control by a key, and says what it has come to.
function byKey(address, move) {
  const [control] = controlsOf(address);
  if (!control) return false;
  move(control);
  say(`${control.name} ${typeof control.value === "boolean" ? (control.value ? "on" : "off") : control.value}`);
  return true;
}

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
  for (const control of controlsOf(address)) {
    control.accept();
    control.show(values[0]);
  }
  look.hear(address, values);
  if (address === "/error") {
    steps.drop(values[0]);
    for (const control of controlsOf(values[0])) control.refuse(values[1]);
  }
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
  link.listen([...meters.addresses(tree), "/frame/age_ms", ...MIDI_SIGNALS, ...SCENE_SIGNALS, ...SONG_SIGNALS, ...RECORD_SIGNALS, ...routes.addresses, ...controls.keys()]);
  if (isNew) return refresh();
  for (const node of leaves) for (const control of controlsOf(node.FULL_PATH)) control.show(node.VALUE?.[0]);
  for (const node of leaves) if (node.ACCESS === 3) routes.hear(node.FULL_PATH, node.VALUE);
  for (const { FULL_PATH, VALUE } of leaves) if (MIDI_SIGNALS.includes(FULL_PATH) && VALUE) learn.hear(FULL_PATH, VALUE);
  look.follow(leaves.find(({ FULL_PATH }) => FULL_PATH === LOOK_SIGNAL)?.VALUE?.[0] ?? "");
  for (const { FULL_PATH, VALUE } of leaves) if (/^\/(transport|loop|cue|audio|scene)\//.test(FULL_PATH) && VALUE) for (const shelf of shelves) shelf.hear(FULL_PATH, VALUE);
  tellLost("server", false);
  for (const shelf of shelves) shelf.ask?.();
}

function leavesOf(node) {
  return node.CONTENTS ? Object.values(node.CONTENTS).flatMap(leavesOf) : [node];
}

function place(node) {
  const control = controlOf(node, send);
  control.moved = (...change) => {
    steps.note(...change);
    look.touch(node.FULL_PATH);
  };
  control.asked = () => look.reset([node.FULL_PATH]);
  controls.set(node.FULL_PATH, [...controlsOf(node.FULL_PATH), control]);
  return control.root;
}

function card(heading, kind, ...nodes) {
  const leaves = nodes.filter((node) => node && !node.CONTENTS);
  const pushes = leaves.filter((node) => node.TYPE === "I" && !node.FULL_PATH.endsWith("/list"));
  const head = element("header", {}, element("h3", { textContent: heading }), ...pushes.map((node) => buttonOf(node, send)));
  return element("section", { className: `card ${kind}` }, head, ...leaves.filter((node) => node.ACCESS === 3).map(place));
}

// Large buttons for the bumps, to play them by hand.
function bumpsOf(walk) {
  const bumps = BANDS.map((name) => [name, walk?.CONTENTS[name]?.CONTENTS.bump]).filter(([, node]) => node);
  return bumps.map(([name, node]) => Object.assign(buttonOf(node, send), { textContent: name, className: `pad ${name}` }));
}

function pads(walk) {
  const head = element("header", {}, element("h3", { textContent: "Bump" }));
  return element("section", { className: "card bumps" }, head, element("div", { className: "group" }, ...bumpsOf(walk)));
}

// The cards of a page that stay in their column, however long they get.
const column = (...cards) => element("div", { className: "column" }, ...cards);

const contents = (node) => Object.values(node?.CONTENTS ?? {});

function build(tree) {
  controls.clear();
  shelves.length = 0;
  shelves.push(...[Presets, Models, Stats, Midi, Styles, Seeds].map((Shelf) => new Shelf(send)));
  const [, models, stats, midi, , seeds] = shelves;
  presets = Object.assign(shelves[0], { look, asking });
  styles = shelves[4];
  const { master, beat, band, walk, mix, style, transform, direction, bend, route, color, feedback, audio, transport, loop, cue, out, model, scene, auto, ...others } = tree.CONTENTS;
  const bands = BANDS.map((name) =>
    card(name, `band ${name}`, ...[walk, band].flatMap((top) => contents(top?.CONTENTS[name])), mix?.CONTENTS[name]?.CONTENTS.layers),
  );
  directions = new Directions(contents(direction).filter((node) => node.CONTENTS), place);
  shelves.push(directions);
  routes = new Routes(route, place, controlsOf);
  const rest = Object.entries(others).filter(([name]) => !OWN.includes(name));
  const scenes = new Scenes(send, [...contents(scene), ...contents(auto)].filter((node) => node.ACCESS === 3).map(place));
  const settable = (node) => leavesOf(node).filter((leaf) => leaf.ACCESS === 3).map(place);
  const details = (text, nodes) => element("details", {}, element("summary", { textContent: text }), ...nodes);
  const repeat = contents(transport).filter((node) => ["/transport/repeat", "/transport/crossfade"].includes(node.FULL_PATH)).map(place);
  const times = [transport.CONTENTS.position, ...contents(loop), ...contents(cue.CONTENTS.at)].filter((node) => node.ACCESS === 3);
  song = new Song(set, ...repeat, details("in seconds", times.map(place)));
  sources = new Sources(set, ...settable(audio));
  const recording = new Recording(send);
  shelves.push(scenes, slots, song, sources, recording);
  show({
    Play: [
      column(
        pads(walk),
        card("Master", "", ...contents(master).filter((node) => !EMERGENCY.includes(node.FULL_PATH))),
        scenes.root,
        slots.root,
      ),
      column(presets.root, card("Beat", "", ...contents(beat)), recording.root),
    ],
    Sound: [uploads.root, song.root, sources.root],
    Bands: [bandChooser(BANDS), ...bands],
    Picture: [
      column(
        card("Colour", "", ...contents(color)),
        card("Style", "", ...contents(style)),
        card("Transform", "", ...contents(transform)),
        card("Feedback", "", ...contents(feedback)),
      ),
      column(...contents(bend).map((node) => card(`Bend ${node.FULL_PATH.split("/").pop()}`, "", ...contents(node)))),
    ],
    Styles: [styles.root, seeds.root],
    Directions: directions.roots,
    Routes: routes.roots,
    Setup: [
      column(models.root, card("Change of model", "", ...contents(model)), midi.root),
      column(card("Output", "", ...contents(out)), ...rest.map(([name, node]) => card(name, "", ...leavesOf(node)))),
    ],
    Server: [stats.root, device],
  });
  const emergency = EMERGENCY.map((address) => leavesOf(tree).find((node) => node.FULL_PATH === address));
  $("bumps").replaceChildren(...bumpsOf(walk));
  $("emergency").replaceChildren(...emergency.filter(Boolean).map(place));
  explain(new Map(leavesOf(tree).map((node) => [node.FULL_PATH, node])));
}

// A button that a shelf made, as a scene's or a look's, gets the help of the command that it sends.
function explain(nodes) {
  document.onpointerover = (event) => {
    const button = event.target.closest("[data-address]:not([title])");
    const node = button && nodes.get(button.dataset.address.split(" ")[0]);
    if (node) button.title = help(node);
  };
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
  let [shown] = made;
  const choose = (name) => {
    shown.at = $("desk").scrollTop;
    for (const each of made) {
      each.tab.setAttribute("aria-selected", each.name === name);
      each.tab.tabIndex = each.name === name ? 0 : -1;
      each.page.hidden = each.name !== name;
      if (each.name === name) shown = each;
    }
    $("desk").scrollTop = shown.at ?? 0; // each page stays where it was left
    shown.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
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
