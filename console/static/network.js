// The network: at which locations an item is kept, how much lies at each, and what is on its way between them.
"use strict";

function showNetwork() {
  const given = new URLSearchParams(location.search);
  let again = () => {};
  const set = (value) => { if (value) given.set("search", value); else given.delete("search"); history.replaceState(null, "", `/network${query(given)}`); again(true); };
  const show = screen("Network", () => `/api/network${query(given)}`, ({ rows, total }) => [make("h1", {}, "Where items lie"),
    make("div", { class: "filters" }, make("input", { type: "search", id: "search", placeholder: "item", "aria-label": "search items", value: given.get("search") || "", onchange: (event) => set(event.target.value.trim()) })),
    told(rows.length < total ? `The first ${number(rows.length)} of ${number(total)} items, those at the most locations first.` : ""),
    listing("found", ["Item", "Code", "Locations"], rows.map((one) => [link(`/network/${encodeURIComponent(one.sku)}`, one.name || one.sku), one.sku, one.locations]), "No such item is known.")], false);
  show.then((draw) => { again = draw; });
  return show;
}

function showNetworkItem(sku) {
  const unknown = (value, digits) => (value === null || value === undefined ? "not known" : number(value, digits ?? 0));
  return screen(sku, () => `/api/network/${encodeURIComponent(sku)}`, ({ name, rows, lines, total }) => {
    const sum = (field) => rows.reduce((all, row) => all + (row[field] || 0), 0);
    const missing = rows.filter((row) => row.error).length;
    const between = lines.filter((line) => line.transfer_from);
    const bought = lines.filter((line) => !line.transfer_from);
    const item = (row) => link(itemPath({ location: row.location, sku }), row.location);
    return [make("p", {}, link("/network", "← Network")), make("h1", {}, name || sku), told(sku),
      make("div", { class: "tiles" }, ...[[sum("on_hand"), "on hand in all"], [sum("on_order"), "on order"], [sum("between"), "of it between locations"], [rows.length, "locations"]].map(([value, text]) => make("div", { class: "tile figure" }, make("b", {}, number(value)), make("small", {}, text)))),
      missing ? make("p", { class: "warning" }, `Of ${number(missing)} locations it is not known: ${rows.find((row) => row.error).error}.`) : null,
      rows.length < total ? told(`The first ${number(rows.length)} of ${number(total)} locations.`) : null,
      heading("Where it lies"), listing("lies", ["Location", "On hand", "Free", "On order", "Sells a day", "Lasts, days", "Reorder point", "Fed by"], rows.map((row) => [item(row), unknown(row.on_hand), unknown(row.free), unknown(row.on_order), unknown(row.daily_demand, 1), unknown(row.lasts_days, 1), row.reorder_point ?? "not set", row.fed_by]), "No location keeps it."),
      heading("On its way between locations"), listing("between", ["From", "To", "Units", "Status", "Expected", "Transfer"], between.map((line) => [line.transfer_from, item(line), line.quantity, words(line.status || ""), at(line.expected), line.shipment_id]), "Nothing is."),
      heading("On its way from suppliers"), listing("bought", ["From", "To", "Units", "Status", "Expected", "Shipment"], bought.map((line) => [supplierLink(line.supplier) || "not said", item(line), line.quantity, words(line.status || ""), at(line.expected), line.shipment_id]), "Nothing is."),
      link(`/network.csv?sku=${encodeURIComponent(sku)}`, "Export")];
  });
}
