// The model's directions: cards that open, each with a picture of where it leads; on a telephone they begin closed.

import { picture, renew } from "./thumbs.js";
import { element } from "./widgets.js";

const WIDE = matchMedia("(min-width: 761px)");
const SEED_MS = 1000;

export class Directions {
  constructor(nodes, place) {
    this.cards = new Map();
    this.roots = nodes.map((node) => this.card(node.FULL_PATH.split("/").pop(), Object.values(node.CONTENTS), place));
  }

  card(name, nodes, place) {
    const value = element("span", { className: "value" });
    const image = picture(`thumb/direction/${encodeURIComponent(name)}`);
    const card = { value, alpha: 0, amount: 0 };
    this.cards.set(name, card);
    for (const { FULL_PATH, VALUE } of nodes) this.hear(FULL_PATH, VALUE ?? []);
    const summary = element("summary", {}, image, element("b", { textContent: name.replaceAll("_", " ") }), value);
    const controls = nodes.filter((node) => node.ACCESS === 3).map(place);
    return element("details", { className: "card direction", open: WIDE.matches }, summary, ...controls);
  }

  hear(address, [value]) {
    if (address === "/style/seed" && this.seed !== value) this.follow(value);
    const [, group, name, what] = address.split("/");
    const card = group === "direction" && this.cards.get(name);
    if (!card || typeof card[what] !== "number") return;
    card[what] = value;
    const text = (number) => Number(number.toPrecision(2));
    card.value.textContent = card.alpha || card.amount ? `${text(card.alpha)}${card.amount ? ` + ${text(card.amount)}` : ""}` : "";
  }

  // Pictures are of the present seed; one that is only passed through is not asked for.
  follow(seed) {
    const isFirst = this.seed === undefined;
    this.seed = seed;
    clearTimeout(this.timer);
    if (!isFirst) this.timer = setTimeout(() => this.renew(), SEED_MS);
  }

  renew() {
    for (const root of this.roots) renew(root);
  }

  show(model) {
    if (this.model && this.model !== model) this.renew();
    this.model = model;
  }
}
