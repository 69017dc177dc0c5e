#!/usr/bin/env python3
"""Compare the program of another machine with the one of this machine, on every fixture and several commands.

  packaging/compare.py [--also FOLDER] MUCALC COMMAND...        COMMAND runs the other program, for example: wine mucalc.exe

With --also, the folders in FOLDER are compared too, for example the random exports of `cargo xtask exports FOLDER COUNT`.
Exit status, output, messages, and files must be the same bytes. Only the separators of paths may differ. Prints what differs, and how much was
compared; ends with 1 if anything differs.
"""
import concurrent.futures
import functools
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
DRAFT = ["init", "--force", "--format", "json", "--period", "2014", "--timezone", "America/Chicago"]
# What is run in each folder after a draft, and the files that it writes.
RUNS = [
    ["validate", "--format", "json"],
    ["report"],
    ["report", "--format", "json", "-o", "report.json", "--ledger", "ledger.csv", "--digest"],
    ["report", "--format", "html", "-o", "report.html"],
    ["report", "--format", "xlsx", "-o", "report.xlsx"],
    ["report", "--format", "csv"],
    ["progress", "--format", "md"],
    ["outreach", "--format", "csv", "-o", "outreach.csv"],
    ["sweep", "--period", "2014", "--format", "json", "-o", "sweep.json"],
    ["what-if", "--format", "html", "-o", "what-if.html"],
    ["explain", "--patient", "P103", "--format", "json"],
    ["pack", "-o", "pack.zip"],
    ["verify", "pack.zip"],
]


def cases(also):
    """Return each folder of fixtures with the names of its exports, and each export with a fault as a folder of one file."""
    for folder in [*sorted(FIXTURES.iterdir()), *(sorted(pathlib.Path(also).iterdir()) if also else [])]:
        if folder.is_dir():
            yield folder.name, sorted(file for file in folder.iterdir() if file.name != "expected.json")
    faults = [file for file in sorted(FIXTURES.glob("bad-*")) if file.suffix != ".toml"]
    for file in faults:
        yield file.name, [file]


@functools.cache
def can_verify(command):
    """Return whether a program verifies packs: that of the page does not."""
    return subprocess.run([*command, "verify", "--help"], capture_output=True).returncode == 0


def come(command, files, work):
    """Return what comes of all runs: exit status, output and messages of each, and the files at the end."""
    for file in files:
        shutil.copy(file, work)
    exports = [file.name for file in files if file.suffix != ".toml"]
    drafted = [] if any(file.name == "mucalc.toml" for file in files) else [[*DRAFT, *exports]]
    runs = [words for words in RUNS if words[0] != "verify" or can_verify(tuple(command))] if len(files) > 1 else [["inspect", "--format", "json", *exports]]
    came = {}
    for words in drafted + [["inspect", *exports]] + runs:
        done = subprocess.run([*command, *words], cwd=work, capture_output=True, stdin=subprocess.DEVNULL)
        # Wine itself writes lines like these.
        said = b"\n".join(line for line in done.stderr.splitlines() if b":fixme:" not in line and b":err:" not in line)
        came[" ".join(words)] = (done.returncode, plain(done.stdout), plain(said))
    given = {file.name for file in files}
    for made in sorted(pathlib.Path(work).iterdir()):
        # A pack has the time at which it was made.
        if made.name not in given and made.suffix != ".zip":
            came[made.name] = parts(made) if made.suffix == ".xlsx" else plain(made.read_bytes())
    return came


def parts(workbook):
    """Return what is in a workbook: its archive also names the system that made it."""
    with zipfile.ZipFile(workbook) as archive:
        return b"\0".join(entry.filename.encode() + b"\0" + archive.read(entry) for entry in archive.infolist())


def plain(data):
    return data.replace(b"\\\\", b"/").replace(b"\\", b"/").replace(b"\r\n", b"\n")


def compare(mucalc, other, name, files):
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as there:
        ours, theirs = come([mucalc], files, here), come(other, files, there)
        wrong = [f"{name}: {problem}" for problem in verify_each_other([mucalc], here, other, there)]
    for what in sorted(ours.keys() | theirs.keys()):
        if what == "verify pack.zip" and not can_verify(tuple(other)):
            continue
        if ours.get(what) != theirs.get(what):
            wrong.append(f"{name}: {what} differs: {first_difference(ours.get(what), theirs.get(what))}")
    return len(ours), wrong


def verify_each_other(one, here, other, there):
    """Return what each program says against the pack of the other."""
    for verifies, work, made in (one, here, there), (other, there, here):
        pack = pathlib.Path(made, "pack.zip")
        if pack.exists() and can_verify(tuple(verifies)):
            shutil.copy(pack, pathlib.Path(work, "other.zip"))
            done = subprocess.run([*verifies, "verify", "other.zip"], cwd=work, capture_output=True, text=True, errors="replace")
            if done.returncode != 0:
                yield f"{verifies[0]} does not verify the pack of the other: {done.stdout[-200:]!r}"


def first_difference(one, other):
    if isinstance(one, tuple) and isinstance(other, tuple):
        one, other = next((pair for pair in zip(one, other) if pair[0] != pair[1]))
    if not isinstance(one, bytes) or not isinstance(other, bytes):
        return f"{one!r} and {other!r}"[:300]
    at = next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 60):at + 60]!r} and {other[max(0, at - 60):at + 60]!r}"


def main(mucalc, *other, also=None):
    mucalc, *other = (str(pathlib.Path(word).resolve()) if pathlib.Path(word).exists() else word for word in (mucalc, *other))
    count, wrong = 0, []
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        for compared, found in threads.map(lambda case: compare(mucalc, other, *case), cases(also)):
            count += compared
            wrong += found
    print("\n".join(wrong) if wrong else "nothing differs", f"({count} outputs compared)")
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    words = sys.argv[1:]
    sys.exit(main(*words[2:], also=words[1]) if words[0] == "--also" else main(*words))
