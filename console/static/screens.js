// The screens beside Today: an item, suppliers, a location, disruptions, who did what, and the data to mend.
"use strict";

const pairs = (entries) => make("dl", {}, ...entries.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value instanceof Node ? value : String(value))]));
const told = (text) => make("p", { class: "told" }, text);
const link = (path, text) => make("a", { href: path }, text);
const heading = (text) => make("h2", {}, text);
const placeLink = (name) => link(`/locations/${encodeURIComponent(name)}`, name);
const supplierLink = (name) => (name ? link(`/suppliers/${encodeURIComponent(name)}`, name) : "");

/** Lists whose export is made here, of what stands on the screen; those of others come from the server, with what stands behind them. */
const EXPORTED_HERE = new Set(["coming", "out", "expiring", "surplus", "open-rows", "disruptions", "affected", "casualties", "open-lines", "called-off", "basket-lines", "weeks", "mismatched", "ways", "lots", "item-lines", "answers", "dial", "compared", "found"]);
const FORMULA = /^[\s\u3000]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/;

/** Returns a cell as CSV has it: a text that a spreadsheet would take for a formula has an apostrophe before it. */
function asCell(node) {
  const text = node.innerText.trim();
  const safe = FORMULA.test(text) && !/^-?[\d.,\u00a0\u202f]+%?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function exportOf(id) {
  const write = (event) => {
    const lines = [...event.target.parentNode.querySelector("table").rows].map((row) => [...row.cells].map(asCell).join(","));
    event.target.href = `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${lines.join("\r\n")}\r\n`)}`;
  };
  return make("a", { class: "export", download: `${id}.csv`, href: "#", "aria-label": `Export ${id.replaceAll("-", " ")}`, onclick: write }, "Export");
}

/** Makes a table that says so if it has nothing to show. */
function listing(id, columns, rows, nothing) {
  if (!rows.length) return told(nothing);
  // Shares and amounts of money are numbers, too: they stand under each other.
  const looks = (cell) => typeof cell === "number" || (typeof cell === "string" && /^-?[\d.,\u00a0\u202f ]+(%| [A-Z]{3})?$/.test(cell));
  const isNumber = (place) => place > 0 && rows.some((cells) => looks(cells[place]));
  // On a phone there is no head: a cell says its column itself, but for the one that the row is about.
  const label = (place) => (place === 0 || columns[place] === "What" ? null : columns[place]);
  const list = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": id }, make("table", { id }, make("thead", {}, make("tr", {}, ...columns.map((one, place) => make("th", { scope: "col", class: isNumber(place) ? "number" : "" }, one)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell, place) => make("td", { class: isNumber(place) ? "number" : "", "data-label": label(place) || null }, typeof cell === "number" ? number(cell) : (cell ?? "") === "" ? null : cell)))))));
  return EXPORTED_HERE.has(id) ? make("div", {}, list, exportOf(id)) : list;
}

/** Shows a screen: asks, draws, and draws anew when something has changed; while somebody is at a field of it, once they leave it. */
async function screen(title, path, render, live = true) {
  document.title = `${title} · Andon`;
  let last = 0;
  const show = async (isWanted = false) => {
    const mine = last += 1;
    try {
      const answer = await ask(path());
      // Answers may overtake each other: what was asked last is what stands.
      if (mine !== last) return;
      const paint = () => {
        renew($("main"), ...render(answer).filter((one) => one !== null && one !== undefined));
        stand(answer.now ? `as of ${moment(answer.now)}` : "as of now");
      };
      if (!whenCalm("screen", paint, isWanted === true ? () => false : isAtField)) stand("there is news: it is shown when you leave the field");
    } catch (error) {
      stand(`not up to date: ${error.message}`, true);
    }
  };
  await show();
  if (live) listen(show);
  return show;
}

function showScreen(where) {
  const part = (pattern) => where.match(pattern)?.slice(1).map(decodeURIComponent);
  const item = part(/^\/items\/([^/]+)\/(.+)$/);
  if (item) return showItem(...item);
  const supplier = part(/^\/suppliers\/(.+)$/);
  if (supplier) return showSupplier(...supplier);
  const place = part(/^\/locations\/(.+)$/);
  if (place) return showLocation(...place);
  const disruption = part(/^\/disruptions\/(.+)$/);
  if (disruption) return showDisruption(...disruption);
  const lies = part(/^\/network\/(.+)$/);
  if (lies) return showNetworkItem(...lies);
  return { "/import": showImport, "/network": showNetwork, "/lines": showLines, "/orders": showOrders, "/suppliers": showSuppliers, "/disruptions": showDisruptions, "/audit": showAudit, "/data": showData }[where]?.();
}

// Item

const tried = { values: {}, told: null };

async function showItem(place, sku) {
  const key = `${encodeURIComponent(place)}/${encodeURIComponent(sku)}`;
  tried.path = `/api/what-if/${key}`;
  await screen(`${sku} at ${place}`, () => `/api/items/${key}`, drawItem);
}

function drawItem(answer) {
  const { known, book, forecast, outlook } = answer;
  const parts = [make("p", {}, link("/", "← Today")), make("h1", {}, `${known?.description || answer.sku} · `, placeLink(answer.location)),
    make("p", { class: "told" }, [answer.sku, known?.category, known?.service_class && `class ${known.service_class}`].filter(Boolean).join(" · "), " · ", link(`/network/${encodeURIComponent(answer.sku)}`, "where it lies")), stands(book, outlook)];
  parts.push(heading("Open"));
  if (!answer.alerts.length) parts.push(told("Nothing is open."));
  for (const { row, entry } of answer.alerts) {
    const alert = entry.alert;
    const figures = Object.entries(alert.numbers || {}).filter(([name]) => FIGURES[name]);
    parts.push(make("section", { "data-id": row.alert_id }, make("p", { class: "sentence" }, make("span", { class: row.severity, role: "img", "aria-label": row.severity }, MARKS[row.severity]), ` ${sentence(row.sentence, row.changed_at)} `),
      told(answerWords(row) || "not answered"),
      pairs([["order", row.quantity ? plural(row.quantity) : null], ["from", supplierLink(row.supplier)], ["order by", moment(row.order_by)], ["comes", moment(row.expected)], ["runs out", moment(row.runs_out)], ["at stake", money(row.value_at_risk, row.currency)]]),
      ways(alert), make("p", {}, link(`/?search=${encodeURIComponent(answer.sku)}&location=${encodeURIComponent(answer.location)}&answered=all`, "Answer it in the queue")),
      figures.length ? make("details", {}, make("summary", {}, "Figures that it was said with"), pairs([...figures.map(([name, value]) => [FIGURES[name][0], figure(value, FIGURES[name][1], alert.currency)]), ["its number", row.alert_id]])) : null));
  }
  if (book.age_seconds) parts.push(make("p", { class: "warning", id: "age" }, `The worker is away: its figures are ${number(book.age_seconds, 0)} s old.`));
  if (outlook.error) parts.push(told(outlook.error));
  else if (outlook.band) {
    parts.push(heading("Stock to come"), plot("stock-to-come", bandChart(outlook, book.on_hand)), told(outlookWords(outlook, book.on_hand)));
  }
  if (forecast.mean?.length) parts.push(heading("Sales and forecast"), told(`Forecast by ${forecast.model}.`), plot("sales", salesChart(forecast)));
  parts.push(heading("Why"), book.error ? told(book.error) : whyTable(answer.why, book));
  if (outlook.band) parts.push(heading("What if"), tryOut(outlook), heading("Between just-in-time and just-in-case"), dial(outlook));
  // A line that was confirmed with nothing brings nothing.
  const coming = (book.lines || []).filter((line) => line.quantity > line.received);
  if (book.lots?.length) parts.push(heading("Lots"), listing("lots", ["Lot", "Units", "Last day"], book.lots.map((one) => [one.lot, one.units, one.expires_on]), ""));
  if (coming.length) parts.push(heading("On its way"), listing("item-lines", ["Shipment", "Status", "Received", "From", "Expected", "Because of"], coming.map((line) => [line.shipment_id, words(line.status), `${line.received} of ${line.quantity}`, supplierLink(line.supplier) || line.transfer_from, at(line.expected), line.reason || line.cause]), ""));
  parts.push(heading("Answers"), answersTable(answer.answers));
  if (answer.ended.length) {
    parts.push(heading("Closed since the console started"));
    for (const { alert, answer: last } of answer.ended) parts.push(make("p", {}, `${words(alert.kind)}: ${last ? `${ACTIONS[last.action] || last.action} by ${last.by || "somebody"}, ${moment(last.at)}` : "not answered"}`));
  }
  return parts;
}

const plural = (units) => `${number(units)} unit${units === 1 ? "" : "s"}`;

/** Lets a chart that is wider than a phone be moved. */
const plot = (id, chart) => make("div", { id, class: "plot", tabindex: "0", role: "region", "aria-label": chart.getAttribute("aria-label") }, chart);

/** Says at a glance how an item stands. */
function stands(book, outlook) {
  if (book.error || book.on_hand === undefined) return null;
  const out = outlook.plan?.stockout_p50;
  const tiles = [[number(book.on_hand), "on hand"], [number(book.on_order + book.reserved), "on order"], [number(book.backorders), "promised"],
    [book.forecast?.level === undefined ? "not known" : number(book.forecast.level, 1), "sells a day"], [book.targets ? number(book.targets.reorder_point) : "not set", "reorder point"],
    [book.on_hand <= 0 ? "now" : out ? at(out) : outlook.plan ? "not within 60 days" : "not known", "runs out"]];
  return make("div", { class: "tiles", id: "stands" }, ...tiles.map(([value, name]) => make("div", { class: "tile figure" }, make("b", {}, value), make("small", {}, name))));
}

function outlookWords({ plan, receipts }, onHand) {
  const isOut = onHand !== undefined && onHand <= 0;
  const out = isOut ? "Out of stock now" : plan.stockout_p50 ? `Runs out ${at(plan.stockout_p50)}` : "Does not run out in 60 days, more likely than not";
  const early = plan.stockout_p10 && !isOut ? `; one time in ten by ${at(plan.stockout_p10)}` : "";
  const next = receipts.length ? `; the next receipt comes ${at(Math.min(...receipts.map((one) => one.expected)))}` : "; nothing is on its way";
  return `${out}${early}${next}. The odds of running out before ${receipts.length ? "the next receipt" : "an order placed now would be here"} are ${share(plan.risk)}.`;
}

function whyTable(reasons, book) {
  return make("div", {}, make("table", { id: "why" }, make("thead", {}, make("tr", {}, ...["Number", "", "Where it comes from"].map((one) => make("th", { scope: "col" }, one)))),
    make("tbody", {}, ...reasons.map((one) => make("tr", { "data-path": one.path, "data-value": JSON.stringify(one.value) }, make("td", {}, one.name), make("td", { class: "number", title: String(one.value) }, figure(one.value, one.unit, book.item?.currency || "EUR")), make("td", { class: "told" }, one.words))))),
  told(`Each to the digit, as \`andon item --json\` prints it, under the pointer${book.worker ? `; told by ${book.worker}` : ""}.`));
}

function tryOut(outlook) {
  const field = (name, label, attributes) => make("label", {}, `${label} `, make("input", { id: `try-${name}`, type: "number", ...attributes, value: tried.values[name] ?? "", oninput: (event) => { tried.values[name] = event.target.value; } }));
  const classes = make("select", { id: "try-service_class", onchange: (event) => { tried.values.service_class = event.target.value; } }, ...["", "lean", "balanced", "critical"].map((one) => make("option", { value: one }, one || `as it is (${outlook.plan.service_class})`)));
  classes.value = tried.values.service_class ?? "";
  // The page is drawn anew whenever something changes: what was found out stays.
  const shown = make("div", { id: "tried", role: "status", "aria-live": "polite" }, tried.told);
  const show = (found) => { tried.told = found; ($("tried") || shown).replaceChildren(found); };
  const go = async (event) => {
    event.preventDefault();
    const given = ["service_class", "lead_days", "demand", "service_level"].map((name) => [name, tried.values[name] ?? ""]).filter(([, value]) => value !== "");
    const asks = given.map(([name, value]) => [name, name === "demand" ? 1 + Number(value) / 100 : name === "service_level" ? Number(value) / 100 : value]);
    if (!asks.length) return show(told("Nothing is tried out."));
    try {
      const answer = await ask(`${tried.path}?${new URLSearchParams(asks)}`);
      show(compare(answer.plan, answer.tried, answer.currency));
    } catch (error) {
      show(make("p", { class: "error" }, error.message));
    }
  };
  return make("form", { class: "filters", onsubmit: go }, make("label", {}, "class ", classes), field("lead_days", "lead time, days more", { step: "any" }), field("demand", "demand, % more", { step: "any", min: "-99" }),
    field("service_level", "service level, %", { step: "any", min: "50", max: "99.99" }), make("button", {}, "Try out"), told("It changes nothing, and leaves no trace."), shown);
}

function compare(plan, other, currency) {
  const rows = [["service level", share(plan.service_level), share(other.service_level)], ["lead time, days", plan.lead_time_days, other.lead_time_days], ["sells a day", plan.daily, other.daily],
    ["reorder point", plan.reorder_point, other.reorder_point], ["order up to", plan.order_up_to, other.order_up_to], ["safety stock", plan.safety_stock, other.safety_stock],
    ["it costs a year", money(plan.insurance_cost, currency), money(other.insurance_cost, currency)], ["it saves a year", money(plan.insured_cost, currency), money(other.insured_cost, currency)],
    ["to order now", plan.order_quantity, other.order_quantity], ["runs out", at(plan.stockout_p50), at(other.stockout_p50)]];
  return listing("compared", ["", "as it is", "if"], rows, "");
}

function dial(outlook) {
  const rows = outlook.dial.map((plan) => [`${number(plan.service_level * 100, 1)}%`, plan.safety_stock, plan.reorder_point, plan.order_up_to, money(plan.insurance_cost, outlook.currency) || "0", money(plan.insured_cost, outlook.currency) || "0"]);
  return listing("dial", ["Service level", "Safety stock", "Reorder point", "Order up to", "Costs a year", "Saves a year"], rows, "");
}

function answersTable(answers) {
  return listing("answers", ["When", "Who", "What", "Units", "Until", "Said"], answers.map((one) => [moment(one.at), one.by || "not said", ACTIONS[one.action] || one.action, one.quantity, moment(one.snooze_until), one.comment]), "No answer is kept.");
}

/** Names a way out as somebody would say it. */
function wayOut(way) {
  const by = way.mode ? ` by ${way.mode}` : "";
  return {
    source: `order from ${way.supplier}${by}`, expedite: `hurry what is on its way${by}`,
    transfer: `move from ${way.from_location}${by}`, wait: "wait",
  }[way.kind] || words(way.kind);
}

/** Orders by a way out, where it is bought; what is moved or hurried is asked for elsewhere. */
function takeWay(alert, way) {
  if (!mayOrder || way.kind !== "source" || !way.supplier || !way.quantity || !alert.location) return null;
  const take = async (event) => {
    event.target.disabled = true;
    try {
      const [result] = await send([{ alert_id: alert.alert_id, action: "ordered", quantity: way.quantity, supplier: way.supplier }]);
      hear(result.error || `${plural(way.quantity)} from ${way.supplier}: sent`, Boolean(result.error));
    } catch (error) {
      hear(error.message, true);
      event.target.disabled = false;
    }
  };
  return make("button", { type: "button", class: "take", "aria-label": `Order ${plural(way.quantity)} from ${way.supplier}`, onclick: take }, "Order");
}

function ways(alert) {
  if (!alert.alternatives?.length) return null;
  return listing("ways", ["Way out", "Units", "Comes", "Extra", "Too late", "Expected cost", "Saves", "Why", "Do"], alert.alternatives.map((way) => [wayOut(way), way.quantity || "", moment(way.arrives_p50),
    money(way.extra_cost, alert.currency), share(way.probability_too_late || 0), money(way.expected_cost, alert.currency), money(way.saves, alert.currency), sentence(way.why, alert.changed_at), takeWay(alert, way)]), "");
}

// Rows of the queue, on other screens

function rowsTable(id, rows, nothing) {
  return listing(id, ["", "What", "Kind", "At stake", "Answer"], rows.map((row) => [make("span", { class: row.severity, role: "img", "aria-label": row.severity }, MARKS[row.severity]),
    make("span", {}, row.location ? link(itemPath(row), row.name || row.sku) : link(`/disruptions/${encodeURIComponent(row.alert_id)}`, row.shipment_id || row.supplier || words(row.kind)), row.location ? ` · ${row.location}` : "", make("div", { class: "sentence" }, sentence(row.sentence, row.changed_at))),
    words(row.kind), money(row.value_at_risk, row.currency) || "not known", row.on_its_way ? "sent; not on the board yet" : answerWords(row)]), nothing);
}

// A location

function showLocation(name) {
  return screen(name, () => `/api/locations/${encodeURIComponent(name)}`, ({ rows, expiring, standing, now }) => {
    const due = (seconds) => `${at(seconds)}${seconds && seconds * 1000 < Date.parse(now) ? ", overdue" : ""}`;
    const item = (one) => link(itemPath({ location: name, sku: one.sku }), one.name || one.sku);
    const coming = standing.rows.flatMap((one) => one.coming.map((line) => ({ ...line, item: one }))).sort((one, other) => one.expected - other.expected);
    return [make("p", {}, link("/", "← Today")), make("h1", {}, name), standing.error ? told(standing.error) : null,
      heading("Comes today"), listing("coming", ["Item", "Units", "Expected", "From", "Shipment"], coming.map((line) => [item(line.item), line.quantity, due(line.expected), line.from || "", line.shipment_id]), "Nothing is expected within a day."),
      heading("Out of stock"), listing("out", ["Item", "On hand"], standing.rows.filter((one) => one.is_out).map((one) => [item(one), one.on_hand]), "Nothing is out."),
      heading("Expires"), listing("expiring", ["Item", "Units", ""], expiring.map((one) => [item(one), one.units, sentence(one.sentence, now)]), "Nothing expires before it sells."),
      heading("To spare"), listing("surplus", ["Item", "Units", "On hand"], standing.rows.filter((one) => one.surplus).map((one) => [item(one), one.surplus, one.on_hand]), "Nothing is to spare."),
      heading("Open alerts"), rowsTable("open-rows", rows, "Nothing is open."), rows.length ? link(`/?location=${encodeURIComponent(name)}`, "Answer them in the queue") : null];
  });
}

// Disruptions

function showDisruptions() {
  return screen("Disruptions", () => "/api/disruptions", ({ rows }) => [make("h1", {}, "What holds goods up"), rowsTable("disruptions", rows, "Nothing is held up."), ...(mayAnswer ? drillForm() : [])]);
}

const drilled = { values: { scope: "supplier", name: "", days: "14", severity: "100" }, told: null };

/** Lets somebody try out what a disruption would do; it changes nothing. */
function drillForm() {
  const scope = make("select", { id: "drill-scope", onchange: (event) => { drilled.values.scope = event.target.value; } }, ...["supplier", "carrier", "lane", "location"].map((one) => make("option", { value: one }, one)));
  scope.value = drilled.values.scope;
  const field = (name, label, attributes) => make("label", {}, `${label} `, make("input", { id: `drill-${name}`, required: true, value: drilled.values[name], oninput: (event) => { drilled.values[name] = event.target.value.trim(); }, ...attributes }));
  // The page is drawn anew whenever something changes: what was found out stays.
  const shown = make("div", { id: "drilled", role: "status", "aria-live": "polite" }, drilled.told);
  const show = (...found) => { drilled.told = make("div", {}, ...found); ($("drilled") || shown).replaceChildren(drilled.told); };
  const go = async (event) => {
    event.preventDefault();
    const { scope: kind, name, days, severity } = drilled.values;
    show(told("The drill is being played on a copy of all books."));
    try {
      const found = await post("/api/drills", { scope: kind, name, days: Number(days), severity: Number(severity) / 100 });
      show(make("p", { class: "sentence" }, found.told), listing("casualties", ["Item", "Class", "On hand", "Runs out", "Short", "Cost", "Best way out", "Saves"], found.casualties.map((one) => [link(itemPath(one), `${one.sku} · ${one.location}`), one.service_class, one.on_hand, moment(one.stockout_p50) || "perhaps", Math.round(one.short_units), money(one.cost, one.currency), sentence(one.alternatives[0]?.why || "", found.at), money(one.saves, one.currency)]), "No item would be short."));
    } catch (error) {
      show(make("p", { class: "error" }, error.message));
    }
  };
  return [heading("What if something failed now"), make("form", { class: "filters", id: "drill", onsubmit: go }, make("label", {}, "what ", scope), field("name", "its name", {}), field("days", "for days", { type: "number", min: "0.5", max: "365", step: "any" }), field("severity", "share that stands still, %", { type: "number", min: "1", max: "100", step: "any" }), make("button", {}, "Play it"), told("It changes nothing, and publishes nothing."), shown)];
}

async function showDisruption(id) {
  document.title = `${id} · Andon`;
  today.base = location.pathname;
  today.fixed = { cause: id, answered: "all" };
  const head = make("div", { id: "head" });
  const show = async () => {
    try {
      const { row, entry } = await ask(`/api/disruptions/${encodeURIComponent(id)}`);
      const affected = entry.alert.affected || [];
      renew(head, make("p", {}, link("/disruptions", "← Disruptions")), make("h1", {}, row.shipment_id || row.supplier || words(row.kind)), make("p", { class: "sentence" }, sentence(row.sentence, row.changed_at)), told(answerWords(row) || "not answered"),
        pairs([["at stake", money(row.value_at_risk, row.currency)], ["expected", moment(row.expected)], ["supplier", supplierLink(row.supplier)]]), ways(entry.alert) || "",
        affected.length ? listing("affected", ["Item", "Runs out", "At stake"], affected.map((one) => [link(itemPath(one), `${one.sku} · ${one.location}`), moment(one.stockout_p50), money(one.value_at_risk, one.currency)]), "") : "",
        heading("What it holds up"));
    } catch (error) {
      renew(head, make("p", { class: "error" }, error.message));
    }
  };
  showToday(head, () => whenCalm("head", show, () => isUnderPointer(head)));
  await show();
}

// Who did what

/** Names an alert by its kind and what it is about, without the colons and the number of its id; or an order. */
function alertName({ alert_id: id, item, order_id: order }) {
  if (!id) return order;
  const kind = id.split(":", 1)[0];
  return `${words(kind)} · ${item || id.slice(kind.length + 1)}`;
}

const doneWords = ({ action, alert_id: id }) => (id ? ACTIONS[action] || action : `order ${action}`);

function showAudit() {
  const given = new URLSearchParams(location.search);
  const set = (name, value) => { if (value) given.set(name, value); else given.delete(name); history.replaceState(null, "", `/audit${query(given)}`); again(true); };
  let again = () => {};
  const show = screen("Audit", () => `/api/audit${query(given)}`, ({ rows, people }) => {
    const who = make("select", { "aria-label": "who", onchange: (event) => set("who", event.target.value) }, make("option", { value: "" }, "anybody"), ...people.map((one) => make("option", { value: one }, one)));
    who.value = given.get("who") || "";
    return [make("h1", {}, "Who did what"), make("div", { class: "filters" }, make("input", { type: "search", placeholder: "search", "aria-label": "search", value: given.get("search") || "", onchange: (event) => set("search", event.target.value.trim()) }), who, link(`/audit.csv${query(given)}`, "Export")),
      listing("audit", ["When", "Who", "What", "Of", "Units", "Until", "Said"], rows.map((one) => [moment(one.at), one.by || "not said", doneWords(one), one.item?.includes("/") ? link(`/items/${one.item.split("/").map(encodeURIComponent).join("/")}`, alertName(one)) : alertName(one), one.quantity, moment(one.snooze_until), one.comment]), "Nothing is kept of what was done."),
      told("The last 5,000 answers, and what was done with orders, that the topics still hold.")];
  });
  show.then((draw) => { again = draw; });
  return show;
}

// Data

function showData() {
  return screen("Data", () => "/api/data", ({ letters, unpriced, unpriced_in_all: many, mismatched, files }) => {
    const counts = new Map();
    for (const one of letters) counts.set(one.reason, (counts.get(one.reason) || 0) + 1);
    const dead = make("table", { hidden: !letters.length }, make("thead", {}, make("tr", {}, ...["When", "Where", "Why", "Record"].map((one) => make("th", { scope: "col" }, one)))),
      make("tbody", { id: "letters" }, ...letters.map((one) => make("tr", {}, make("td", {}, moment(one.at)), make("td", {}, `${one.topic} ${one.partition}:${one.offset}`),
        make("td", { class: "wide sentence" }, `${words(one.reason)}: ${one.message}`), make("td", { class: "wide sentence told" }, one.key ? `${one.key} ` : "", one.value)))));
    return [make("h1", {}, "Data to mend"), make("p", {}, link("/?tile=data", "Alerts that ask for better data"), ...(mayImport ? [" · ", link("/import", "Import a table")] : [])), heading("Dead letters"),
      told(letters.length ? [...counts].map(([reason, count]) => `${count} ${words(reason)}`).join(", ") : "Every record could be processed, as far back as the last 500 letters."),
      told("Mended at their source, they are sent again; `andon deadletters replay` puts back what was right all along."), dead, link("/data.csv", "Export"),
      heading("Files of connectors"), listing("files", ["File", "Kind", "When", "Became", "Rows", "Read", "Refused", "Sent", "What"], files.map((one) => [make("span", { title: one.place }, one.file), words(one.kind), moment(one.at), one.outcome, one.rows, one.read, one.refused, one.sent, make("div", { class: "sentence" }, one.why)]), "No file was taken by a connector, as far back as the last 500."),
      files.length ? link("/files.csv", "Export the files") : null,
      heading("Counts that did not match"), rowsTable("mismatched", mismatched, "Every count matched its book."),
      heading("Items without a price"), told(many ? `${number(many)} items say neither what a unit costs nor at what price their sources sell: their money is reckoned at 1 a unit.${many > unpriced.length ? ` The first ${unpriced.length}:` : ""}` : "Every item has a price."),
      make("p", { class: "sentence" }, ...unpriced.flatMap((key) => [link(`/items/${key.split("/").map(encodeURIComponent).join("/")}`, key), " "]))];
  });
}
