// Runs the program of the page under Node, on the files of the current folder, to compare it with the program of this machine:
//
//   node packaging/page/run.mjs PROGRAM.wasm ARGUMENT...
//   node packaging/page/run.mjs PROGRAM.wasm --each        Runs of a process: reads a line of JSON for each, with its folder, its
//                                                          arguments, and the file for its output, and writes a line with its exit code
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { WASI } from "node:wasi";

const [program, ...words] = process.argv.slice(2);
const module = await WebAssembly.compile(await readFile(program));

async function run(folder, words, outputs) {
  const wasi = new WASI({ version: "preview1", args: ["mucalc", ...words], preopens: { "/": folder }, returnOnExit: true, ...outputs });
  return wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
}

if (words[0] === "--each") {
  for await (const line of createInterface({ input: process.stdin })) {
    const { folder, words, output } = JSON.parse(line);
    const file = openSync(output, "w");
    console.log(await run(folder, words, { stdout: file, stderr: file }));
    closeSync(file);
  }
} else {
  process.exitCode = await run(process.cwd(), words, {});
}
