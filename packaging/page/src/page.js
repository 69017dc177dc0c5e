// The page: asks for the exports and what they do not say, runs the program in a worker, and shows what it writes.
const $ = (id) => document.getElementById(id);

// The commands behind what can be shown, each with the words that follow it and the file that it writes.
const VIEWS = {
  report: { words: ["report", "--format", "html"], file: "report.html", name: "report" },
  progress: { words: ["progress", "--format", "html"], file: "progress.html", name: "progress" },
  outreach: { words: ["outreach", "--format", "html"], file: "outreach.html", name: "patients to contact" },
  handouts: { words: ["report", "--format", "handouts"], file: "handouts.html", name: "page for each provider" },
  "what-if": { words: ["what-if", "--format", "html"], file: "what-if.html", name: "other settings" },
  sweep: { words: ["sweep", "--format", "html"], file: "sweep.html", name: "other reporting periods" },
};
const DOWNLOADS = [
  { label: "Workbook for Excel", words: ["report", "--format", "xlsx"], file: "report.xlsx" },
  { label: "Report (HTML)", words: ["report", "--format", "html"], file: "report.html" },
  { label: "Figures (JSON)", words: ["report", "--format", "json"], file: "report.json" },
  { label: "Patients to contact (Excel)", words: ["outreach", "--format", "xlsx"], file: "outreach.xlsx" },
];
const ROLES = {
  encounters: "Encounters",
  messages: "Messages",
  accesses: "Portal accesses",
  roster: "Roster of providers",
  counties: "Counties",
  adjudications: "Review decisions",
  enrollment: "Portal accounts",
  joined: "A table that belongs to the others",
};
const MISSING = {
  encounters: "an export of the encounters (visits), with the patient, the provider, and the day",
  messages: "an export of the messages that patients sent, with the patient, the time, and how each was sent",
  roster: "one roster only: remove the others",
  columns: "a column that no export has under a known name; a consultant can name it in the settings below",
};
const CONFIGURATION = "mucalc.toml";
const LAYOUT = "mucalc-layout.toml";

// What the user chose, by name, and what the program made of it.
const chosen = new Map();
let draft = null;
let given = false;
let current = null;
let layout = null;

// The worker, which runs one request at a time.
let worker = null;
let waiting = new Map();
let next = 0;

function packedProgram() {
  const text = $("program").textContent.trim();
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function start() {
  const url = URL.createObjectURL(new Blob([$("worker").textContent], { type: "text/javascript" }));
  worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    if (data.read !== undefined) return showProgress(data.read);
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    data.failed === undefined ? resolve(data.answer) : reject(new Error(data.failed));
  };
  worker.onerror = (event) => fail(new Error(event.message || "the browser could not start the program"));
  await ask("load", { packed: packedProgram() });
  for (const [name, blob] of chosen) await ask("put", { name, blob });
}

function ask(request, more = {}) {
  const id = next++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, request, ...more });
  });
}

// Runs a command of the program. Its messages are shown; a failure is thrown as the text of its message.
async function run(words, outputs = []) {
  const done = await ask("run", { words, outputs });
  const text = done.stderr.replaceAll(/^mucalc: /gm, "").trim();
  return { ...done, said: text };
}

// Does some work while the page says what it is, and can stop it.
async function doing(text, work) {
  $("doing").textContent = text;
  $("progress").removeAttribute("value");
  $("status").hidden = false;
  document.body.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (error) {
    if (error.message !== "stopped") fail(error);
    return null;
  } finally {
    $("status").hidden = true;
    document.body.removeAttribute("aria-busy");
  }
}

function showProgress(read) {
  const total = [...chosen.values()].reduce((sum, blob) => sum + blob.size, 0);
  // Some commands read the exports twice.
  if (total > 0) $("progress").value = Math.min(1, (read % total) / total || 1);
}

// Ends what the program does. The files stay chosen.
async function stop() {
  worker.terminate();
  for (const { reject } of waiting.values()) reject(new Error("stopped"));
  waiting = new Map();
  const configuration = $("configuration").value;
  await start();
  if (configuration) await writeConfiguration(configuration);
}

function fail(error) {
  say(String(error.message));
  $("notes").classList.add("wrong");
}

function say(text) {
  $("notes").classList.remove("wrong");
  $("said").textContent = text;
  $("notes").hidden = text === "";
}

// The exports.

async function add(files) {
  for (const file of files) {
    const name = file.name;
    if (name === CONFIGURATION) {
      given = true;
      $("configuration").value = await file.text();
    }
    chosen.set(name, file);
    await ask("put", { name, blob: file });
  }
  await recognize();
}

async function remove(name) {
  chosen.delete(name);
  if (name === CONFIGURATION) given = false;
  await ask("remove", { name });
  await recognize();
}

async function sample() {
  await doing("Making a sample practice", async () => {
    const folder = `sample-${next}`;
    await run(["demo", folder]);
    const files = await ask("list", { folder });
    await ask("remove", { name: folder });
    chosen.clear();
    const wanted = ["encounters.csv", "messages.csv", "roster.csv"].map((name) => `mid-quarter/${name}`);
    const named = files.filter((file) => wanted.includes(file.name));
    await add(named.map((file) => new File([file.bytes], file.name.split("/").pop())));
    // Its quarter has not ended: the days planned after it are not of the period.
    $("period").value = "2014Q3";
  });
}

const exportNames = () => [...chosen.keys()].filter((name) => !name.endsWith(".toml"));

// Asks the program what the exports are, and what is still missing.
async function recognize() {
  $("result").hidden = true;
  say("");
  if (exportNames().length === 0) {
    draft = null;
    return showExports();
  }
  await doing("Looking at the exports", async () => {
    const done = await run([...draftWords(), ...exportNames()]);
    if (done.stdout.length === 0) throw new Error(done.said.replace(/^error: /, ""));
    draft = JSON.parse(new TextDecoder().decode(done.stdout));
  });
  showExports();
  showQuestions();
}

// With a configuration of the user, the draft goes aside and only tells what the exports are.
const draftWords = () => ["init", "--format", "json", "--force", "-o", given ? "draft.toml" : CONFIGURATION];

function showExports() {
  const rows = $("exports").tBodies[0];
  rows.replaceChildren();
  const known = new Map((draft?.exports ?? []).map((one) => [one.path, []]));
  for (const one of draft?.exports ?? []) known.get(one.path).push(one);
  for (const name of chosen.keys()) {
    const seen = known.get(name) ?? [];
    const unread = draft?.unread.find((one) => one.path === name);
    const is = name === CONFIGURATION ? "Settings" : seen.map((one) => ROLES[one.role]).join(" and ");
    const days = seen.find((one) => one.first);
    const row = rows.insertRow();
    row.append(
      cell("th", name),
      cell("td", is || (unread ? `Not read: ${unread.why}` : name.endsWith(".toml") ? "Settings" : ROLES.joined)),
      cell("td", seen.length ? seen[0].rows.toLocaleString("en-US") : "", "r"),
      cell("td", days ? `${longDay(days.first)} – ${longDay(days.last)}` : ""),
    );
    const button = document.createElement("button");
    button.className = "plain";
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove ${name}`);
    button.onclick = () => remove(name);
    row.append(cell("td", button));
  }
  $("exports").hidden = chosen.size === 0;
  const missing = (draft?.needs ?? []).filter((need) => MISSING[need]).map((need) => MISSING[need]);
  $("missing").hidden = missing.length === 0 || given;
  $("missing").textContent = `Still needed: ${missing.join("; ")}.`;
}

function cell(kind, content, style) {
  const made = document.createElement(kind);
  if (kind === "th") made.scope = "row";
  if (style) made.className = style;
  made.append(content);
  return made;
}

// The questions.

const longDay = (day) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-US", { dateStyle: "medium", timeZone: "UTC" });

function showQuestions() {
  const blocked = (draft?.needs ?? []).some((need) => ["encounters", "messages", "roster"].includes(need));
  $("questions").hidden = draft === null || (blocked && !given);
  $("settings").hidden = draft === null;
  if (draft === null) return;
  showPeriods();
  const needsZone = draft.needs.includes("timezone");
  $("timezone-field").hidden = !needsZone || given;
  $("timezone").required = !$("timezone-field").hidden;
  if (needsZone && $("timezone").options.length === 0) showZones();
  const rows = $("channels").querySelector("tbody");
  rows.replaceChildren();
  draft.channels.forEach(({ value, messages }, at) => {
    const row = rows.insertRow();
    const count = `${messages.toLocaleString("en-US")} ${messages === 1 ? "message" : "messages"}`;
    row.append(cell("th", value), cell("td", count, "r"), cell("td", choice(at, value)));
  });
  $("channels").hidden = draft.channels.length === 0 || given;
}

// Three answers about a channel: it is the messaging function, it is not, or nobody knows yet.
function choice(at, value) {
  const all = document.createElement("span");
  for (const [answer, text] of [["yes", "Yes"], ["no", "No"], ["", "I do not know"]]) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: `channel-${at}`, value: answer });
    input.checked = answer === "";
    input.dataset.channel = value;
    label.append(input, ` ${text}`);
    all.append(label);
  }
  return all;
}

// Offers the years and quarters in which the encounters have days. A quarter is chosen at once only if all days are in it.
function showPeriods() {
  const visits = draft.exports.filter((one) => one.role === "encounters" && one.first);
  const select = $("period");
  const before = select.value;
  select.replaceChildren();
  const option = (value, text) => select.append(new Option(text, value));
  if (given) option("given", "As the settings say");
  option("", given ? "Another one:" : "Choose …");
  if (given) select.lastChild.disabled = true;
  const first = visits.map((one) => one.first).sort()[0];
  const last = visits.map((one) => one.last).sort().at(-1);
  const quarter = (day) => `${day.slice(0, 4)}Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
  const from = first ? Number(first.slice(0, 4)) : 2014;
  const to = last ? Number(last.slice(0, 4)) : from;
  for (let year = to; year >= from && year > to - 12; year -= 1) {
    option(String(year), `All of ${year}`);
    ["January–March", "April–June", "July–September", "October–December"].forEach((months, at) => {
      const value = `${year}Q${at + 1}`;
      if (quarter(first ?? value) <= value && value <= quarter(last ?? value)) option(value, `${months} ${year}`);
    });
  }
  option("days", "Other days …");
  if (first && !$("first").value) [$("first").value, $("last").value] = [first, last];
  const only = first && quarter(first) === quarter(last) ? quarter(first) : "";
  select.value = given ? "given" : [...select.options].some((one) => one.value === before && before) ? before : only;
  showDays();
}

function showDays() {
  const others = $("period").value === "days";
  $("days").hidden = !others;
  for (const id of ["first", "last"]) $(id).required = others;
}

function showZones() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const usual = [
    ["America/New_York", "Eastern"], ["America/Chicago", "Central"], ["America/Denver", "Mountain"],
    ["America/Phoenix", "Arizona"], ["America/Los_Angeles", "Pacific"], ["America/Anchorage", "Alaska"],
    ["Pacific/Honolulu", "Hawaii"], ["America/Puerto_Rico", "Puerto Rico"],
  ];
  $("timezone").append(new Option("Choose …", ""));
  for (const [zone, name] of usual) $("timezone").append(new Option(name, zone));
  const others = Intl.supportedValuesOf?.("timeZone") ?? [];
  for (const zone of others) if (!usual.some(([known]) => known === zone)) $("timezone").append(new Option(zone, zone));
  if (usual.some(([zone]) => zone === own)) $("timezone").value = own;
}

// Writes the settings from the answers, unless the user brought settings along.
async function settle() {
  const words = draftWords();
  const period = $("period").value;
  if (!given) {
    words.push("--period", period === "days" ? `${$("first").value}..${$("last").value}` : period);
    if (draft.needs.includes("timezone") && $("timezone").value) words.push("--timezone", $("timezone").value);
    if (!$("edition-field").hidden && $("edition").value) words.push("--edition", $("edition").value);
    for (const input of $("channels").querySelectorAll("input:checked")) {
      if (input.value) words.push(input.value === "yes" ? "--certified" : "--not-certified", input.dataset.channel);
    }
    const done = await run([...words, ...exportNames()], [CONFIGURATION, LAYOUT]);
    if (!done.files[CONFIGURATION] || done.stdout.length === 0) throw new Error(done.said.replace(/^error: /, ""));
    const made = JSON.parse(new TextDecoder().decode(done.stdout));
    layout = made.layout ? done.files[LAYOUT] : null;
    showEditions(made);
    if (made.needs.includes("edition") && !$("edition").value) return false;
    let text = new TextDecoder().decode(done.files[CONFIGURATION]);
    const name = $("practice").value.trim();
    if (name) text += `\n\n[practice]\nname = ${JSON.stringify(name)}\n`;
    await writeConfiguration(text);
    say(made.open.length ? `Still open, most consequential first:\n${made.open.map((one) => `• ${one}`).join("\n")}` : "");
  }
  return true;
}

// Several measures are for some years, and only the practice knows which program it is in.
function showEditions(made) {
  const choices = made.editions;
  if (choices.length && $("edition-field").hidden) {
    $("edition").replaceChildren(new Option("Choose …", ""), ...choices.map((one) => new Option(one.title, one.id)));
    $("edition").required = true;
    $("edition-field").hidden = false;
    $("edition").focus();
  }
}

async function writeConfiguration(text) {
  $("configuration").value = text;
  await ask("write", { name: CONFIGURATION, bytes: new TextEncoder().encode(text) });
}

// The results.

async function calculate() {
  await doing("Calculating", async () => {
    if (!(await settle())) return;
    $("result").hidden = false;
    $("view").value = "report";
    await show("report");
    $("result").scrollIntoView({ behavior: "smooth" });
  });
}

const configured = (words) => [...words.slice(0, 1), "--config", CONFIGURATION, ...words.slice(1), ...otherPeriod(words)];

// With settings of the user, another period wins over theirs. A sweep is over the whole year of the period.
function otherPeriod([command]) {
  const period = $("period").value;
  const days = period === "days" ? `${$("first").value}..${$("last").value}` : period;
  if (command === "sweep" && period !== "given") return ["--period", days.slice(0, 4)];
  return given && period !== "given" ? ["--period", days] : [];
}

async function show(view, words = VIEWS[view].words, file = VIEWS[view].file) {
  const done = await run([...configured(words), "-o", file], [file]);
  const notes = [$("said").textContent.startsWith("Still open") ? $("said").textContent : "", done.said];
  if (!done.files[file] || ![0, 1].includes(done.code)) throw new Error(done.said.replace(/^error: /, ""));
  say(notes.filter(Boolean).join("\n\n"));
  current = { name: file, bytes: done.files[file] };
  $("shown").textContent = view === "explain" ? `Patient ${$("patient").value}` : $("view").selectedOptions[0].text;
  $("page").srcdoc = new TextDecoder().decode(done.files[file]);
}

function save(name, bytes) {
  const types = { html: "text/html", json: "application/json", toml: "text/plain" };
  const type = types[name.split(".").pop()] ?? "application/octet-stream";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function showDownloads() {
  const item = (label, work) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: label });
    button.onclick = work;
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  };
  const made = DOWNLOADS.map(({ label, words, file }) =>
    item(label, () =>
      doing(`Writing ${file}`, async () => {
        const done = await run([...configured(words), "-o", file], [file]);
        if (!done.files[file]) throw new Error(done.said.replace(/^error: /, ""));
        save(file, done.files[file]);
      })));
  const settings = item("Settings (mucalc.toml)", () => {
    save(CONFIGURATION, new TextEncoder().encode($("configuration").value));
    if (layout) save(LAYOUT, layout);
  });
  $("downloads").replaceChildren(...made, settings);
}

// What the user does.

$("files").onchange = async (event) => {
  await add(event.target.files);
  event.target.value = "";
};
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => $("drop").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) add(event.dataTransfer.files);
});
$("sample").onclick = sample;
$("period").onchange = () => {
  showDays();
  $("edition-field").hidden = true;
  $("edition").replaceChildren();
};
$("form").onsubmit = (event) => {
  event.preventDefault();
  calculate();
};
$("view").onchange = () => doing("Calculating", () => show($("view").value));
$("explain").onsubmit = (event) => {
  event.preventDefault();
  const words = ["explain", "--patient", $("patient").value.trim(), "--format", "html"];
  doing("Looking for the patient", () => show("explain", words, "explain.html"));
};
$("print").onclick = () => $("page").contentWindow.print();
$("save").onclick = () => current && save(current.name, current.bytes);
$("cancel").onclick = stop;
$("apply").onclick = () =>
  doing("Calculating", async () => {
    given = true;
    await writeConfiguration($("configuration").value);
    chosen.set(CONFIGURATION, new File([$("configuration").value], CONFIGURATION));
    showExports();
    showQuestions();
    $("result").hidden = false;
    await show($("view").value);
  });

showDownloads();
const ready = doing("Starting", async () => {
  await start();
  const done = await run(["--version"]);
  $("version").textContent = `${new TextDecoder().decode(done.stdout).trim()}, in a page`;
});
// For tests: resolves when the program can be used.
window.ready = ready;
