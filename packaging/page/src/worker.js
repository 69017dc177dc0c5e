// Runs the program beside the page, so that the page stays alive: one command at a time, over the files that it was given.
import { File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
import { Export, Folder, Output, Stream } from "./files.js";

// Drafts and outputs have folders of their own, so that they never take the name of an export.
const root = new Folder(new Map(["draft", "out"].map((name) => [name, new Folder(new Map())])));
let program = null;
let read = 0;
let told = 0;
let changed = null;

// Tells the page at most every 50 milliseconds how much has been read.
function onRead(name, bytes) {
  if (bytes === null) changed = name;
  read += bytes;
  const now = performance.now();
  if (now - told > 50) {
    told = now;
    postMessage({ read });
  }
}

// Compiles the program, which is compressed.
async function compile(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  program = await WebAssembly.compile(await new Response(stream).arrayBuffer());
}

// Runs a command, and returns its exit status, what it said, and the files that it wrote.
async function run(words, outputs) {
  const [stdin, stdout, stderr] = [new OpenFile(new File([])), new Stream(), new Stream()];
  const preopened = new PreopenDirectory(".", root.contents);
  preopened.dir = root;
  const wasi = new WASI(["mucalc", ...words], [], [stdin, stdout, stderr, preopened]);
  // The library counts characters here, and the program needs bytes.
  wasi.wasiImport.args_sizes_get = (count, size) => {
    const memory = new DataView(wasi.inst.exports.memory.buffer);
    const bytes = wasi.args.map((word) => new TextEncoder().encode(word).length + 1);
    memory.setUint32(count, bytes.length, true);
    memory.setUint32(size, bytes.reduce((sum, one) => sum + one, 0), true);
    return 0;
  };
  [read, changed] = [0, null];
  // What a former command wrote must not pass for what this one writes.
  for (const name of outputs) if (entry(name) instanceof Output) folderOf(name).contents.delete(name.split("/").pop());
  let code;
  try {
    code = wasi.start(await WebAssembly.instantiate(program, { wasi_snapshot_preview1: wasi.wasiImport }));
  } catch (error) {
    // A trap: the program ended without an exit status, after saying why on standard error.
    code = 70;
    stderr.fd_write(new TextEncoder().encode(`mucalc: error: ${error.message}\n`));
  }
  const files = {};
  for (const name of outputs) {
    const file = entry(name);
    if (file instanceof Output) files[name] = file.bytes().slice();
  }
  const text = (stream) => new TextDecoder().decode(stream.bytes());
  return { code, stdout: stdout.bytes().slice(), stderr: text(stderr), files, changed };
}

const entry = (path) => path.split("/").reduce((folder, part) => folder?.contents?.get(part), root);
const folderOf = (path) => path.split("/").slice(0, -1).reduce((folder, part) => folder.contents.get(part), root);

const requests = {
  load: ({ packed }) => compile(packed),
  put: ({ name, blob }) => void root.contents.set(name, new Export(blob, (bytes) => onRead(name, bytes))),
  write: ({ name, bytes }) => {
    const file = new Output();
    file.data = bytes;
    file.length = bytes.length;
    root.contents.set(name, file);
  },
  remove: ({ name }) => void root.contents.delete(name),
  run: ({ words, outputs }) => run(words, outputs),
  list: ({ folder }) => {
    const files = [];
    const walk = (at, path) => {
      for (const [name, file] of at.contents) {
        if (file.contents) walk(file, `${path}${name}/`);
        else if (file instanceof Output) files.push({ name: path + name, bytes: file.bytes().slice() });
      }
    };
    walk(entry(folder), "");
    return files;
  },
};

async function answer(data) {
  try {
    postMessage({ id: data.id, answer: await requests[data.request](data) });
  } catch (error) {
    postMessage({ id: data.id, failed: String(error.message ?? error) });
  }
}

let turn = Promise.resolve();
onmessage = ({ data }) => {
  turn = turn.then(() => answer(data));
};
