// The lines: what each builds, how much more it can, when it stops and for want of what; and the cards of kanban loops.
"use strict";

function showLines() {
  const given = new URLSearchParams(location.search);
  const show = screen("Lines", () => `/api/lines${query(given)}`, ({ lines, loops, error }) => {
    const stopping = lines.filter((one) => one.stops_at !== null);
    const hung = loops.reduce((all, one) => all + one.hanging.length, 0);
    const empty = loops.filter((one) => !one.standing).length;
    const tiles = [[lines.filter((one) => one.orders.length).length, "lines at work"], [stopping.length, "of them will stop"], [hung, "cards hang"], [empty, "loops stand empty"]];
    const where = query(new URLSearchParams(given.get("location") ? { location: given.get("location") } : {}));
    return [make("h1", {}, "Lines"),
      make("div", { class: "tiles" }, ...tiles.map(([value, text]) => make("div", { class: "tile figure" }, make("b", {}, number(value)), make("small", {}, text)))),
      error ? make("p", { class: "warning" }, `${error}.`) : null,
      ...stopping.map(stopOf),
      heading("What is being built"), listing("lines", ["Line", "At", "Builds now", "Made", "Can be built", "Stops", "For want of", "Then"], lines.map(lineRow), "No production line is known."), lines.length ? link(`/lines.csv${where}`, "Export lines") : null,
      heading("Kanban loops"), listing("loops", ["Item", "At", "Cards", "Hang", "Stand full", "Since", "Filled by", "Missed", "Cards needed"], loops.map(loopRow), "No kanban loop is known."), loops.length ? link(`/loops.csv${where}`, "Export loops") : null];
  });
  return show;
}

/** Says what stops a line, and what can be done about it. */
function stopOf(line) {
  const first = line.orders.find((one) => one.order_id === line.order_id) || {};
  const part = line.part_name ? `${line.part_name} (${line.part})` : line.part;
  return make("section", { class: "stop", "data-line": `${line.location}/${line.line}` }, make("h2", {}, `${line.line} stops ${at(line.stops_at)}`),
    make("p", {}, `${plural(line.buildable)} more can be built, then `, link(itemPath({ location: line.location, sku: line.part }), part), ` is missing for ${first.name || first.sku || "it"} (${line.order_id}): ${number(line.on_hand)} on hand, ${number(line.short)} more needed${line.relief_at ? `, the next come ${at(line.relief_at)}` : ", and none is on its way"}.`),
    line.at_stake ? told(`What is not built costs ${money(line.at_stake, line.currency)}${line.hourly ? `, ${money(line.hourly, line.currency)} an hour` : ""}.`) : null,
    line.ways.length ? make("ol", {}, ...line.ways.map((way) => make("li", {}, way.why))) : told("No way out is known."),
    line.later.length ? told(`After that ${line.later.join(", ")} would be missing.`) : null);
}

function lineRow(line) {
  const [first, ...rest] = line.orders;
  return [line.line, placeLink(line.location), first ? `${first.name || first.sku} (${first.order_id}${first.status === "stopped" ? ", stands still" : ""})` : "nothing", first ? `${number(first.made)} of ${number(first.quantity)}` : "",
    line.buildable === null ? "" : line.buildable, line.stops_at ? at(line.stops_at) : line.orders.length ? "not for want of parts" : "", line.part ? link(itemPath({ location: line.location, sku: line.part }), line.part) : "", rest.length ? `${number(rest.length)} more order${rest.length === 1 ? "" : "s"}` : ""];
}

function loopRow(loop) {
  const since = loop.hanging.length ? at(loop.hanging[0][0]) : "";
  return [link(itemPath(loop), loop.name || loop.sku), placeLink(loop.location), loop.cards, loop.hanging.length, loop.standing, since, loop.filled_by, loop.missed.join(", "), loop.needed ?? "not known"];
}
