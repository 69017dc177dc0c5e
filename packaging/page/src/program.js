// The program in its worker: one command at a time, over the files that it was given. It can be stopped and started again.

// What the worker has to have again after a stop: exports and texts, by name.
const given = new Map();
const waiting = new Map();
let worker = null;
let packed = null;
let next = 0;

// Called with the number of bytes that the running command has read so far.
export const progress = { report: () => {} };

// Starts the worker with its script and the compressed program.
export async function start(script, program) {
  packed = Uint8Array.from(atob(program), (letter) => letter.charCodeAt(0));
  await begin(script);
}

async function begin(script) {
  worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  worker.script = script;
  worker.onmessage = ({ data }) => {
    if (data.read !== undefined) return progress.report(data.read);
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    data.failed === undefined ? resolve(data.answer) : reject(new Error(data.failed));
  };
  worker.onerror = (event) => rejectAll(event.message || "The browser could not start the program.");
  await ask("load", { packed });
  for (const [name, content] of given) await pass(name, content);
}

function rejectAll(message) {
  for (const { reject } of waiting.values()) reject(new Error(message));
  waiting.clear();
}

function ask(request, more = {}) {
  const id = next++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, request, ...more });
  });
}

const pass = (name, content) =>
  content instanceof Blob ? ask("put", { name, blob: content }) : ask("write", { name, bytes: new TextEncoder().encode(content) });

// Gives the program a file of the user, or a text.
export async function give(name, content) {
  given.set(name, content);
  await pass(name, content);
}

// Takes files away from the program.
export async function take(...names) {
  for (const name of names) {
    given.delete(name);
    await ask("remove", { name });
  }
}

// Returns the files that the program wrote into a folder.
export const list = (folder) => ask("list", { folder });

// Runs a command. Returns its exit status, its output, its messages, and the files among `outputs` that it wrote. Throws its messages if
// it failed: if the first of `outputs` is missing.
export async function run(words, outputs = []) {
  const done = await ask("run", { words, outputs });
  const said = done.stderr.replaceAll(/^mucalc: /gm, "").replaceAll(/^error: /gm, "").trim();
  if (done.changed) throw new Error(`${done.changed} was changed or removed after you chose it. Remove it here, and choose it again.`);
  // 1: a result, with findings.
  if (![0, 1].includes(done.code) && (!done.files[outputs[0]] || done.code === 70)) {
    throw new Error(said || "The program ended without a message.");
  }
  return { ...done, said };
}

// Ends what the program does. The files stay.
export async function stop() {
  worker.terminate();
  rejectAll("Stopped.");
  await begin(worker.script);
}
