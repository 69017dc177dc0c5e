#!/usr/bin/env python3
"""Compares the program of the page with the program of this machine on many exports.

    cargo xtask exports FOLDER COUNT && packaging/page/build
    packaging/page/compare_many.py MUCALC PROGRAM.wasm FOLDER

Every folder in FOLDER is one export. Exit code and output must be the same bytes. Prints what differs and how much was compared; ends
with 1 if anything differs. packaging/compare.py compares more commands on fewer exports.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

RUN = pathlib.Path(__file__).resolve().parent / "run.mjs"
INPUTS = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--timezone", "America/Chicago"]
COMMANDS = [
    ["validate", "--period", "2014Q3", "--format", "json"],
    ["report", "--period", "2014Q3", "--format", "json"],
    ["sweep", "--period", "2014", "--format", "csv"],
    ["explain", "--period", "2014Q3", "--patient", "P-0001", "--format", "json"],
]
# Node 20 may end with a memory fault when it optimizes a program that runs many times.
NODE = ["node", "--no-warnings", "--liftoff-only"]
# Exports for each process of Node, which keeps the files of its runs open.
BATCH = 500


def runs(folder):
    """Returns the arguments of every run on an export."""
    roster = ["--roster", "roster.csv"] if (folder / "roster.csv").exists() else []
    return [[*command, *INPUTS, *roster] for command in COMMANDS]


def compare(mucalc, program, folders):
    """Returns how many outputs were compared, and which differ."""
    count, wrong = 0, []
    with tempfile.NamedTemporaryFile() as output:
        page = subprocess.Popen([*NODE, RUN, program, "--each"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for folder in folders:
            for words in runs(folder):
                print(json.dumps({"folder": str(folder), "words": words, "output": output.name}), file=page.stdin, flush=True)
                here = subprocess.run([mucalc, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                ended = page.stdout.readline()
                if not ended:
                    raise RuntimeError(f"node ended with {page.wait()} in {folder}: {words[0]}")
                code = int(ended)
                count += 1
                if (here.returncode, here.stdout) != (code, pathlib.Path(output.name).read_bytes()):
                    wrong.append(f"{folder}: {words[0]} differs: exit {here.returncode} and {code}")
        page.stdin.close()
        page.wait()
    return count, wrong


def main(mucalc, program, folder):
    mucalc, program = (str(pathlib.Path(word).resolve()) for word in (mucalc, program))
    folders = sorted(path for path in pathlib.Path(folder).resolve().iterdir() if path.is_dir())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        batches = [folders[at:at + BATCH] for at in range(0, len(folders), BATCH)]
        parts = [pool.submit(compare, mucalc, program, batch) for batch in batches]
        counts, wrong = zip(*(part.result() for part in parts))
    wrong = [problem for problems in wrong for problem in problems]
    print("\n".join(wrong) if wrong else "nothing differs", f"({sum(counts)} outputs of {len(folders)} exports compared)")
    return bool(wrong) or not sum(counts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 4 else __doc__)
