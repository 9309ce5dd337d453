// Tables that are uploaded: what is understood of one, what would be sent, what is refused, and sending it.
"use strict";

const mayImport = ["planner", "admin"].includes(meta("role"));
const TABLE_KINDS = ["sales", "stock", "items", "orders", "suppliers", "locations"];
/** Above this a file is for the command line. */
const MOST_UPLOAD = 8 * 1024 * 1024;

function showImport() {
  document.title = "Import · Andon";
  if (!mayImport) {
    $("main").replaceChildren(make("h1", {}, "Import a table"), told("Planners and admins import tables."));
    return stand("");
  }
  const field = (id, text, attributes = {}) => make("label", {}, `${text} `, make("input", { id, ...attributes }));
  const choice = (id, text, options) => make("label", {}, `${text} `, make("select", { id }, ...options.map(([value, name]) => make("option", { value }, name))));
  const kind = make("select", { id: "kind" }, ...TABLE_KINDS.map((one) => make("option", {}, one)));
  const result = make("div", { id: "understood", "aria-live": "polite" });
  const form = make("form", { class: "import", onsubmit: (event) => { event.preventDefault(); importFile("look", result); } },
    make("label", {}, "It holds ", kind),
    field("file", "The table (CSV or Excel)", { type: "file", required: true }),
    field("location", "Where, if no column says it", { maxlength: "64" }),
    field("at", "When, if no column says it", { placeholder: "2026-11-28T06:00" }),
    field("zone", "Time zone", { placeholder: "UTC" }),
    choice("date_format", "Dates like 03/04/2026", [["", "as the table shows"], ["day-first", "day first"], ["month-first", "month first"]]),
    choice("decimal", "Decimal mark", [["", "as the table shows"], [",", "comma"], [".", "point"]]),
    choice("encoding", "Encoding", [["", "as the table shows"], ["cp1252", "Windows (cp1252)"], ["mac_roman", "Mac (mac_roman)"]]),
    field("sheet", "Sheet of a workbook"),
    field("head_line", "Line that names the columns"),
    field("mapping", "A mapping that was saved", { type: "file", accept: ".toml" }),
    make("button", { id: "show" }, "Show what it holds"));
  $("main").replaceChildren(make("h1", {}, "Import a table"), told("Nothing is sent before you have seen what is understood. Importing a file again adds nothing."), form, result);
  stand("");
}

/** Has the file looked at, with what is said of it; or sends what was shown, whatever was changed since. */
async function importFile(what, result) {
  const isSent = what === "send";
  const [file] = isSent ? [result.shown.file] : $("file").files;
  if (file.size > MOST_UPLOAD) return hear("The file is too large for the console: `andon import` takes it.", true);
  const chosen = Object.fromEntries([...result.querySelectorAll("select[data-field]")].map((one) => [one.dataset.field, one.value]));
  const [saved] = $("mapping").files;
  const said = isSent ? result.shown.said : { kind: $("kind").value, name: file.name, location: $("location").value.trim(), at: $("at").value.trim(), time_zone: $("zone").value.trim(), table: Object.fromEntries(["date_format", "decimal", "encoding", "sheet", "head_line"].map((one) => [one, $(one).value.trim()])), columns: result.shown?.file === file && result.shown.said.kind === $("kind").value ? chosen : {}, toml: saved ? await saved.text() : "" };
  for (const button of $("main").querySelectorAll("button")) button.disabled = true;
  try {
    const headers = { "Content-Type": "application/octet-stream", "X-Andon-Token": meta("token") };
    const account = await ask(`/api/imports/${what}?said=${encodeURIComponent(JSON.stringify(said))}`, { method: "POST", headers, body: file });
    result.shown = { file, said };
    drawAccount(account, result);
    hear(isSent ? `${number(account.sent)} events of ${account.file} are sent` : `${account.file}: ${number(account.rows)} rows`);
  } catch (error) {
    result.replaceChildren(make("p", { class: "error" }, error.message));
  } finally {
    for (const button of $("main").querySelectorAll("button")) button.disabled = false;
  }
}

function drawAccount(account, result) {
  const groups = (title, found) => Object.entries(found).map(([reason, one]) => [`${title}: ${reason}`, one.count, one.lines.join(", "), one.example]);
  const left = [...groups("refused", account.refused), ...groups("skipped", account.skipped)];
  const heads = [...Object.values(account.columns), ...account.unused];
  const choose = (name, was) => make("select", { "data-field": name, "data-was": was, "aria-label": `column of ${name}`, onchange: () => importFile("look", result) }, ...["", ...heads].map((one) => make("option", { value: one, selected: one === was }, one || "none")));
  const fields = [...new Set(account.preview.flatMap((one) => Object.keys(one)))];
  const shown = (value) => (value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
  const saved = make("a", { download: `${account.kind}.toml`, href: `data:application/toml;charset=utf-8,${encodeURIComponent(account.mapping)}` }, "Save this mapping");
  const done = account.sent !== null;
  const go = make("button", { id: "send", type: "button", onclick: () => importFile("send", result) }, account.events === 1 ? "Send the event" : `Send ${number(account.events)} events`);
  result.replaceChildren(
    heading(done ? `${number(account.sent)} events are sent` : "What is understood"),
    told(`${number(account.rows)} rows: ${number(account.read)} read, ${number(account.rows - account.read)} skipped or refused${done ? `; ${number(account.imported_before)} events were there before` : ""}. ${account.described}.`),
    ...account.notes.map(told),
    account.stopped ? make("p", { class: "error" }, account.stopped) : "",
    listing("columns", ["Field", "Column"], Object.entries(account.columns).map(([name, was]) => [words(name), choose(name, was)]), "No column is used."),
    account.unused.length ? told(`Not used: ${account.unused.join(", ")}`) : "",
    heading("The first events"), listing("preview", fields.map(words), account.preview.map((one) => fields.map((name) => shown(one[name]))), "There is none."),
    heading("What is left out"), listing("left", ["Why", "Rows", "Lines", "Such as"], left, "Nothing."),
    make("p", {}, account.stopped || done || !account.events ? "" : go, " ", saved));
}
