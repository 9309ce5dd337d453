// What changes while somebody looks: it is told at once, and drawn when nothing would move under a pointer, a finger or a cursor.
"use strict";

/** Acts on each new version, the first included if it came while the page was being drawn. */
function listen(act) {
  let [stream, shown, opened] = [null, Number(meta("version")), 0];
  const open = () => {
    stream = new EventSource("/api/changes");
    stream.addEventListener("message", (event) => {
      const version = Number(event.data);
      if (version !== shown) act(version);
      shown = version;
    });
    stream.addEventListener("error", () => stand("the console does not answer; what is shown may be old", true));
    // A console that was started anew counts from the beginning: whatever it tells first is new.
    stream.addEventListener("open", () => { if (opened) shown = NaN; opened += 1; });
  };
  // A browser has six connections to a server: tabs that nobody sees would take them all, and the seventh show nothing.
  const follow = () => {
    if (!document.hidden && !stream) open();
    if (document.hidden && stream) {
      stream.close();
      stream = null;
    }
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}

const isAtField = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName) && document.activeElement.type !== "checkbox";
/** Whether a pointer rests on something; a finger leaves none behind. */
const isUnderPointer = (node) => live.hovers && node.matches(":hover");

const live = { pressed: false, hovers: false, held: new Map() };

/** Acts now, or else once no button is being pressed and nobody is busy; of several acts of one name the last. Returns whether it did. */
function whenCalm(name, act, isBusy = isAtField) {
  live.held.delete(name);
  if (live.pressed || isBusy()) {
    live.held.set(name, [act, isBusy]);
    return false;
  }
  act();
  return true;
}

/** Does what was held back and may be done now. */
function settle() {
  for (const [name, [act, isBusy]] of [...live.held]) whenCalm(name, act, isBusy);
}

// A click comes after its press has ended: what waits for that comes after the click.
document.addEventListener("pointerdown", (event) => { live.pressed = event.button === 0; }, true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(() => { live.pressed = false; settle(); }), true);
document.addEventListener("pointerover", (event) => { live.hovers = event.pointerType !== "touch"; }, true);
for (const name of ["focusout", "pointerover"]) document.addEventListener(name, () => { if (live.held.size) setTimeout(settle); }, true);

/** Names what can be found again after all around it was drawn anew: by whose it is, and by what it is. */
function nameOf(node) {
  if (node.id) return node.id;
  const of = node.closest("[data-id], [data-order], [data-line]")?.dataset || {};
  const text = { A: node, BUTTON: node, DETAILS: node.firstElementChild }[node.tagName]?.textContent;
  return JSON.stringify([of.id || of.order || of.line, node.tagName, node.className, node.getAttribute("href"), node.getAttribute("aria-label") || text]);
}

/** Draws anew what stands in a node; the focus, what was opened and what was moved aside stay as they were. */
function renew(parent, ...nodes) {
  const at = parent.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const opened = new Set([...parent.querySelectorAll("details[open]")].map(nameOf));
  const moved = new Map([...parent.querySelectorAll(".scroll, .plot")].map((one) => [nameOf(one), one.scrollLeft]));
  parent.replaceChildren(...nodes);
  for (const one of parent.querySelectorAll("details")) one.open = opened.has(nameOf(one));
  for (const one of parent.querySelectorAll(".scroll, .plot")) one.scrollLeft = moved.get(nameOf(one)) || 0;
  if (at) [...parent.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")].find((one) => nameOf(one) === at)?.focus({ preventScroll: true });
}
