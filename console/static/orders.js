// Purchase orders: how each stands, what its supplier confirmed otherwise, and what is done with it.
"use strict";

const differs = (line, currency) => [
  line.short ? `${number(line.short)} short` : "",
  line.days_late ? `${number(line.days_late, 1)} days late` : "",
  line.dearer ? `${money(line.dearer, currency)} more each` : "",
].filter(Boolean).join(", ");

/** Says what came of a line and what is still to come. */
function cameWords(line) {
  if (line.left_out) return "not bought";
  if (line.to_come) return line.received ? `${number(line.received)}, ${number(line.to_come)} to come` : "";
  return line.received ? number(line.received) : line.confirmed_quantity === 0 ? "nothing will" : "";
}

async function doOrder(order, status, button) {
  button.disabled = true;
  try {
    await post("/api/orders", { order_id: order.order_id, status, by: $("by").value });
    hear(`${order.order_id}: ${STATES[status]}, sent`);
  } catch (error) {
    hear(error.message, true);
    button.disabled = false;
  }
}

const ORDER_COLUMNS = ["Order", "What", "Confirmed", "Comes", "Came", "Do"];

/** Makes the rows of an order, one for each of its lines; the first says what is of all of them. */
function drawOrder(order) {
  const button = (status, text) => make("button", { type: "button", class: status, onclick: (event) => doOrder(order, status, event.target) }, text);
  const may = mayOrder && !["received", "cancelled"].includes(order.state);
  const sent = [...new Set((order.sent || []).map((one) => one.channel))].join(", ");
  const isHeard = order.state === "confirmed" || order.confirmed_at;
  const acts = may ? [order.state === "drafted" ? button("approved", "Approve") : "", " ", order.ready && !isHeard ? button("confirmed", "Confirmed as ordered") : "", " ", button("cancelled", "Cancel")] : [];
  const who = [order.approved_by ? `approved by ${order.approved_by}, ${moment(order.approved_at)}` : order.drafted_by ? `drafted by ${order.drafted_by}` : "", sent ? `sent by ${sent}` : "", order.cancelled_by ? `cancelled by ${order.cancelled_by}` : "", order.comment || ""].filter(Boolean).join(" · ");
  const lines = order.lines.length ? order.lines : [null];
  return make("tbody", { class: "order", "data-order": order.order_id, "data-state": order.state }, ...lines.map((line, place) => {
    const first = place === 0;
    const said = line ? differs(line, order.currency) : "";
    const item = line && make("span", {}, `${number(line.quantity)} `, link(itemPath(line), line.name || line.sku), ` for ${line.location}`, line.left_out ? make("span", { class: "told" }, ` not bought: ${line.left_out}`) : "");
    return make("tr", { class: first ? "" : "more" },
      make("td", { class: "wide" }, ...(first ? [make("b", {}, order.order_id), " · ", supplierLink(order.supplier) || "no supplier named", make("div", { class: "state" }, order.standing), make("div", { class: "told" }, who)] : [])),
      make("td", {}, item || "nothing"),
      make("td", { "data-label": "Confirmed" }, line && line.confirmed_quantity !== undefined && line.confirmed_quantity !== null ? number(line.confirmed_quantity) : "not yet", said ? make("div", { class: "warning differs" }, `${MARKS.warning} ${said}`) : ""),
      make("td", { "data-label": "Comes" }, line?.to_come ? moment(line.promised_at) || "not known" : ""),
      make("td", { "data-label": "Came" }, line ? cameWords(line) || null : null),
      make("td", { class: "do" }, ...(first ? acts : [])));
  }));
}

function showOrders() {
  const given = new URLSearchParams(location.search);
  if (!given.get("show")) given.set("show", "open");
  const shows = [["open", "still to come"], ["differs", "confirmed otherwise"], ["all", "all"]];
  return screen("Orders", () => `/api/orders${query(given)}`, ({ orders, total }) => {
    const choice = make("p", {}, ...shows.flatMap(([value, text]) => [given.get("show") === value ? make("strong", {}, text) : link(`/orders?show=${value}`, text), " · "]), link(`/orders.csv${query(given)}`, "Export"));
    const table = make("table", { id: "orders" }, make("thead", {}, make("tr", {}, ...ORDER_COLUMNS.map((one) => make("th", { scope: "col" }, one)))), ...orders.map(drawOrder));
    return [make("h1", {}, "Purchase orders"), choice, orders.length < total ? told(`The newest ${number(orders.length)} of ${number(total)}.`) : null, orders.length ? table : told("No order here.")];
  });
}
