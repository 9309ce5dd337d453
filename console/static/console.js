// The pages of `andon console`: what is asked is written as text, never as HTML, and nothing is asked of anywhere else.
"use strict";

const KINDS_WITH_ORDERS = new Set(["replenish", "stockout_risk", "unseen_order", "demand_spike", "level_shift", "overdue_order", "demand_unknown", "order_deviation"]);
const MOST_UNITS = 1_000_000_000;
const SNOOZES = [["1 hour", 1], ["4 hours", 4], ["1 day", 24], ["2 days", 48], ["1 week", 168]];

const itemPath = (row) => `/items/${encodeURIComponent(row.location)}/${encodeURIComponent(row.sku)}`;

const SAID_FOR_MS = 6000;
const state = { until: 0, calm: ["", false] };

function say(given, isError) {
  $("state").textContent = sentence(given);
  $("state").className = isError ? "error" : "";
}

/** Says what became of something that was done, to who sees and who hears; it stands for a while, whatever else is drawn. */
function hear(text, isError = false) {
  state.until = Date.now() + SAID_FOR_MS;
  say(text, isError);
  speak(text);
  setTimeout(() => { if (Date.now() >= state.until) say(...state.calm); }, SAID_FOR_MS + 50);
}

/** Has a screen reader say something, once. */
function speak(text) {
  $("heard").textContent = sentence(text);
}

/** Says how the page stands, once nothing else is being said; who hears is told if something is wrong, and else not with every change. */
function stand(text, isError = false) {
  if (isError) speak(text);
  state.calm = [text, isError];
  if (Date.now() >= state.until) say(text, isError);
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const body = await answer.json();
  if (answer.status === 401 && meta("role")) {
    // A session that is over is begun anew on the same page, which its address says; what somebody has typed is not taken from them.
    whenCalm("session", () => location.reload(), () => isAtField() || document.querySelector("[data-edited]") !== null);
    throw new Error("your session is over: load the page again to sign in");
  }
  if (!answer.ok && !body.results) throw new Error(body.error || `the console answers ${answer.status}`);
  return body;
}

function post(path, value) {
  const headers = { "Content-Type": "application/json", "X-Andon-Token": meta("token") };
  return ask(path, { method: "POST", headers, body: JSON.stringify(value) });
}

/** Sends answers; returns what became of each. */
async function send(answers) {
  return (await post("/api/answers", { by: $("by").value, answers })).results;
}

// People

const mayAnswer = ["planner", "buyer", "admin"].includes(meta("role"));
const mayOrder = ["buyer", "admin"].includes(meta("role"));

function showSignIn() {
  document.title = "Sign in · Andon";
  const name = make("input", { id: "name", autocomplete: "username", required: true, maxlength: "128" });
  const password = make("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const enter = async (event) => {
    event.preventDefault();
    try {
      await post("/api/sign-in", { name: name.value, password: password.value });
      location.reload();
    } catch (error) {
      hear(error.message, true);
      password.select();
    }
  };
  const elsewhere = meta("provider") ? make("p", {}, make("a", { id: "elsewhere", href: meta("provider") }, "Sign in with your company's account")) : null;
  const form = make("form", { class: "sign-in", onsubmit: enter }, make("label", {}, "Name ", name), make("label", {}, "Password ", password), make("button", {}, "Sign in"));
  $("main").replaceChildren(make("h1", {}, "Sign in"), ...[elsewhere, meta("passwords") ? form : null].filter(Boolean));
  stand("not signed in");
  if (meta("passwords")) name.focus();
}

/** Says in the head which screen this is. */
function drawWhere() {
  for (const one of document.querySelectorAll("nav a")) {
    const where = one.getAttribute("href");
    if (where === "/" ? location.pathname === "/" : location.pathname.startsWith(where)) one.setAttribute("aria-current", "page");
  }
}

function drawWho() {
  if (!meta("accounts")) {
    $("by").value = localStorage.getItem("andon-by") || meta("login");
    $("by").addEventListener("change", () => localStorage.setItem("andon-by", $("by").value.trim()));
    return;
  }
  $("who").replaceChildren(meta("role") ? `${meta("login")} · ${meta("role")}` : "", make("input", { id: "by", type: "hidden", value: meta("login") }));
  $("sign-out").hidden = !meta("role");
  $("sign-out").addEventListener("click", async () => { await post("/api/sign-out", {}); location.reload(); });
  document.querySelector("nav").hidden = !meta("role") || meta("role") === "supplier";
}

// Today

const today = { filters: new URLSearchParams(location.search), rows: new Map(), lines: new Map(), chosen: new Set(), waiting: 0, here: 0, wanted: -1, busy: false, again: false, base: "/", fixed: {} };

function query(filters = today.filters) {
  return filters.toString() ? `?${filters}` : "";
}

/** What is asked for: the filters of the address, and those of the screen. */
const asked = () => query(new URLSearchParams([...Object.entries(today.fixed), ...today.filters]));

function setFilter(name, value) {
  if (value) today.filters.set(name, value);
  else today.filters.delete(name);
  history.replaceState(null, "", `${today.base}${query()}`);
  refresh(true);
}

/** Brings the list up to date: rows in their places; new ones wait until they are asked for, unless `whole`. */
async function refresh(whole = false) {
  if (today.busy) {
    today.again = today.again || (whole ? "whole" : "calm");
    return;
  }
  today.busy = true;
  try {
    const told = await ask(`/api/today${asked()}`);
    // Many viewers share a view, so that it may be older than what was heard of: it is asked for once more.
    if (told.version < today.wanted) today.again = today.again || "calm";
    drawTiles(told);
    drawChoices(told);
    if (whole || !today.lines.size) drawRows(told);
    else updateRows(told);
    stand(told.is_read ? `${told.total} of ${told.open} open` : "still reading the board");
  } catch (error) {
    stand(`not up to date: ${error.message}`, true);
  } finally {
    today.busy = false;
    if (today.again) {
      const next = today.again === "whole";
      today.again = false;
      setTimeout(() => refresh(next), 100);
    }
  }
}

function drawTiles(told) {
  if (!$("tiles")) return;
  const chosen = today.filters.get("tile");
  $("tiles").replaceChildren(...told.tiles.map((tile) => make("button", {
    class: "tile", type: "button", "aria-pressed": String(chosen === tile.name),
    onclick: () => setFilter("tile", chosen === tile.name ? "" : tile.name),
  }, make("b", {}, String(tile.count)), tile.title,
  make("small", {}, Object.entries(tile.at_stake).map(([currency, value]) => money(value, currency)).join(" + ") || "\u00a0"))));
}

function drawChoices(told) {
  for (const [name, values] of Object.entries(told.choices)) {
    const select = $(`by-${name}`);
    if (!select || document.activeElement === select) continue;
    const now = today.filters.get(name) || "";
    const all = now && !values.includes(now) ? [now, ...values] : values;
    select.replaceChildren(make("option", { value: "" }, `any ${words(name)}`), ...all.map((one) => make("option", { value: one }, name === "kind" ? words(one) : one)));
    select.value = now;
  }
}

function drawRows(told) {
  today.rows = new Map(told.rows.map((row) => [row.alert_id, row]));
  today.chosen = new Set([...today.chosen].filter((id) => today.rows.has(id)));
  for (const line of today.lines.values()) live.held.delete(line);
  today.lines = new Map();
  today.waiting = 0;
  const lines = told.rows.map((row) => {
    const line = make("tr", { "data-id": row.alert_id });
    today.lines.set(row.alert_id, line);
    fill(line, row);
    return line;
  });
  $("rows").replaceChildren(...lines);
  $("empty").hidden = told.total > 0;
  $("empty").replaceChildren(...emptyWords(told));
  $("more").textContent = told.total > told.rows.length ? `The first ${told.rows.length} of ${told.total}: filter, or export all.` : "";
  move(Math.min(today.here, lines.length - 1), false);
  drawBar();
}

/** Says why nothing is listed. */
function emptyWords(told) {
  if (!told.is_read) return ["The board is still being read."];
  if (!told.open || !today.filters.toString()) return ["Nothing here needs a hand."];
  return ["Nothing that is open fits these filters. ", make("a", { href: today.base }, "Show all that needs a hand")];
}

function updateRows(told) {
  const fresh = new Map(told.rows.map((row) => [row.alert_id, row]));
  for (const [id, line] of today.lines) {
    const row = fresh.get(id);
    const before = today.rows.get(id);
    if (!row) {
      line.classList.add("gone");
      for (const one of line.querySelectorAll("input, select, button")) one.disabled = true;
      today.chosen.delete(id);
      // If it comes back, it is written anew.
      today.rows.delete(id);
      delete line.dataset.edited;
    } else {
      line.classList.remove("gone");
      today.rows.set(id, row);
      if (JSON.stringify(row) !== JSON.stringify(before)) whenCalm(line, () => fill(line, today.rows.get(id)), () => isBusy(line));
    }
  }
  const waited = today.waiting;
  today.waiting = told.rows.filter((row) => !today.lines.has(row.alert_id)).length;
  if (today.waiting > waited) speak(`${number(today.waiting)} new`);
  drawBar();
}

const isOrderable = (row) => mayOrder && row.location && KINDS_WITH_ORDERS.has(row.kind);

/** Names a row to who hears it. */
const spoken = (row) => `${row.location ? `${row.name || row.sku} at ${row.location}` : row.shipment_id || row.supplier || "it"}, ${words(row.kind)}`;

/** Whether somebody is about to do something in a row. */
const isBusy = (line) => line.dataset.edited !== undefined || line.dataset.sending !== undefined || isUnderPointer(line) || (isAtField() && line.contains(document.activeElement));

/** Writes a row's cells. */
function fill(line, row) {
  const id = row.alert_id;
  const of = row.shipment_id || row.supplier;
  const name = row.location ? make("a", { href: itemPath(row) }, row.name || row.sku) : make("a", { href: `/disruptions/${encodeURIComponent(id)}` }, of || words(row.kind));
  const where = row.location ? ` · ${row.location}` : "";
  const left = row.hours_left === null ? "" : row.hours_left <= 0 ? "overdue" : row.hours_left < 48 ? `${number(row.hours_left, 0)} h left` : `${number(row.hours_left / 24, 0)} days left`;
  const why = row.per_hour ? `${money(row.value_at_risk, row.currency)} at stake, ${left}: ${money(row.per_hour, row.currency)} an hour` : "what is at stake, or until when, is not known";
  const told = row.on_its_way ? "sent; not on the board yet" : answerWords(row);
  const check = make("input", { type: "checkbox", "aria-label": `select ${spoken(row)}`, onchange: (event) => choose(id, event.target.checked) });
  check.checked = today.chosen.has(id);
  // A row is edited while something stands in it that was not there.
  const note = () => {
    const has = (field, stood) => { const one = line.querySelector(field); return one && one.value !== String(stood ?? ""); };
    if (has(".quantity", row.quantity) || has(".from", row.supplier) || line.querySelector(".reason")?.hidden === false) line.dataset.edited = "";
    else delete line.dataset.edited;
  };
  line.className = `${line.classList.contains("here") ? "here" : ""}`;
  renew(line,
    make("td", {}, check, " ", make("span", { class: row.severity, title: row.severity, role: "img", "aria-label": row.severity }, MARKS[row.severity])),
    make("td", { class: "wide" }, name, where, make("div", { class: "sentence" }, sentence(row.sentence, row.changed_at)), make("div", { class: "told" }, told)),
    make("td", { class: "kind" }, words(row.kind)),
    make("td", { class: "number", title: why }, money(row.value_at_risk, row.currency) || "not known"),
    make("td", { class: "number", title: why }, left || "not known"),
    make("td", { class: "seller" }, from(row, note)),
    make("td", { class: "do" }, ...doing(line, row, note)),
  );
}

/** Makes who brings it; the choice, where more than one sells it: of what was confirmed short, that is a way out. */
function from(row, note) {
  if (!row.supplier) return null;
  const sellers = [...new Set([row.supplier, ...row.sellers])].filter(Boolean);
  if (sellers.length < 2 || !isOrderable(row)) return make("a", { href: `/suppliers/${encodeURIComponent(row.supplier)}` }, row.supplier);
  return make("select", { class: "from", "aria-label": `supplier for ${spoken(row)}`, onchange: note }, ...sellers.map((one) => make("option", { value: one }, one)));
}

/** Makes what can be done about a row, in the row. */
function doing(line, row, note) {
  const id = row.alert_id;
  const nodes = [];
  if (!mayAnswer) return nodes;
  if (isOrderable(row)) {
    const quantity = make("input", { type: "number", min: "1", step: "1", class: "quantity", "aria-label": `quantity for ${spoken(row)}`, value: row.quantity ?? "", oninput: () => note() });
    quantity.addEventListener("keydown", (event) => { if (event.key === "Enter") answer([id], { action: "ordered" }); });
    nodes.push(quantity, " ", make("button", { type: "button", class: "order", onclick: () => answer([id], { action: "ordered" }) }, "Order"), " ");
  }
  const later = make("select", { class: "snooze", "aria-label": `snooze ${spoken(row)}`, onchange: (event) => { const hours = Number(event.target.value); event.target.value = ""; if (hours) answer([id], { action: "snoozed", snooze_hours: hours }); } },
    make("option", { value: "" }, "Snooze"), ...SNOOZES.map(([text, hours]) => make("option", { value: String(hours) }, text)));
  const reason = make("input", { class: "reason", hidden: true, maxlength: "2000", placeholder: "reason, then Enter", "aria-label": `reason to reject ${spoken(row)}` });
  reason.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && reason.value.trim()) answer([id], { action: "rejected", comment: reason.value });
    if (event.key === "Escape") {
      reason.hidden = true;
      note();
    }
  });
  if (row.answer_stands && ["acknowledged", "snoozed"].includes(row.answered_with)) {
    nodes.push(make("button", { type: "button", class: "back", onclick: () => answer([id], { action: "snoozed", snooze_hours: 0, again: true }) }, "Take back"), " ");
  }
  nodes.push(
    make("button", { type: "button", class: "ack", onclick: () => answer([id], { action: "acknowledged" }) }, "Seen"), " ", later, " ",
    make("button", { type: "button", class: "reject", onclick: () => { reason.hidden = !reason.hidden; note(); reason.focus(); } }, "Reject"), " ", reason);
  return nodes;
}

/** Answers alerts, each with the quantity that stands in its row; what fails says so in its row. */
async function answer(ids, what) {
  const lines = ids.map((id) => today.lines.get(id)).filter((line) => line && !line.dataset.sending);
  if (!lines.length || !mayAnswer || (what.action === "ordered" && !mayOrder)) return;
  const answers = lines.map((line) => {
    const field = line.querySelector(".quantity");
    const quantity = what.action === "ordered" && field && field.value !== "" ? { quantity: Number(field.value) } : {};
    const seller = line.querySelector(".from")?.value;
    const supplier = what.action === "ordered" && seller && seller !== today.rows.get(line.dataset.id)?.supplier ? { supplier: seller } : {};
    return { alert_id: line.dataset.id, ...what, ...quantity, ...supplier, ...(line.dataset.again ? { again: true } : {}) };
  });
  const edited = answers.find(({ quantity }) => quantity !== undefined && !(Number.isInteger(quantity) && quantity >= 1 && quantity <= MOST_UNITS));
  if (edited) return hear(`${number(edited.quantity)} cannot be ordered: whole units from 1 to ${number(MOST_UNITS)}`, true);
  for (const line of lines) line.dataset.sending = "yes";
  try {
    const results = await send(answers);
    const failed = results.filter((one) => one.error);
    for (const one of results) tell(today.lines.get(one.alert_id), one);
    hear(failed.length ? `${results.length - failed.length} sent; ${failed[0].error}` : `${results.length} sent`, failed.length > 0);
  } catch (error) {
    hear(error.message, true);
  } finally {
    for (const line of lines) delete line.dataset.sending;
  }
}

function tell(line, result) {
  if (!line) return;
  const told = line.querySelector(".told");
  told.className = result.error ? "told error" : "told";
  told.textContent = result.error ? sentence(result.error) : "sent; not on the board yet";
  if (result.status === 409) line.dataset.again = "yes";
  if (result.error && result.status === 409) told.textContent += ". Once more answers all the same.";
  if (!result.error) {
    delete line.dataset.edited;
    // What was held back is older than what was sent, which is told of next.
    live.held.delete(line);
    today.chosen.delete(line.dataset.id);
    if (line.contains(document.activeElement)) document.activeElement.blur();
  }
  drawBar();
}

function choose(id, isChosen) {
  if (isChosen) today.chosen.add(id);
  else today.chosen.delete(id);
  drawBar();
}

function drawBar() {
  $("chosen").textContent = `${today.chosen.size} selected`;
  for (const one of document.querySelectorAll(".bulk")) one.disabled = !today.chosen.size;
  $("new").textContent = `${today.waiting} new ▴`;
  $("new").hidden = !today.waiting;
  $("export").href = `/today.csv${asked()}`;
}

function move(place, scroll = true) {
  const lines = [...today.lines.values()];
  if (!lines.length) return;
  today.here = Math.max(0, Math.min(place, lines.length - 1));
  for (const line of lines) line.classList.remove("here");
  lines[today.here].classList.add("here");
  if (scroll) lines[today.here].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => move(today.here + 1), k: () => move(today.here - 1),
  o: (line) => answer([line.dataset.id], { action: "ordered" }),
  s: (line) => answer([line.dataset.id], { action: "snoozed", snooze_hours: 24 }),
  a: (line) => answer([line.dataset.id], { action: "acknowledged" }),
  e: (line) => line.querySelector(".quantity")?.focus(),
  r: (line) => line.querySelector(".reject")?.click(),
  x: (line) => line.querySelector("input[type=checkbox]").click(),
  n: () => refresh(true),
  "/": () => $("search").focus(),
  "?": () => { $("help").hidden = !$("help").hidden; },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return document.activeElement.blur();
  if (!$("rows") || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const act = KEYS[event.key];
  const line = [...today.lines.values()][today.here];
  if (!act || (act.length && !line)) return;
  event.preventDefault();
  act(line);
});

/** Shows the queue; on another screen, under its head, with what is fixed of its filters, and does `more` with each change. */
function showToday(head = null, more = () => {}) {
  if (!head) document.title = "Today · Andon";
  const select = (name) => make("select", { id: `by-${name}`, "aria-label": `by ${words(name)}`, onchange: (event) => setFilter(name, event.target.value) }, make("option", { value: "" }, `any ${words(name)}`));
  const fixed = (name, label, options) => {
    const made = make("select", { "aria-label": label, onchange: (event) => setFilter(name, event.target.value) }, ...options.map(([value, text]) => make("option", { value }, text)));
    made.value = today.filters.get(name) || "";
    return made;
  };
  let typed;
  const search = make("input", { id: "search", type: "search", placeholder: "search", "aria-label": "search", value: today.filters.get("search") || "", oninput: (event) => { clearTimeout(typed); typed = setTimeout(() => setFilter("search", event.target.value.trim()), 150); } });
  const reason = make("input", { hidden: !mayAnswer, "aria-label": "reason to reject the selected", placeholder: "reason", maxlength: "2000" });
  const chosen = () => [...today.chosen];
  $("main").replaceChildren(
    head || make("div", { id: "tiles", class: "tiles" }),
    make("div", { class: "filters" }, search, select("location"), select("supplier"), select("service_class"), select("kind"),
      fixed("severity", "by severity", [["", "any severity"], ["critical", "critical"], ["warning", "warning"], ["info", "info"]]),
      fixed("answered", "by answer", [["", "needs a hand"], ["yes", "answered"], ["all", "all that is open"]]),
      fixed("stage", "by stage", [["", "live"], ["shadow", "in shadow"]])),
    make("p", { id: "help", hidden: true }, "j k move · o order · e edit the quantity · s snooze for a day · a seen · r reject · x select · n new rows · / search · Esc leaves a field"),
    make("table", {}, make("thead", {}, make("tr", {}, ...["", "What", "Kind", "At stake", "Time", "Supplier", "Do"].map((one) => make("th", { scope: "col", class: ["At stake", "Time"].includes(one) ? "number" : "" }, one)))), make("tbody", { id: "rows" })),
    make("p", { id: "empty", hidden: true }),
    make("p", { id: "more", class: "told" }),
    make("div", { class: "bar" }, make("span", { id: "chosen" }),
      make("button", { class: "bulk", type: "button", hidden: !mayOrder, onclick: () => answer(chosen(), { action: "ordered" }) }, "Order"),
      make("button", { class: "bulk", type: "button", hidden: !mayAnswer, onclick: () => answer(chosen(), { action: "snoozed", snooze_hours: 24 }) }, "Snooze 1 day"),
      make("button", { class: "bulk", type: "button", hidden: !mayAnswer, onclick: () => (reason.value.trim() ? answer(chosen(), { action: "rejected", comment: reason.value }) : reason.focus()) }, "Reject"), reason,
      make("a", { id: "export", href: "/today.csv" }, "Export"),
      make("button", { id: "new", type: "button", hidden: true, onclick: () => refresh(true) }),
      make("span", { class: "keys" }, "j k move · ? keys")),
  );
  drawBar();
  refresh(true);
  listen((version) => { today.wanted = version; refresh(false); more(); });
}

drawWho();
drawWhere();
document.addEventListener("DOMContentLoaded", () => {
  if (!meta("role")) showSignIn();
  else if (meta("role") === "supplier") showSupplier(meta("supplier"));
  else if (location.pathname === "/") showToday();
  else showScreen(location.pathname);
});
