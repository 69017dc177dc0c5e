#!/usr/bin/env python3
"""Counts the instructions that the program needs for a row, and compares them with benches/instructions.tsv.

    cargo build --release && python3 benches/instructions.py [--update]

Time depends on what else a machine does; instructions hardly do. Each run is counted by valgrind on one thread, on a practice of 4,000
patients and on the first rows of it, and the difference is divided by the rows in between, so that starting the program costs nothing.
More than 3% above the file fails. Counts of another compiler, or on a processor with other instructions, are shown and not compared. Needs
valgrind, and DuckDB for Parquet, which is taken from target/warehouse.
"""

import argparse
import csv
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BUDGET = ROOT / "benches" / "instructions.tsv"
PATIENTS = 4_000
FIRST_ROWS = 2_000
MOST = 1.03

PERIOD = ["--period", "2014Q3", "--timezone", "America/Chicago"]
RUNS = {
    "report of CSV": ("csv", ["report", *PERIOD, "--format", "json"]),
    "report of CSV with UUIDs": ("uuid.csv", ["report", *PERIOD, "--format", "json"]),
    "report of NDJSON": ("ndjson", ["report", *PERIOD, "--format", "json"]),
    "report of Parquet": ("parquet", ["report", *PERIOD, "--format", "json"]),
    "report with ledger": ("csv", ["report", *PERIOD, "--format", "json", "--ledger", "ledger.csv", "-o", "report.json"]),
    "report as HTML": ("csv", ["report", *PERIOD, "--format", "html", "-o", "report.html"]),
    "progress": ("csv", ["progress", *PERIOD, "--as-of", "2014-08-20"]),
    "sweep": ("csv", ["sweep", "--period", "2014", "--timezone", "America/Chicago", "--format", "csv"]),
    "validate": ("csv", ["validate", *PERIOD]),
}


def uuid(text):
    """Text that is as random as a UUID, and the same for the same id."""
    digits = hashlib.md5(text.encode()).hexdigest()
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def written(folder, name, rows):
    """Writes rows in each format."""
    header, rows = list(rows[0]), rows
    with open(folder / f"{name}.csv", "w", newline="") as file:
        out = csv.DictWriter(file, header, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    ids = [column for column in header if column.endswith("_id") and column != "thread_id"]
    with open(folder / f"{name}.uuid.csv", "w", newline="") as file:
        out = csv.DictWriter(file, header, lineterminator="\n")
        out.writeheader()
        out.writerows({**row, **{column: row[column] and uuid(row[column]) for column in ids}} for row in rows)
    with open(folder / f"{name}.ndjson", "w") as file:
        for row in rows:
            file.write(json.dumps({key: cell or None for key, cell in row.items()}, separators=(",", ":")) + "\n")


def made(folder):
    """Writes the practice and its first rows, and returns the number of rows of each."""
    generator = folder / "workload"
    subprocess.run(["rustc", "--edition=2024", "-O", "-o", generator, ROOT / "examples" / "workload.rs"], check=True)
    subprocess.run([generator, folder / "all", str(PATIENTS)], check=True)
    counts = {}
    for part in "few", "many":
        (folder / part).mkdir()
        for name in "encounters", "messages":
            with open(folder / "all" / f"{name}.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            rows = rows[:FIRST_ROWS] if part == "few" else rows
            written(folder / part, name, rows)
            counts[part] = counts.get(part, 0) + len(rows)
    return counts


def has_parquet(folder):
    """Writes the Parquet files, if DuckDB is there."""
    python = TARGET / "warehouse" / "bin" / "python"
    text = "import sys, duckdb\nfor name in sys.argv[1:]: duckdb.sql(f\"copy (from read_csv('{name}.csv', all_varchar=true)) to '{name}.parquet'\")"
    names = [str(folder / part / name) for part in ("few", "many") for name in ("encounters", "messages")]
    return python.exists() and subprocess.run([python, "-c", text, *names]).returncode == 0


def instructions(program, folder, ending, words):
    command = [program, words[0], "--no-config", "--quiet", "--threads", "1", "--encounters", f"encounters.{ending}",
               "--messages", f"messages.{ending}", *words[1:]]
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def machine():
    """The compiler, and the instructions of the processor that the program and the C library choose between."""
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    info = pathlib.Path("/proc/cpuinfo")
    flags = re.search(r"^flags\s*:(.*)$", info.read_text(), re.M) if info.exists() else None
    chosen = {"avx2", "bmi2", "erms", "fsrm"} & set(flags[1].split() if flags else [])
    return " ".join([compiler, *sorted(chosen)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the counts to the file")
    update = parser.parse_args().update
    program = (TARGET / "release" / "mucalc").resolve()
    known_machine, *lines = BUDGET.read_text().splitlines() if BUDGET.exists() else [""]
    budget = dict(line.split("\t") for line in lines)
    counted, failed = {}, []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rows = made(folder)
        parquet = has_parquet(folder)
        for name, (ending, words) in RUNS.items():
            if ending == "parquet" and not parquet:
                print("instructions: Parquet was not counted: there is no DuckDB in target/warehouse", file=sys.stderr)
                continue
            few, many = (instructions(program, folder / part, ending, words) for part in ("few", "many"))
            counted[name] = round((many - few) / (rows["many"] - rows["few"]))
            known = int(budget.get(name, 0))
            change = f"{counted[name] / known - 1:+.1%}" if known else "new"
            print(f"instructions: {counted[name]:6} for a row, {name} ({change})", flush=True)
            if known and counted[name] > known * MOST:
                failed.append(name)
    if update:
        BUDGET.write_text(f"{machine()}\n" + "".join(f"{name}\t{count}\n" for name, count in counted.items()))
    elif known_machine != machine():
        print(f"instructions: not compared: the file is for {known_machine}, and this is {machine()}", file=sys.stderr)
    elif failed:
        sys.exit(f"instructions: more than 3% above benches/instructions.tsv: {', '.join(failed)}."
                 " If that is meant, run this script with --update.")


if __name__ == "__main__":
    main()
