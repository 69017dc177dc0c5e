// What the exports do not say: the questions of the page, and the answers as words for the program.
const $ = (id) => document.getElementById(id);

const USUAL_ZONES = [
  ["America/New_York", "Eastern"], ["America/Chicago", "Central"], ["America/Denver", "Mountain"],
  ["America/Phoenix", "Arizona"], ["America/Los_Angeles", "Pacific"], ["America/Anchorage", "Alaska"],
  ["Pacific/Honolulu", "Hawaii"], ["America/Puerto_Rico", "Puerto Rico"],
];

// Asks what a draft leaves open. With settings of the user, only another period can be chosen.
export function showQuestions(draft, hasSettings) {
  const isBlocked = !hasSettings && (draft?.needs ?? []).some((need) => ["encounters", "messages", "roster"].includes(need));
  $("questions").hidden = draft === null || isBlocked;
  if (draft === null) return;
  showPeriods(draft, hasSettings);
  showField("timezone", draft.needs.includes("timezone") && !hasSettings);
  if ($("timezone").options.length === 0) showZones();
  showField("edition", false);
  showChannels(hasSettings ? [] : draft.channels);
  $("practice").closest("label").hidden = hasSettings;
}

function showField(name, isAsked) {
  $(`${name}-field`).hidden = !isAsked;
  $(name).required = isAsked;
}

// Offers the years and quarters in which the encounters have days. A quarter is chosen at once only if all days are in it.
function showPeriods(draft, hasSettings) {
  const visits = draft.exports.filter((one) => one.role === "encounters" && one.first);
  const first = visits.map((one) => one.first).sort()[0];
  const last = visits.map((one) => one.last).sort().at(-1);
  const select = $("period");
  const before = select.value;
  const option = (value, text) => select.append(new Option(text, value));
  select.replaceChildren();
  if (hasSettings) option("settings", "From the settings");
  else option("", "Choose …");
  // A mistyped day must not take the real years away.
  const ends = new Date().getFullYear() + 1;
  const year = (day, otherwise) => Math.min(Math.max(Number(day?.slice(0, 4) ?? otherwise), 2011), ends);
  const quarter = (day) => `${day.slice(0, 4)}Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
  for (let at = year(last, 2021); at >= year(first, 2014); at -= 1) {
    option(String(at), `All of ${at}`);
    ["January–March", "April–June", "July–September", "October–December"].forEach((months, number) => {
      const value = `${at}Q${number + 1}`;
      if (quarter(first ?? `${at}-01-01`) <= value && value <= quarter(last ?? `${at}-12-31`)) option(value, `${months} ${at}`);
    });
  }
  option("days", "Other dates …");
  if (first && !$("first").value) [$("first").value, $("last").value] = [first, last];
  const only = first && quarter(first) === quarter(last) ? quarter(first) : "";
  const isStill = before && [...select.options].some((one) => one.value === before);
  select.value = isStill ? before : hasSettings ? "settings" : only;
  showDays();
}

export function showDays() {
  const isOther = $("period").value === "days";
  $("days").hidden = !isOther;
  for (const id of ["first", "last"]) $(id).required = isOther;
}

function showZones() {
  const option = (zone, name) => $("timezone").append(new Option(name, zone));
  option("", "Choose …");
  for (const [zone, name] of USUAL_ZONES) option(zone, name);
  const others = Intl.supportedValuesOf?.("timeZone") ?? [];
  for (const zone of others) if (!USUAL_ZONES.some(([usual]) => usual === zone)) option(zone, zone);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (USUAL_ZONES.some(([zone]) => zone === own)) $("timezone").value = own;
}

// Asks about each channel, and keeps the answers that were given.
function showChannels(channels) {
  const before = new Map(checkedChannels());
  const rows = $("channels").querySelector("tbody");
  rows.replaceChildren();
  channels.forEach(({ value, messages }, at) => {
    const row = rows.insertRow();
    const name = Object.assign(document.createElement("th"), { scope: "row", textContent: value });
    const count = Object.assign(document.createElement("td"), {
      className: "r",
      textContent: `${messages.toLocaleString("en-US")} ${messages === 1 ? "message" : "messages"}`,
    });
    const answers = document.createElement("td");
    answers.setAttribute("role", "radiogroup");
    answers.setAttribute("aria-label", value);
    for (const [answer, text] of [["yes", "Yes"], ["no", "No"], ["", "I do not know"]]) {
      const input = Object.assign(document.createElement("input"), { type: "radio", name: `channel-${at}`, value: answer });
      input.checked = answer === (before.get(value) ?? "");
      input.dataset.channel = value;
      const label = document.createElement("label");
      label.append(input, ` ${text}`);
      answers.append(label);
    }
    row.append(name, count, answers);
  });
  $("channels").hidden = channels.length === 0;
}

const checkedChannels = () =>
  [...$("channels").querySelectorAll("input:checked")].map((input) => [input.dataset.channel, input.value]);

// Asks for the rule set, if the draft needs it and it is not asked yet. Returns whether the page has to wait for the answer.
export function asksForEdition({ needs, editions }) {
  if (!needs.includes("edition") || editions.length === 0) return false;
  if ($("edition-field").hidden) {
    $("edition").replaceChildren(new Option("Choose …", ""), ...editions.map((one) => new Option(one.title, one.id)));
    showField("edition", true);
    $("edition").focus();
  }
  return true;
}

// Another year may have other rule sets.
export const forgetEdition = () => {
  $("edition").replaceChildren();
  showField("edition", false);
};

// Forgets what was answered.
export function forgetAnswers() {
  $("form").reset();
  $("period").replaceChildren();
  $("channels").querySelector("tbody").replaceChildren();
  forgetEdition();
}

// Returns the chosen period as the program reads it, or null if it is that of the settings.
export function period() {
  const chosen = $("period").value;
  if (chosen === "days") return `${$("first").value}..${$("last").value}`;
  return chosen === "settings" ? null : chosen;
}

// Returns the answers as words for `init`.
export function answers() {
  const words = [`--period=${period()}`];
  for (const name of ["timezone", "edition"]) {
    if (!$(`${name}-field`).hidden && $(name).value) words.push(`--${name}=${$(name).value}`);
  }
  for (const [channel, answer] of checkedChannels()) {
    if (answer) words.push(`--${answer === "yes" ? "certified" : "not-certified"}=${channel}`);
  }
  return words;
}
