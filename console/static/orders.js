// Purchase orders: how each stands, what its supplier confirmed otherwise, and what is done with it.
"use strict";

const differs = (line, currency) => [
  line.short ? `${number(line.confirmed_quantity)} of ${number(line.quantity)}` : "",
  line.days_late ? `${number(line.days_late, 1)} days late` : "",
  line.dearer ? `${money(line.dearer, currency)} more each` : "",
].filter(Boolean).join(", ");

function orderLine(order, line) {
  const item = link(`/items/${encodeURIComponent(line.location)}/${encodeURIComponent(line.sku)}`, line.sku);
  const what = make("span", {}, `${number(line.quantity)} `, item, ` for ${line.location}`);
  if (line.left_out) what.append(make("span", { class: "told" }, ` not bought: ${line.left_out}`));
  const said = differs(line, order.currency);
  return [what, line.confirmed_quantity ?? "", line.received || "", moment(line.promised_at), said ? make("span", { class: "warning differs" }, `◐ ${said}`) : ""];
}

async function doOrder(order, status, button) {
  button.disabled = true;
  try {
    await post("/api/orders", { order_id: order.order_id, status, by: $("by").value });
    hear(`${order.order_id}: ${status}, sent`);
  } catch (error) {
    hear(error.message, true);
    button.disabled = false;
  }
}

function drawOrder(order) {
  const button = (status, text) => make("button", { type: "button", class: status, onclick: (event) => doOrder(order, status, event.target) }, text);
  const may = mayOrder && !["received", "cancelled"].includes(order.state);
  const sent = [...new Set((order.sent || []).map((one) => one.channel))].join(", ");
  const acts = may ? make("p", {}, order.state === "drafted" ? button("approved", "Approve") : "", " ", ["approved", "sent"].includes(order.state) ? button("confirmed", "Confirmed as ordered") : "", " ", button("cancelled", "Cancel")) : null;
  return make("section", { class: "order", "data-order": order.order_id, "data-state": order.state }, make("h2", {}, `${order.order_id} `, make("span", { class: "state" }, order.state), " ", supplierLink(order.supplier) || "no supplier named"),
    told([order.approved_by ? `approved by ${order.approved_by}, ${moment(order.approved_at)}` : order.drafted_by ? `drafted by ${order.drafted_by}` : "", sent ? `sent by ${sent}` : "", order.cancelled_by ? `cancelled by ${order.cancelled_by}` : "", order.comment || ""].filter(Boolean).join(" · ")),
    listing(`lines of ${order.order_id}`, ["What", "Confirmed", "Came", "Promised", "Differs"], order.lines.map((line) => orderLine(order, line)), ""), ...[acts].filter(Boolean));
}

function showOrders() {
  const given = new URLSearchParams(location.search);
  const shows = [["", "all"], ["open", "still to come"], ["differs", "confirmed otherwise"]];
  return screen("Orders", () => `/api/orders${query(given)}`, ({ orders, total }) => {
    const choice = make("p", {}, ...shows.flatMap(([value, text]) => [(given.get("show") || "") === value ? make("strong", {}, text) : link(value ? `/orders?show=${value}` : "/orders", text), " · "]), link(`/orders.csv${query(given)}`, "Export"));
    return [make("h1", {}, "Purchase orders"), choice, told(orders.length < total ? `The newest ${number(orders.length)} of ${number(total)}.` : ""), ...(orders.length ? orders.map(drawOrder) : [told("No order here.")])];
  });
}
