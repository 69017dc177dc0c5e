// The page: takes the exports, asks what they do not say, runs the program, and shows what it writes.
import * as program from "./program.js";
import { answers, asksForEdition, forgetAnswers, forgetEdition, period, showDays, showQuestions } from "./questions.js";

const $ = (id) => document.getElementById(id);

// The commands behind what can be shown and saved, each with the words that follow it and the file that it writes.
const VIEWS = {
  report: { words: ["report", "--format", "html"], file: "report.html" },
  progress: { words: ["progress", "--format", "html"], file: "progress.html" },
  outreach: { words: ["outreach", "--format", "html"], file: "outreach.html" },
  handouts: { words: ["report", "--format", "handouts"], file: "handouts.html" },
  "what-if": { words: ["what-if", "--format", "html"], file: "what-if.html" },
  sweep: { words: ["sweep", "--format", "html"], file: "sweep.html" },
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
  accesses: "Portal access log",
  roster: "Provider roster",
  counties: "Counties",
  adjudications: "Review decisions",
  enrollment: "Portal accounts",
  joined: "Lookup table for the other exports",
};
const MISSING = {
  encounters: "an export of the encounters (visits), with the patient, the provider, and the date",
  messages: "an export of the messages, with the patient, the date and time, and the channel",
  roster: "only one provider roster (remove the others)",
};
const CONFIGURATION = "mucalc.toml";
const LAYOUT = "mucalc-layout.toml";

// The files that the user chose, by name; what the program made of them; and the page that is shown.
const chosen = new Map();
let draft = null;
let current = null;

const hasSettings = () => chosen.has(CONFIGURATION);
const hasLayout = () => chosen.has(LAYOUT);
const exportNames = () => [...chosen.keys()].filter((name) => !name.endsWith(".toml"));
const text = (bytes) => new TextDecoder().decode(bytes);

// Work is done in turn. Meanwhile, the page says what is done, takes no other orders, and can stop it.
let queue = Promise.resolve();
const inTurn = (doing, work) => (queue = queue.then(() => perform(doing, work)));

async function perform(doing, work) {
  $("doing").textContent = doing;
  $("progress").removeAttribute("value");
  $("status").hidden = false;
  $("main").inert = true;
  document.body.dataset.busy = "";
  const focused = document.activeElement;
  try {
    $("wrong").hidden = true;
    await work();
  } catch (error) {
    $("wrong").textContent = error.message;
    $("wrong").hidden = false;
    $("wrong").scrollIntoView({ block: "nearest" });
  } finally {
    $("status").hidden = true;
    $("main").inert = false;
    delete document.body.dataset.busy;
    if (document.activeElement === document.body) focused?.focus();
  }
}

program.progress.report = (read) => {
  const total = [...chosen.values()].reduce((sum, blob) => sum + blob.size, 0);
  // Some commands read the exports twice.
  if (total > 0) $("progress").value = Math.min(1, (read % total) / total || 1);
};

function say(message) {
  $("said").textContent = message;
  $("notes").hidden = message === "";
}

function hideResults() {
  for (const id of ["result", "viewer", "records"]) $(id).hidden = true;
  say("");
}

// The exports.

async function add(files) {
  // The period is that of new settings.
  if (files.some((file) => file.name === CONFIGURATION)) $("period").replaceChildren();
  for (const file of files) {
    const name = freeName(file);
    chosen.set(name, file);
    await program.give(name, file);
  }
  await recognize();
}

// Returns the name of a file here. Two files of one name are both read; the same file again, or new settings, replace the former.
function freeName(file) {
  const same = (known) => known.size === file.size && known.lastModified === file.lastModified;
  let name = file.name;
  for (let number = 2; chosen.has(name) && !same(chosen.get(name)) && !name.endsWith(".toml"); number += 1) {
    name = file.name.replace(/(\.[^.]*(\.gz|\.zst)?)?$/, ` (${number})$&`);
  }
  return name;
}

async function remove(name) {
  chosen.delete(name);
  await program.take(name);
  await recognize();
}

async function sample() {
  await program.run(["demo", "sample"]);
  const files = await program.list("sample");
  await program.take("sample", CONFIGURATION, LAYOUT, ...chosen.keys());
  chosen.clear();
  forgetAnswers();
  const wanted = ["encounters.csv", "messages.csv", "roster.csv"].map((name) => `mid-quarter/${name}`);
  const named = files.filter((file) => wanted.includes(file.name));
  await add(named.map((file) => new File([file.bytes], file.name.split("/").pop())));
  // Its quarter has not ended: the visits that are planned later are not of the period.
  $("period").value = "2014Q3";
  showDays();
}

// Asks the program what the exports are, and what is still missing.
async function recognize() {
  hideResults();
  draft = null;
  try {
    if (exportNames().length > 0) draft = (await drafted([])).summary;
  } finally {
    showExports();
    showQuestions(draft, hasSettings());
    $("settings").hidden = draft === null;
  }
}

// Drafts settings. With settings of the user, the draft goes to a folder of its own, and only tells what the exports are.
async function drafted(words) {
  const folder = hasSettings() ? "draft/" : "";
  const layout = hasLayout() && !hasSettings() ? [`--layout=${LAYOUT}`] : [];
  const files = [folder + CONFIGURATION, folder + LAYOUT];
  const command = ["init", "--format=json", "--force", "-o", files[0], ...layout, ...words, "--", ...exportNames()];
  const done = await program.run(command, hasLayout() ? files.slice(0, 1) : files);
  if (done.stdout.length === 0) throw new Error(done.said);
  // Of an export that cannot be read, only the messages say why.
  const summary = { ...JSON.parse(text(done.stdout)), said: done.said.split("\n") };
  if (hasSettings()) {
    showSettings(await chosen.get(CONFIGURATION).text(), await chosen.get(LAYOUT)?.text());
  } else {
    await settle(text(done.files[files[0]]), summary.layout && text(done.files[files[1]]));
  }
  return { summary };
}

// Puts settings into effect, and shows them.
async function settle(configuration, layout) {
  const name = $("practice").value.trim();
  const practice = name && !hasSettings() ? `\n\n[practice]\nname = ${JSON.stringify(name)}\n` : "";
  await program.give(CONFIGURATION, configuration + practice);
  if (layout) await program.give(LAYOUT, layout);
  showSettings(configuration + practice, layout ?? (await chosen.get(LAYOUT)?.text()));
}

function showSettings(configuration, layout) {
  $("configuration").value = configuration;
  $("layout").value = layout ?? "";
  $("own-layout").hidden = !layout;
}

function showExports() {
  const rows = $("exports").tBodies[0];
  rows.replaceChildren();
  for (const name of chosen.keys()) {
    const seen = (draft?.exports ?? []).filter((one) => one.path === name);
    const unread = draft?.unread.find((one) => one.path === name);
    const dated = seen.find((one) => one.first);
    const actions = document.createElement("span");
    if (!name.endsWith(".toml")) actions.append(action("Preview", name, () => inTurn("Looking inside", () => preview(name))));
    actions.append(action("Remove", name, () => inTurn("Looking at the exports", () => remove(name))));
    rows.insertRow().append(
      cell("th", name),
      cell("td", contents(name, seen, unread)),
      cell("td", seen.length ? seen[0].rows.toLocaleString("en-US") : "", "r"),
      cell("td", dated ? `${longDay(dated.first)} – ${longDay(dated.last)}` : ""),
      cell("td", actions),
    );
  }
  $("exports").hidden = chosen.size === 0;
  const missing = (draft?.needs ?? []).filter((need) => MISSING[need]).map((need) => MISSING[need]);
  const columns = (draft?.columns ?? []).map(
    ({ role, column }) => `the column ${column} of the ${role}: export it too, or ask a consultant for a ${LAYOUT}`);
  $("missing").textContent = `Still needed: ${[...missing, ...columns].join("; ")}.`;
  $("missing").hidden = (missing.length === 0 && columns.length === 0) || hasSettings();
}

function contents(name, seen, unread) {
  if (name.endsWith(".toml")) return "Settings";
  if (seen.length) return seen.map((one) => ROLES[one.role]).join(" and ");
  if (draft === null) return "Not recognized";
  const trouble = draft.said.find((line) => line.startsWith(`${name}: `));
  if (trouble) return `Cannot be read: ${trouble.slice(name.length + 2)}`;
  // What the program advises here is a command.
  return unread ? `Not recognized: ${unread.why.split("; `mucalc inspect`")[0]}` : ROLES.joined;
}

// A button about a file.
function action(label, name, onclick) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: label, onclick });
  button.setAttribute("aria-label", `${label}: ${name}`);
  return button;
}

function cell(kind, content, style = "") {
  const made = Object.assign(document.createElement(kind), { className: style });
  if (kind === "th") made.scope = "row";
  made.append(content);
  return made;
}

const longDay = (day) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-US", { dateStyle: "medium", timeZone: "UTC" });

// The results.

async function calculate() {
  hideResults();
  let open = [];
  if (!hasSettings()) {
    const { summary } = await drafted(answers());
    if (asksForEdition(summary)) throw new Error("Choose the measure: in this year, it depends on your program.");
    open = [...summary.unread.map(({ path }) => `${path} is not part of the result.`), ...summary.open];
  }
  await show("report", open);
}

// Runs the command of a view, and shows the page that it writes.
async function show(view, open = []) {
  const title = $("view").querySelector(`[value="${view}"]`).textContent;
  await showPage(title, configured(VIEWS[view].words), VIEWS[view].file, open);
  $("view").value = view;
  for (const id of ["result", "records"]) $(id).hidden = false;
}

async function explain() {
  const patient = $("patient").value.trim();
  await showPage(`Patient ${patient}`, configured(["explain", `--patient=${patient}`, "--format", "html"]), "explain.html");
}

// Shows what is in an export: its columns, short lists of values, and days.
const preview = (name) =>
  showPage(`Inside ${name}`, ["inspect", "--format", "html"], "inspection.html", [], ["--", name]);

async function showPage(title, words, file, open = [], last = []) {
  const done = await program.run([...words, "-o", `out/${file}`, ...last], [`out/${file}`]);
  current = { name: file, bytes: done.files[`out/${file}`] };
  const points = open.length ? ["Unresolved questions, most important first. A consultant can answer them in the settings.", ...open.map((one) => `• ${one}`)] : [];
  say([points.join("\n"), done.said].filter(Boolean).join("\n\n"));
  $("shown").textContent = $("page").title = title;
  // Until it is loaded, its links would lead out of it.
  $("page").inert = true;
  $("page").srcdoc = text(current.bytes);
  $("viewer").hidden = false;
  $("viewer").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

// Adds the settings to a command. With settings of the user, another period wins over theirs. A sweep is over the whole year.
function configured([command, ...words]) {
  const days = period();
  const other = days === null ? [] : command === "sweep" ? [`--period=${days.slice(0, 4)}`] : hasSettings() ? [`--period=${days}`] : [];
  return [command, "--config", CONFIGURATION, ...words, ...other];
}

function save(name, content) {
  const types = { html: "text/html", json: "application/json", toml: "text/plain" };
  const type = types[name.split(".").pop()] ?? "application/octet-stream";
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function showDownloads() {
  const entry = (label, onclick) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: label, onclick });
    const made = document.createElement("li");
    made.append(button);
    return made;
  };
  const made = DOWNLOADS.map(({ label, words, file }) =>
    entry(label, () =>
      inTurn(`Writing ${file}`, async () => {
        const done = await program.run([...configured(words), "-o", `out/${file}`], [`out/${file}`]);
        save(file, done.files[`out/${file}`]);
      })));
  const settings = entry("Settings (mucalc.toml)", () => {
    save(CONFIGURATION, $("configuration").value);
    if (!$("own-layout").hidden) save(LAYOUT, $("layout").value);
  });
  $("downloads").replaceChildren(...made, settings);
}

// Makes the settings in the boxes those of the user.
async function apply() {
  const files = [[CONFIGURATION, $("configuration").value]];
  if (!$("own-layout").hidden) files.push([LAYOUT, $("layout").value]);
  await add(files.map(([name, content]) => new File([content], name)));
  await show("report");
}

// What the user does.

const LOOKING = "Looking at the exports";
$("files").onchange = () => {
  const files = [...$("files").files];
  $("files").value = "";
  inTurn(LOOKING, () => add(files));
};
const takeDrops = (page) => {
  page.addEventListener("dragover", (event) => event.preventDefault());
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length) inTurn(LOOKING, () => add(files));
  });
};
takeDrops(document);
document.addEventListener("dragover", () => $("drop").classList.add("over"));
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => $("drop").classList.remove("over"));
$("sample").onclick = () => inTurn("Making a sample practice", sample);
$("form").oninput = hideResults;
$("period").onchange = () => {
  showDays();
  forgetEdition();
};
$("form").onsubmit = (event) => {
  event.preventDefault();
  inTurn("Calculating", calculate);
};
$("views").onsubmit = (event) => {
  event.preventDefault();
  inTurn("Calculating", () => show($("view").value));
};
$("explain").onsubmit = (event) => {
  event.preventDefault();
  inTurn("Looking for the patient", explain);
};
$("page").onload = () => {
  const page = $("page").contentDocument;
  takeDrops(page);
  // A link to a place in the report would load this page into it.
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link) return;
    event.preventDefault();
    const place = page.getElementById(decodeURIComponent(link.hash.slice(1)));
    place?.closest("details")?.setAttribute("open", "");
    place?.scrollIntoView();
  });
  $("page").inert = false;
};
$("print").onclick = () => $("page").contentWindow.print();
$("save").onclick = () => save(current.name, current.bytes);
$("cancel").onclick = () => {
  $("doing").textContent = "Stopping";
  program.stop();
};
$("apply").onclick = () => inTurn("Calculating", apply);

showDownloads();
// For tests: resolves when the program can be used.
window.ready = inTurn("Starting", async () => {
  await program.start($("worker").textContent, $("program").textContent.trim());
  const done = await program.run(["--version"]);
  $("version").textContent = `${text(done.stdout).trim()}, in a page`;
});
