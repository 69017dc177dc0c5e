#!/usr/bin/env python3
"""Checks that a power cut leaves each output as it was or complete: its bytes are on the disk before it gets its name.

    cargo build --release && python3 xtask/synced.py [PROGRAM]

Every command that writes files runs under strace on the fixture practice. After the last write to a file and before its renaming, there
must be an fsync of it, and after its renaming an fsync of its folder; no output may be written under its own name. Needs strace.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/mucalc").resolve())
CALLS = "write,pwrite64,writev,pwritev,pwritev2,ftruncate,copy_file_range,sendfile,fsync,fdatasync,rename,renameat,renameat2,link,linkat"
RUNS = [
    *(f"report --config mucalc.toml --format {kind} -o out/report.{kind}" for kind in ("table", "json", "csv", "md", "html", "handouts", "xlsx", "junit", "sarif", "github")),
    "report --config mucalc.toml --format json -o out/report.json --ledger out/ledger.csv",
    "pack --config mucalc.toml -o out/pack.zip",
    "pack --config mucalc.toml --redacted --key out/key -o out/redacted.zip",
    "progress --config mucalc.toml --as-of 2014-08-20 --format html -o out/progress.html",
    "outreach --config mucalc.toml --format xlsx -o out/outreach.xlsx",
    "sweep --config mucalc.toml --period 2014 --format csv -o out/sweep.csv",
    "what-if --config mucalc.toml --format html -o out/what-if.html",
    "explain --config mucalc.toml --patient P101 --format html -o out/explain.html",
    "validate --config mucalc.toml --format json -o out/validation.json --rejects out/unusable.csv",
    "diff out/report.json out/report.json --format html -o out/diff.html",
    "init --yes --force -o out/mucalc.toml encounters.csv messages.csv",
    "inspect --format html -o out/inspection.html encounters.csv",
    "demo out/demo",
    "man -o out/man",
]
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*?)(?: <unfinished.*|\) += (-?\d+).*)$")
OPEN_FILE = re.compile(r"^\d+<([^>]*)>")
NAME = re.compile(r'"([^"]*)"')


def problems(folder, words):
    """What is wrong with the writing of a run, and the number of files that it renamed."""
    trace = folder / "trace"
    run = subprocess.run(["strace", "-f", "-y", "-s", "0", "-e", f"trace={CALLS}", "-o", trace, PROGRAM, *words.split()], cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return [f"exit {run.returncode}: {run.stderr[:300]}"], 0
    dirty, synced, folders, renamed, found = set(), set(), set(), 0, []
    for line in trace.read_text().splitlines():
        call = CALL.match(line)
        if not call or call[3] and call[3].startswith("-"):
            continue
        name, arguments = call[1], call[2]
        if name in ("rename", "renameat", "renameat2", "link", "linkat"):
            old, new = (str((folder / path).resolve()) for path in NAME.findall(arguments)[:2])
            renamed += 1
            if old in dirty or old not in synced:
                found.append(f"{new}: renamed before its bytes are on the disk")
            dirty.discard(old)
            folders.add(str(pathlib.Path(new).parent))
            continue
        file = OPEN_FILE.match(arguments)
        if not file or not file[1].startswith(str(folder)):
            continue
        if name.endswith("sync"):
            dirty.discard(file[1])
            folders.discard(file[1])
            synced.add(file[1])
        else:
            dirty.add(file[1])
            synced.discard(file[1])
    found += [f"{path}: holds a new name that may not be on the disk" for path in folders]
    # What was written and not renamed must not have stayed.
    found += [f"{path}: written under its own name" for path in dirty if pathlib.Path(path).exists() and not path.endswith("/trace")]
    return found, renamed


def main():
    failed, files = False, 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        for path in (ROOT / "fixtures/practice").iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        (folder / "out").mkdir()
        for words in RUNS:
            found, renamed = problems(folder, words)
            files += renamed
            if not renamed and not found:
                found = ["no file got its name"]
            for problem in found:
                failed = True
                print(f"synced: {words}: {problem}", file=sys.stderr)
    if failed:
        sys.exit(1)
    print(f"synced: {len(RUNS)} commands wrote {files} files, each on the disk before it got its name, and then its name")


main()
