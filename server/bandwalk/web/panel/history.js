// The changes that were made by hand in this panel, to be taken back and made again. A drag is one change, a recalled
// look is one. What another controller has set since stays as it is. Freeze and blackout are not in here: they have
// buttons that are always seen, and no key for something else may bring the picture back.

import { isSame } from "./widgets.js";

const DEEP = 100;
const LEFT_OUT = ["/master/freeze", "/master/blackout"];

export class History {
  // controlOf(address); say(text); changed() after each step: the buttons follow; recall(name): a look is on again.
  constructor({ controlOf, say, changed, recall }) {
    Object.assign(this, { controlOf, say, changed, recall, done: [], undone: [] });
  }

  note(control, before, after) {
    if (LEFT_OUT.includes(control.address) || isSame(before, after)) return;
    const last = this.undone.length ? null : this.done.at(-1);
    if (last?.grip && last.grip === control.grip) last.changes.get(control.address)[1] = after;
    else this.push({ grip: control.grip, name: control.name, changes: new Map([[control.address, [before, after]]]) });
  }

  // Several changes that are one; changes: address to [before, after]; looks, of a recall: the look before and after.
  // A recall keeps what it left as it was, too: the look that comes back may have another value there.
  noteAll(name, changes, looks = null) {
    const real = [...changes].filter(([, [before, after]]) => !isSame(before, after));
    if (real.length) this.push({ name, looks, changes: new Map(looks ? changes : real) });
  }

  // A value that was refused was no change.
  drop(address) {
    const last = this.done.at(-1);
    if (last?.changes.size !== 1 || !last.changes.has(address)) return;
    this.done.pop();
    this.changed();
  }

  push(step) {
    this.done = [...this.done, step].slice(-DEEP);
    this.undone = [];
    this.changed();
  }

  undo() {
    return this.go(this.done, this.undone, 1, 0, "undone");
  }

  redo() {
    return this.go(this.undone, this.done, 0, 1, "made again");
  }

  go(from, to, at, next, what) {
    const step = from.pop();
    if (!step) {
      this.say(what === "undone" ? "nothing to undo" : "nothing to make again");
      return true;
    }
    const present = [...step.changes].map(([address, pair]) => [this.controlOf(address), pair]).filter(([control]) => control);
    const own = present.filter(([control, pair]) => isSame(control.value, pair[at]));
    const others = step.changes.size - own.length;
    if (step.looks?.[next] && !others) this.recall(step.looks[next]);
    for (const [control, pair] of own) control.put(pair[next]);
    to.push(step);
    this.changed();
    this.say(others ? `${what}: ${step.name}; ${others} changed by others since, left so` : `${what}: ${step.name}`);
    return true;
  }
}
