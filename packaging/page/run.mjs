// Runs the program of the page under Node, on the files of the current folder, to compare it with the program of this machine:
//
//   node packaging/page/run.mjs PROGRAM.wasm ARGUMENT...
//   node packaging/page/run.mjs PROGRAM.wasm --each        Runs in one process: reads a line of JSON for each, with its folder, its
//                                                          arguments, and the file for its output, and writes a line with its exit code
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { WASI } from "node:wasi";

const [program, ...words] = process.argv.slice(2);
// Nothing of the program is prepared in the background, because Node may end meanwhile.
const module = new WebAssembly.Module(readFileSync(program));

function run(folder, words, outputs) {
  const wasi = new WASI({ version: "preview1", args: ["mucalc", ...words], preopens: { "/": folder }, returnOnExit: true, ...outputs });
  return wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
}

if (words[0] === "--each") {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { folder, words, output } = JSON.parse(line);
    const file = openSync(output, "w");
    console.log(run(folder, words, { stdout: file, stderr: file }));
    closeSync(file);
  });
} else {
  process.exitCode = run(process.cwd(), words, {});
}
