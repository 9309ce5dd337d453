// The charts, drawn as SVG without a library: the stock to come as a band, sales with the forecast, and a supplier week by week.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720, HEIGHT = 180, LEFT = 44, BOTTOM = 20, TOP = 8;

function draw(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Makes a chart's frame and its scales: times in seconds, values from nothing up, in a unit; what it says in words is its name. */
function frame(label, from, to, most, unit = "") {
  const x = (at) => LEFT + ((at - from) / Math.max(to - from, 1)) * (WIDTH - LEFT);
  const y = (value) => TOP + (1 - value / Math.max(most, 1)) * (HEIGHT - TOP - BOTTOM);
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label });
  for (const value of [0, most / 2, most]) {
    svg.append(draw("line", { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value), class: "grid" }),
      draw("text", { x: LEFT - 6, y: y(value) + 4, class: "end" }, number(value, most < 10 ? 1 : 0) + unit));
  }
  const days = (to - from) / 86400;
  const step = Math.max(1, Math.ceil(days / 7)) * 86400;
  for (let at = from; at < to - step / 2; at += step) {
    svg.append(draw("text", { x: x(at), y: HEIGHT - 4 }, day(at * 1000).split(" ").slice(1).join(" ")));
  }
  return { svg, x, y };
}

const path = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** Draws the stock to come: nine in ten, even odds and one in ten, what comes, the reorder point, and when it runs out. */
function bandChart(outlook, onHand) {
  const { band, plan, receipts, now } = outlook;
  const ends = [now, ...band.ends];
  const to = ends[ends.length - 1];
  const start = Math.max(onHand, 0);
  const [low, middle, high] = [band.p10, band.p50, band.p90].map((line) => [start, ...line]);
  const most = Math.max(...high, plan.reorder_point, 1);
  const out = plan.stockout_p50 ? `runs out about ${moment(plan.stockout_p50 * 1000)}` : "does not run out in 60 days, more likely than not";
  const { svg, x, y } = frame(`Stock expected over ${band.ends.length} days: ${out}`, now, to, most);
  const along = (line) => line.map((value, place) => [x(ends[place]), y(value)]);
  svg.append(
    draw("path", { d: `${path([...along(high), ...along(low).reverse()])}Z`, class: "band" }),
    draw("path", { d: path(along(middle)), class: "middle" }),
    draw("line", { x1: LEFT, x2: WIDTH, y1: y(plan.reorder_point), y2: y(plan.reorder_point), class: "point" }),
    draw("text", { x: WIDTH, y: y(plan.reorder_point) + (plan.reorder_point > most * 0.95 ? 12 : -4), class: "end" }, `reorder point ${plan.reorder_point}`),
  );
  for (const receipt of receipts) {
    if (receipt.expected > to) continue;
    const at = x(Math.max(receipt.expected, now));
    svg.append(draw("line", { x1: at, x2: at, y1: y(0), y2: y(Math.min(receipt.quantity, most)), class: "receipt" }, draw("title", {}, `${receipt.quantity} expected ${moment(receipt.expected * 1000)}, give or take ${number(receipt.spread_days, 1)} days`)),
      draw("text", { x: at + 3, y: y(0) - 4 }, `+${receipt.quantity}`));
  }
  for (const [at, text, down] of [[plan.stockout_p10, "10%", 8], [plan.stockout_p50, "50%", 22]]) {
    if (at && at <= to) svg.append(draw("line", { x1: x(at), x2: x(at), y1: TOP, y2: y(0), class: "out" }), draw("text", { x: x(at) + 3, y: TOP + down, class: "out" }, `out ${text}`));
  }
  return svg;
}

/** Draws what was sold day by day, and what is expected to be: the mean, and nine in ten days between. */
function salesChart(forecast) {
  const all = forecast.history.sold;
  const sold = all.slice(-84);
  const first = forecast.history.first_day + all.length - sold.length;
  const days = forecast.mean.length;
  const most = Math.max(...sold.map((one) => one ?? 0), ...forecast.high, 1);
  const at = (day) => day * 86400;
  const label = `Sales of ${sold.length} days, and the forecast of ${days} days by ${forecast.model}: ${number(forecast.level, 1)} a day`;
  const { svg, x, y } = frame(label, at(first), at(forecast.first_day + days), most);
  const wide = Math.max((x(at(1)) - x(at(0))) * 0.8, 1);
  sold.forEach((one, place) => one !== null && svg.append(draw("rect", { x: x(at(first + place)), width: wide, y: y(one), height: Math.max(y(0) - y(one), 0), class: "sold" })));
  const along = (line) => line.map((value, place) => [x(at(forecast.first_day + place)), y(value)]);
  svg.append(draw("path", { d: `${path([...along(forecast.high), ...along(forecast.low).reverse()])}Z`, class: "band" }), draw("path", { d: path(along(forecast.mean)), class: "middle" }));
  return svg;
}

const WEEK = 7 * 86400;
/** Noon of its Monday where the viewer is: a week is one of dates, and no moment of any zone. */
const beginOf = (week) => Date.parse(`${week.begins}T12:00`) / 1000;
/** Frames a chart of weeks; returns where each of them stands, too. */
function weeksFrame(label, weeks, most, unit) {
  const made = frame(label, beginOf(weeks[0]), beginOf(weeks[weeks.length - 1]) + WEEK, most, unit);
  return { ...made, wide: Math.max((made.x(WEEK) - made.x(0)) * 0.8, 2) };
}

/** What is nought is left out of what is published. */
const onTime = (week) => (week.on_time || 0) / week.promised;

/** Draws which share of what was promised came on time, week by week. */
function onTimeChart(weeks) {
  const told = weeks.filter((week) => week.promised);
  const last = told[told.length - 1];
  const { svg, x, y, wide } = weeksFrame(`On time by week, the last ${share(onTime(last))}`, told, 100, "%");
  for (const week of told) {
    const part = onTime(week) * 100;
    // A week in which nothing was on time is seen, too.
    svg.append(draw("rect", { x: x(beginOf(week)), width: wide, y: Math.min(y(part), y(0) - 1), height: Math.max(y(0) - y(part), 1), class: "sold" },
      draw("title", {}, `week of ${weekOf(week)}: ${week.on_time || 0} of ${week.promised} on time`)));
  }
  return svg;
}

/** Draws how long deliveries took from order to receipt, week by week, before the band that is reckoned with. */
function leadTimeChart(weeks, card) {
  const told = weeks.filter((week) => week.lead_time_mean_days !== undefined);
  const low = card.lead_time_p50_days, high = card.lead_time_p90_days;
  const most = Math.max(high, ...told.map((week) => week.lead_time_mean_days)) * 1.1;
  const { svg, x, y, wide } = weeksFrame(`Lead time by week, in days; even odds ${number(low, 1)}, nine in ten ${number(high, 1)}`, told, most, " d");
  svg.append(draw("rect", { x: LEFT, width: WIDTH - LEFT, y: y(high), height: Math.max(y(low) - y(high), 1), class: "band" }));
  for (const week of told) {
    const at = x(beginOf(week)), up = y(week.lead_time_mean_days);
    svg.append(draw("line", { x1: at, x2: at + wide, y1: up, y2: up, class: "middle" }, draw("title", {}, `week of ${weekOf(week)}: ${number(week.lead_time_mean_days, 1)} days`)));
  }
  return svg;
}
