// Routes: sixteen cards that open, and a ghost on the control of what a route moves.

import { element } from "./widgets.js";

const NAMES = ["from", "to", "enabled"];
const SILENT_MS = 1000; // without news a ghost goes: the route is no longer in use

export class Routes {
  constructor(node, place, controlsOf) {
    this.controlsOf = controlsOf;
    this.slots = new Map();
    this.roots = Object.entries(node?.CONTENTS ?? {}).map(([slot, { CONTENTS }]) => this.card(slot, CONTENTS, place));
  }

  card(slot, nodes, place) {
    const title = element("span", {});
    const controls = Object.values(nodes).filter((node) => node.ACCESS === 3);
    this.slots.set(slot, { title, ...Object.fromEntries(NAMES.map((name) => [name, nodes[name].VALUE[0]])) });
    this.write(slot);
    const summary = element("summary", {}, element("b", { textContent: slot }), title);
    return element("details", { className: "card route" }, summary, ...controls.map(place));
  }

  get addresses() {
    return [...this.slots.keys()].map((slot) => `/route/${slot}/value`);
  }

  hear(address, [value, reason]) {
    if (address === "/error" && reason) return this.restore(value);
    const [, group, slot, name] = address.split("/");
    const route = group === "route" && this.slots.get(slot);
    if (!route) return undefined;
    if (name === "value") return this.haunt(route, value);
    if (!NAMES.includes(name)) return undefined;
    this.leave(route);
    route.before = { name, value: route[name] };
    route[name] = value;
    return this.write(slot);
  }

  // A text that was refused: the route is as it was.
  restore(address) {
    const [, group, slot, name] = address.split("/");
    const route = group === "route" && this.slots.get(slot);
    if (!route || route.before?.name !== name) return;
    route[name] = route.before.value;
    this.write(slot);
  }

  write(slot) {
    const { title, from, to, enabled } = this.slots.get(slot);
    title.textContent = from && to ? `${from} \u2192 ${to}${enabled ? "" : " (off)"}` : "unused";
    title.className = from && to && enabled ? "" : "quiet";
  }

  haunt(route, value) {
    for (const control of this.controlsOf(route.to)) control.ghost(value);
    clearTimeout(route.timer);
    route.timer = setTimeout(() => this.leave(route), SILENT_MS);
  }

  leave(route) {
    for (const control of this.controlsOf(route.to)) control.ghost(null);
  }
}
