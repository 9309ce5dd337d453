// How the pages say things: numbers, money, dates and kinds, in one form everywhere, in the viewer's language and zone.
"use strict";

const $ = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="andon-${name}"]`).content;

/** Makes an element: its attributes, then its children; texts are texts. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((one) => one !== null && one !== undefined));
  return node;
}

const number = (value, digits = 2) => value.toLocaleString(undefined, { maximumFractionDigits: digits });
const share = (value) => (value === null || value === undefined ? "not known" : `${number(value * 100, value > 0.99 && value < 1 ? 2 : 0)}%`);

/** How many digits a currency has behind its mark: two, unless the browser knows better. */
function digitsOf(currency) {
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return 2;
  }
}

function money(value, currency) {
  if (!value) return "";
  const digits = digitsOf(currency || "EUR");
  return `${value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${currency || ""}`.trim();
}

// Times: one form, such as "Thu 12 Dec 18:55", whatever they stand in.

const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function day(at) {
  const parts = Object.fromEntries(DAY.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month}`;
}

const moment = (at) => (at ? `${day(at)} ${HOUR.format(new Date(at))}` : "");
const at = (seconds) => (seconds ? moment(seconds * 1000) : "not known");

/** Writes the times in a sentence, which are those of UTC, as the page writes all others; it was said at `said`. */
function sentence(text, said) {
  const near = said ? new Date(said) : new Date();
  const write = (year, month, date, hour, minute) => moment(Date.UTC(year, month, date, hour, minute));
  return (text || "").replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d\d):(\d\d)\b/g, (_, date, month, hour, minute) => {
    const place = MONTHS.indexOf(month);
    // No year is said: it is the one in which the day comes nearest to when it was said.
    const years = [-1, 0, 1].map((more) => near.getUTCFullYear() + more);
    const off = (year) => Math.abs(Date.UTC(year, place, date) - near.getTime());
    return write(years.sort((one, other) => off(one) - off(other))[0], place, date, hour, minute);
  }).replace(/\b(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)\b/g, (_, year, month, date, hour, minute) => write(year, month - 1, date, hour, minute));
}

// Words for what the events name

/** How urgent an alert is, by the signs that the command line has, too. */
const MARKS = JSON.parse(meta("marks"));
const KINDS = {
  replenish: "to order", stockout_risk: "runs out", late_shipment: "late", silent_delay: "late, silent", overdue_order: "order overdue", disruption: "disruption",
  order_deviation: "confirmed otherwise", supplier_slipping: "supplier slipping", unseen_order: "ordered, not seen", book_mismatch: "count did not match", demand_unknown: "demand not known",
  class_advice: "better class", source_circle: "feeds in a circle", demand_spike: "sells far more", level_shift: "sells otherwise", overstock: "too much stock",
  bom_circle: "made of itself", line_stop: "line stops", kanban_pull: "containers to fill", kanban_cards: "other number of cards", lost_card: "card is lost",
};
const STATES = { drafted: "draft", approved: "approved", sent: "sent", confirmed: "confirmed", received: "received", cancelled: "cancelled" };
const ACTIONS = { acknowledged: "seen", snoozed: "snoozed", ordered: "ordered", rejected: "rejected" };
const FILTERS = { service_class: "class", tile: "group" };
const words = (name) => KINDS[name] || FILTERS[name] || name.replaceAll("_", " ");

/** The figures of an alert that say more to people than its sentence does, each with what it is counted in. */
const FIGURES = {
  on_hand: ["on hand", "units"], on_hold: ["held back", "units"], on_order: ["on order", "units"], reserved: ["ordered, not seen", "units"], backorders: ["customers wait for", "units"], promised: ["promised", "units"],
  below: ["at locations that it feeds", "units"], inherited: ["of the code before", "units"], inventory_position: ["on hand and to come", "units"], reorder_point: ["reorder point", "units"], order_up_to: ["order up to", "units"], safety_stock: ["safety stock", "units"],
  service_level: ["service level", "share"], daily_demand: ["sells", "a day"], level: ["sells", "a day"], lead_time_days: ["lead time", "days"], lead_time_sd_days: ["lead time, give or take", "days"], lead_time_mean_days: ["lead time", "days"],
  short_units: ["likely short of", "units"], quantity: ["announced", "units"], orders: ["orders", "units"], units: ["units", "units"], sold: ["sold", "units"], expected: ["expected", "units"], buffer: ["kept for it", "units"], count_error: ["counted otherwise by", "units"],
  excess: ["too much", "units"], excess_value: ["worth", "money"], expiring: ["expires unsold", "units"], expiring_value: ["worth", "money"], idle: ["does not sell", "units"], idle_value: ["worth", "money"], days_of_supply: ["lasts", "days"],
  insurance_cost: ["safety stock costs", "money a year"], spare_units: ["to spare", "units"], spare_days: ["lasts", "days"], days_late: ["late by", "days"], days_overdue: ["over by", "days"], lines: ["lines", "units"],
  recent_late_share: ["late lately", "share"], usual_late_share: ["late before", "share"], recent_delay_days: ["late lately, on average", "days"], short: ["will not come", "units"], ordered: ["ordered", "units"], locations: ["locations", "units"],
};

/** Writes a number in what it is counted in. */
function figure(value, unit = "units", currency = "") {
  if (typeof value !== "number") return String(value);
  if (unit === "share") return share(value);
  if (unit === "money") return money(value, currency) || "nothing";
  if (unit === "money a year") return `${money(value, currency) || "nothing"} a year`;
  if (unit === "units" || unit === "times") return number(value, 2);
  return `${number(value, 1)} ${unit}`;
}

/** Says what was answered to an alert, by whom and when. */
function answerWords(row) {
  if (!row.answer) return "";
  const { answered_with: action, answered_at: when, answered_until: until } = row;
  let what = ACTIONS[action] || words(action);
  if (until && Date.parse(until) <= Date.parse(when)) what = "taken back";
  else if (until) what += ` until ${moment(until)}`;
  if (row.answered_quantity) what += ` ${number(row.answered_quantity)}`;
  if (row.answered_as) what += ` as ${row.answered_as}`;
  const who = row.answered_by ? ` by ${row.answered_by}` : "";
  const said = row.answered_comment ? ` (${row.answered_comment})` : "";
  return `${row.answer_stands ? "" : "open again since: "}${what}${who}, ${moment(when)}${said}`;
}
