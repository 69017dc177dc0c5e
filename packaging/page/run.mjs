// Runs the program of the page under Node, on the files of the current folder, to compare it with the program of this machine:
//
//   node packaging/page/run.mjs PROGRAM.wasm ARGUMENT...
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [program, ...words] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", args: ["mucalc", ...words], preopens: { "/": process.cwd() }, returnOnExit: true });
const { instance } = await WebAssembly.instantiate(await readFile(program), wasi.getImportObject());
process.exitCode = wasi.start(instance);
