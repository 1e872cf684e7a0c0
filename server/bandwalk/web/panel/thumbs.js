// Small pictures that the server draws beside the show. Two are asked for at a time, and only those that can be seen:
// a browser has few connections. One that is not drawn yet is asked for again.

import { element } from "./widgets.js";

const AT_ONCE = 2;
const RETRY_MS = 1500;
const RETRIES = 60;

const waiting = new Set();
let asked = 0;

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting && target.wanted) waiting.add(target);
    else waiting.delete(target);
  }
  turn();
});

function turn() {
  for (const image of waiting) {
    if (asked >= AT_ONCE) return;
    if (image.isAsked) continue;
    waiting.delete(image);
    asked += 1;
    image.isAsked = true;
    image.src = image.wanted;
    image.wanted = "";
  }
}

function done(image, isDrawn) {
  asked -= 1;
  image.isAsked = false;
  image.style.visibility = isDrawn ? "visible" : "hidden"; // no sign of a broken picture
  if (!isDrawn && image.left > 0) {
    image.left -= 1;
    setTimeout(() => want(image, `${image.path}${image.path.includes("?") ? "&" : "?"}again=${image.left}`), RETRY_MS);
  }
  turn();
}

function want(image, path) {
  if (!image.isConnected && image.left < RETRIES) return; // it went while it waited
  image.wanted = path;
  seen.unobserve(image);
  seen.observe(image); // says again whether it is seen
}

// Asks for all pictures of a part of the page again: what they show has changed.
export function renew(root) {
  for (const image of root.querySelectorAll("img")) image.show?.(`${image.path.split("?")[0]}?${Date.now()}`);
}

// A picture by its path; show(path) gives it another one.
export function picture(path) {
  const image = element("img", { alt: "", draggable: false });
  image.style.visibility = "hidden";
  image.onload = () => done(image, true);
  image.onerror = () => done(image, false);
  image.show = (next) => {
    Object.assign(image, { path: next, left: RETRIES });
    want(image, next);
  };
  image.show(path);
  return image;
}
