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
import signal
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
# Node 20 sometimes ends with a memory fault of its own in one of a thousand runs. It is started again, but not without end.
MOST_STARTS = 5
# Exports for each process of Node, which keeps the files of its runs open.
BATCH = 500


def runs(folder):
    """Returns the arguments of every run on an export."""
    roster = ["--roster", "roster.csv"] if (folder / "roster.csv").exists() else []
    return [[*command, *INPUTS, *roster] for command in COMMANDS]


class Page:
    """The program of the page in a process of Node."""

    def __init__(self, program):
        self.program, self.output = program, tempfile.NamedTemporaryFile()
        self.start()

    def start(self):
        command = ["node", "--no-warnings", RUN, self.program, "--each"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, folder, words):
        """Returns exit code and output of a run."""
        for _ in range(MOST_STARTS):
            print(json.dumps({"folder": str(folder), "words": words, "output": self.output.name}), file=self.process.stdin, flush=True)
            if code := self.process.stdout.readline():
                return int(code), pathlib.Path(self.output.name).read_bytes()
            if self.process.wait() != -signal.SIGSEGV:
                break
            self.start()
        raise RuntimeError(f"node ended with {self.process.wait()} in {folder}: {words[0]}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(mucalc, program, folders):
    """Returns how many outputs were compared, and which differ."""
    count, wrong, page = 0, [], Page(program)
    for folder in folders:
        for words in runs(folder):
            here = subprocess.run([mucalc, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code, output = page.run(folder, words)
            count += 1
            if (here.returncode, here.stdout) != (code, output):
                wrong.append(f"{folder}: {words[0]} differs: exit {here.returncode} and {code}")
    page.close()
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
