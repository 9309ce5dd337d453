// Suppliers: how each has been, what there is to order from it, and what it says to its orders, by itself or through who buys.
"use strict";

function showSuppliers() {
  return screen("Suppliers", () => "/api/suppliers", ({ rows }) => [make("h1", {}, "Suppliers"), listing("suppliers", ["Supplier", "Deliveries", "On time", "Days late", "Lead time, 50%", "90%", "Rejected", "Open alerts", "To order", "Minimum"],
    rows.map((one) => [make("span", {}, supplierLink(one.supplier), one.name ? ` ${one.name}` : ""), one.deliveries ?? 0, share(one.punctuality), one.mean_delay_days ?? "not known", one.lead_time_p50_days ?? "not known", one.lead_time_p90_days ?? "not known", share(one.reject_share), one.open_alerts, one.to_order, one.minimum_order_value ?? ""]), "No supplier is known."),
  link("/suppliers.csv", "Export")]);
}

/** What stands in the fields of a supplier's orders, kept while the page is drawn anew. */
const drafts = new Map();

function showSupplier(name) {
  const isOwn = meta("role") === "supplier";
  let again = () => {};
  const show = screen(name, () => `/api/suppliers/${encodeURIComponent(name)}`, ({ card, terms, orders, called_off: calledOff, lines, rows, basket }) => {
    const coming = lines.rows.filter((line) => line.quantity > line.received);
    return [isOwn ? null : make("p", {}, link("/suppliers", "← Suppliers")), make("h1", {}, terms?.description || name),
      basket ? heading("Basket") : null, basket ? basketOf({ ...basket, supplier: name }, () => again()) : null,
      heading("Orders"), calledOff?.length ? make("p", { class: "warning" }, `${MARKS.warning} Called off, not to be delivered: ${calledOff.map((one) => one.order_id).join(", ")}.`) : null, ordersOf(orders, coming, () => again()),
      calledOff?.length ? heading("Called off") : null, calledOff?.length ? listing("called-off", ["Order", "When", "What", "Had been"], calledOff.map((one) => [one.order_id, moment(one.cancelled_at), one.lines.map((line) => `${number(line.quantity)} ${line.name || line.sku} for ${line.location}`).join("; "), one.was_confirmed ? "confirmed" : "ordered"]), "") : null,
      heading("How deliveries have been"), card ? pairs([["deliveries", card.deliveries], ["on time", share(card.punctuality)], ["days late, on average", card.mean_delay_days === undefined ? null : number(card.mean_delay_days, 1)],
        ["lead time", `${number(card.lead_time_p50_days, 1)} days with even odds, ${number(card.lead_time_p90_days, 1)} nine times in ten`], ["rejected", share(card.reject_share)],
        ["reckoned from", "deliveries and their promises; the last count most"], ["as of", moment(card.updated_at)]]) : told("No delivery was seen yet."), ...(card?.weeks?.length ? weekByWeek(card) : []),
      terms ? heading("Terms") : null, terms ? pairs([["minimum order", minimumOf(terms, basket)], ["freight free from", minimumWords(terms.free_freight_from, { ...basket, currency: terms.currency || basket?.currency })], ["takes", terms.capacity_units ? `${plural(terms.capacity_units)} a ${terms.capacity_per || "week"}` : null], ["orders until", terms.order_cutoff === "24:00" ? null : terms.order_cutoff], ["clock", terms.time_zone]]) : null,
      heading("Still to come"), lines.error ? told(lines.error) : null, listing("open-lines", ["Shipment", "To", "Item", "Received", "Status", "Promised", "Expected"],
        coming.map((line) => [make("span", {}, line.shipment_id, line.order_id && line.order_id !== line.shipment_id ? ` of ${line.order_id}` : ""), line.location, isOwn ? line.sku : link(itemPath(line), line.sku), `${line.received} of ${line.quantity}`, words(line.status), at(line.promised), at(line.expected)]), lines.error ? "" : "Nothing is on its way."),
      rows ? heading("Open alerts") : null, rows ? rowsTable("open-rows", rows, "Nothing is open.") : null, rows?.length ? link(`/?supplier=${encodeURIComponent(name)}`, "Answer them in the queue") : null];
  }, !isOwn);
  // A supplier hears nothing of what changes in the house: its page asks for itself.
  show.then((draw) => { again = draw; if (isOwn) setInterval(draw, OWN_PAGE_MS); });
  return show;
}

/** A week is named by its Monday, which is no moment of any zone. */
const weekOf = (week) => `${Number(week.begins.slice(8))} ${MONTHS[Number(week.begins.slice(5, 7)) - 1]}`;

/** Makes what a supplier has been like over time: on time, and after how long, week by week. */
function weekByWeek(card) {
  const weeks = card.weeks, promised = weeks.some((week) => week.promised), dated = weeks.some((week) => week.lead_time_mean_days !== undefined);
  const rows = [...weeks].reverse().map((week) => [weekOf(week), week.deliveries, week.promised ? share(onTime(week)) : "nothing was promised", week.mean_delay_days ?? "", week.lead_time_mean_days ?? "not known"]);
  return [promised ? heading("On time, by week") : null, promised ? plot("on-time", onTimeChart(weeks)) : null, dated ? heading("Lead time, by week, and what is reckoned with") : null, dated ? plot("lead-times", leadTimeChart(weeks, card)) : null,
    make("details", {}, make("summary", {}, "Week by week"), listing("weeks", ["Week of", "Deliveries", "On time", "Days late", "Lead time, days"], rows, ""))];
}

const OWN_PAGE_MS = 5000;
const maySay = ["supplier", "buyer", "admin"].includes(meta("role"));

/** Makes the open orders of a supplier, each with what can be said to it. */
function ordersOf(orders, coming, again) {
  if (!orders?.length) return told("No order waits for its supplier's word, or for goods.");
  const waiting = orders.filter((one) => !one.is_confirmed).length;
  return make("div", {}, told(waiting ? `${number(waiting)} to confirm.` : "All are confirmed."), make("table", { id: "own-orders" },
    make("thead", {}, make("tr", {}, ...["Order", "Item", "Ordered", "Comes", "On", "Say"].map((one) => make("th", { scope: "col" }, one)))), ...orders.map((order) => ownOrder(order, coming, again))));
}

function ownOrder(order, coming, again) {
  const fields = order.lines.map((line) => [line, draftOf(order, line)]);
  const ways = [...new Set(coming.filter((line) => (line.order_id || line.shipment_id) === order.order_id).map((line) => words(line.status)))].filter((one) => !["ordered", "confirmed"].includes(one));
  const standing = [order.is_confirmed ? "confirmed" : "to confirm", ...ways].join(", ");
  const say = (status, text) => make("button", { type: "button", class: `say-${status}`, onclick: (event) => sayOf(order, status, event.target, again) }, text);
  return make("tbody", { class: "order", "data-order": order.order_id }, ...fields.map(([line, draft], place) => make("tr", { class: place ? "more" : "" },
    make("td", { class: "wide" }, ...(place ? [] : [make("b", {}, order.order_id), make("div", { class: "state" }, standing), make("div", { class: "told" }, [order.ordered_at ? `ordered ${moment(order.ordered_at)}` : "", order.wanted_at ? `wanted ${moment(order.wanted_at)}` : ""].filter(Boolean).join(", "))])),
    make("td", {}, `${line.name || line.sku} for ${line.location}`, line.name ? make("div", { class: "told" }, line.sku) : ""),
    make("td", { "data-label": "Ordered" }, `${number(line.quantity)}${line.received ? `, ${number(line.received)} came` : ""}`, line.unit_cost ? make("div", { class: "told" }, `${money(line.unit_cost, order.currency)} each`) : ""),
    make("td", { "data-label": "Comes" }, maySay ? make("input", { type: "number", min: "0", step: "1", class: "comes", "aria-label": `how many of ${line.sku} for ${line.location} come of ${order.order_id}`, value: draft.quantity, oninput: (event) => { draft.quantity = event.target.value; } }) : number(line.confirmed_quantity ?? line.quantity)),
    make("td", { "data-label": "On" }, maySay ? make("input", { type: "date", class: "on", "aria-label": `when ${line.sku} for ${line.location} of ${order.order_id} comes`, value: draft.on, oninput: (event) => { draft.on = event.target.value; } }) : moment(line.promised_at)),
    make("td", { class: "do" }, ...(place || !maySay ? [] : [say("confirmed", order.is_confirmed ? "Confirm anew" : "Confirm"), " ", ways.length ? "" : say("dispatched", "On its way")])))));
}

/** Returns a time's date as a field has it, in the viewer's zone. */
function dateOf(time) {
  if (!time) return "";
  const given = new Date(time);
  return `${given.getFullYear()}-${String(given.getMonth() + 1).padStart(2, "0")}-${String(given.getDate()).padStart(2, "0")}`;
}

function draftOf(order, line) {
  const key = `${order.order_id}/${line.location}/${line.sku}`;
  const stands = { quantity: String(line.confirmed_quantity ?? line.quantity), on: dateOf(line.promised_at) };
  const known = drafts.get(key);
  // What somebody has typed stays; what only stood there follows the order.
  const draft = known && (known.quantity !== known.stood.quantity || known.on !== known.stood.on) ? known : { ...stands, stood: stands };
  drafts.set(key, draft);
  return draft;
}

/** Says to an order what stands in its fields: of a day that nobody changed, its hour; of another, noon. */
async function sayOf(order, status, button, again) {
  const said = order.lines.map((line) => {
    const draft = draftOf(order, line);
    const when = !draft.on ? null : draft.on === dateOf(line.promised_at) ? line.promised_at : new Date(`${draft.on}T12:00`).toISOString();
    return { location: line.location, sku: line.sku, quantity: Number(draft.quantity), promised_at: when };
  });
  const odd = said.find(({ quantity }) => !(Number.isInteger(quantity) && quantity >= 0 && quantity <= MOST_UNITS));
  if (odd) return hear(`${odd.sku}: whole units from 0 to ${number(MOST_UNITS)}`, true);
  const isAll = said.every((one, place) => one.quantity === (order.lines[place].confirmed_quantity ?? order.lines[place].quantity));
  const news = { order_id: order.order_id, status, by: $("by").value };
  if (status === "dispatched" && isAll) Object.assign(news, said[0].promised_at ? { promised_at: said[0].promised_at } : {});
  else news.lines = said.filter((one) => status === "confirmed" || one.quantity > 0);
  button.disabled = true;
  try {
    await post("/api/supplier-news", news);
    for (const line of order.lines) drafts.delete(`${order.order_id}/${line.location}/${line.sku}`);
    hear(`${order.order_id}: ${status === "confirmed" ? "confirmed" : "on its way"}, sent`);
    setTimeout(again, 1500);
  } catch (error) {
    hear(error.message, true);
    button.disabled = false;
  }
}

/** Makes what is to be ordered now by the supplier's terms, with one click that orders it, and one that fills it up. */
function basketOf(basket, again) {
  const notes = [told(basketWords(basket)), ...capacityOf(basket)];
  if (!basket.alerts) return make("div", { id: "basket" }, ...notes);
  const order = (added) => async (event) => {
    event.target.disabled = true;
    try {
      const lines = basket.lines.map((line) => ({ alert_id: line.alert_id, quantity: line.quantity }));
      const { results } = await post("/api/baskets", { supplier: basket.supplier, by: $("by").value, lines, added: added.map(({ location, sku, quantity }) => ({ location, sku, quantity })) });
      const failed = results.filter((one) => one.error);
      hear(failed.length ? `${results.length - failed.length} ordered; ${failed[0].error}` : `${results.length + added.length} ordered`, failed.length > 0);
      setTimeout(again, 1500);
    } catch (error) {
      hear(error.message, true);
      event.target.disabled = false;
    }
  };
  const buy = (id, added, text) => (mayOrder ? make("button", { type: "button", id, onclick: order(added) }, text) : null);
  const added = basket.added || [], freight = basket.free_freight, more = freight?.added || [];
  const all = `Order ${basket.lines.length === 1 ? "it" : `all ${number(basket.lines.length)}`}`;
  return make("div", { id: "basket" }, ...notes, ...shortOf(basket),
    listing("basket-lines", ["Item", "For", "Units", "Each", "Value", "Next price", "Order by"], basket.lines.map((line) => [link(itemPath(line), line.name || line.sku), line.location, line.quantity, money(line.unit_cost, line.currency) || "not known", money(line.value, line.currency) || "not known", breakWords(line), moment(line.order_by)]), ""),
    basket.alerts > basket.lines.length ? told(`The first ${number(basket.lines.length)} of ${number(basket.alerts)}.`) : null,
    make("p", {}, buy("order-all", [], `${all} at once`)),
    added.length ? told("With these, which come next, it reaches the minimum:") : null, added.length ? addedTable("basket-added", added) : null,
    added.length ? make("p", {}, buy("order-filled", added, `${all}, and ${added.length === 1 ? "this" : `these ${number(added.length)}`}`)) : null,
    freight?.missing ? make("p", { class: "freight" }, `${money(freight.missing, basket.currency)} short of ${money(freight.from, basket.currency)}, from where its freight is free${freight.cost ? ` (else ${money(freight.cost, basket.currency)})` : ""}.`) : null,
    more.length ? told(`These bring it there, and save ${money(freight.saves, basket.currency)} after what keeping them costs:`) : null, more.length ? addedTable("basket-freight", more) : null,
    more.length ? make("p", {}, buy("order-freight", [...added, ...more], `${all}, and ${number(added.length + more.length)} more`)) : null);
}

function addedTable(id, rows) {
  return listing(id, ["Item", "For", "Units", "Each", "Value", "Needed in"], rows.map((one) => [link(itemPath(one), one.name || one.sku), one.location, one.quantity, money(one.unit_cost, one.currency) || "not known", money(one.value, one.currency) || "not known", `${number(one.days, 1)} days`]), "");
}

/** Returns from how many units on a line is cheaper, and what ordering so many saves or costs after keeping them. */
function breakWords({ next_break: next, currency }) {
  if (!next) return "";
  return `${money(next.unit_cost, currency)} from ${number(next.quantity)}: ${next.saves > 0 ? `saves ${money(next.saves, currency)}` : "not worth keeping"}`;
}

/** Makes what a basket lacks of its minimum, in whatever it is asked. */
function shortOf(basket) {
  if (basket.not_compared) return [make("p", { class: "warning" }, `${MARKS.warning} It is ${basket.not_compared}: not compared with the minimum.`)];
  const short = [basket.missing ? money(basket.missing, basket.currency) : null, basket.missing_units ? plural(basket.missing_units) : null, basket.missing_weight ? `${number(basket.missing_weight, 1)} kg` : null].filter(Boolean);
  if (!short.length) return [];
  const filled = basket.added?.length ? "" : basket.error ? ` What would fill it is not known: ${basket.error}.` : " No other item can take so much more.";
  return [make("p", { class: "warning" }, `${MARKS.warning} ${short.join(" and ")} short of the minimum.${filled}`)];
}

/** Makes what a supplier takes in a period, and what of the basket waits for the next. */
function capacityOf({ capacity }) {
  if (!capacity) return [];
  const waits = capacity.later.map((one) => `${number(one.quantity)} of ${one.name || one.sku} for ${one.location}`);
  return [told(`It takes ${plural(capacity.units)} a ${capacity.per}, ${number(capacity.left)} more in this one.`), waits.length ? make("p", { class: "warning", id: "basket-later" }, `${MARKS.warning} From ${moment(capacity.next_at)} on: ${waits.join(", ")}.`) : null];
}

/** A supplier's amounts are in its own currency, else in that of its items, which its basket tells if it is one. */
function minimumWords(value, basket) {
  const currencies = Object.keys(basket?.value || {});
  return value ? money(value, basket?.currency || (currencies.length === 1 ? currencies[0] : "")) : null;
}

function minimumOf(terms, basket) {
  const asked = [minimumWords(terms.minimum_order_value, { ...basket, currency: terms.currency || basket?.currency }), terms.minimum_order_units ? plural(terms.minimum_order_units) : null, terms.minimum_order_weight ? `${number(terms.minimum_order_weight, 1)} kg` : null];
  return asked.filter(Boolean).join(", ") || null;
}

function basketWords(basket) {
  if (!basket.alerts) return "Nothing is to be ordered now.";
  const value = Object.entries(basket.value).map(([currency, sum]) => money(sum, currency)).join(" + ") || "a value that is not known";
  const short = basket.unpriced ? `; of ${number(basket.unpriced)} of them the price is not known` : "";
  return `${basket.alerts === 1 ? "1 alert asks" : `${number(basket.alerts)} alerts ask`} for ${plural(basket.units)}, ${value}${basket.minimum_order_value ? ` of a minimum of ${minimumWords(basket.minimum_order_value, basket)}` : ""}${short}.`;
}
