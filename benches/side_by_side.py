#!/usr/bin/env python3
"""The same counts by mucalc, DuckDB and polars, side by side in one run: ratios of medians.

    cargo build --release --example workload && cargo build --release
    python3 benches/side_by_side.py [--patients 1000000] [--rounds 5] [--threads 2]

DuckDB and polars are installed from PyPI into an environment of their own under target/. Each engine runs in a process
of its own, in turn, so that all meet the same state of the machine. DuckDB and polars count only what is certain, per
provider; mucalc does its whole job: every column checked, waterfall, findings, JSON. The counts must agree.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target" / "side-by-side"

KINDS = ["office-visit", "telehealth", "home-visit", "nursing-facility", "outpatient-procedure"]
TOPICS = ["medication-refill", "clinical-question", "test-result", "care-plan", "referral", "appointment-request"]

# Each program gets: encounters, messages, threads. It prints one line: denominator and numerator over all providers.
DUCKDB = f"""
import sys, duckdb
encounters, messages, threads = sys.argv[1:]
con = duckdb.connect()
con.execute(f"SET threads={{threads}}")
con.execute("SET enable_progress_bar=false")
rows = con.execute(f'''
with seen as (
  select distinct provider_id, patient_id from read_csv('{{encounters}}', header=true, all_varchar=true)
  where status = 'completed' and started_at >= '2014-07-01' and started_at < '2014-10-01'
    and kind in {tuple(KINDS)} and seen_by = 'eligible-professional'),
wrote as (
  select distinct provider_id, patient_id from read_csv('{{messages}}', header=true, all_varchar=true)
  where status = 'sent' and sender in ('patient', 'representative') and sent_at >= '2014-07-01'
    and sent_at < '2014-10-01' and channel = 'ehr-portal' and recipient = 'provider' and topic in {tuple(TOPICS)})
select seen.provider_id, count(*), count(wrote.patient_id) from seen left join wrote using (provider_id, patient_id)
group by 1''').fetchall()
print(sum(row[1] for row in rows), sum(row[2] for row in rows))
"""

POLARS = f"""
import sys, os
encounters, messages, threads = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
text = dict(infer_schema=False)
keys = ["provider_id", "patient_id"]
day = lambda name: (pl.col(name) >= "2014-07-01") & (pl.col(name) < "2014-10-01")
seen = pl.scan_csv(encounters, **text).filter(
    (pl.col("status") == "completed") & day("started_at") & pl.col("kind").is_in({KINDS})
    & (pl.col("seen_by") == "eligible-professional")).select(keys).unique()
wrote = pl.scan_csv(messages, **text).filter(
    (pl.col("status") == "sent") & pl.col("sender").is_in(["patient", "representative"]) & day("sent_at")
    & (pl.col("channel") == "ehr-portal") & (pl.col("recipient") == "provider")
    & pl.col("topic").is_in({TOPICS})).select(keys).unique()
both = seen.join(wrote, on=keys, how="semi").group_by("provider_id").agg(n=pl.len())
rows = seen.group_by("provider_id").agg(d=pl.len()).join(both, on="provider_id", how="left").collect(engine="streaming")
print(rows["d"].sum(), rows["n"].sum())
"""


def environment():
    folder = FOLDER / "env"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "duckdb", "polars"], check=True)
    versions = subprocess.run(
        [python, "-c", "import duckdb, polars; print(duckdb.__version__, polars.__version__)"],
        check=True, capture_output=True, text=True)
    return python, versions.stdout.split()


def workload(patients):
    folder = FOLDER / f"workload-{patients}"
    if not (folder / "messages.csv").exists():
        generator = ROOT / "target" / "release" / "examples" / "workload"
        subprocess.run([generator, folder, str(patients)], check=True)
    return folder / "encounters.csv", folder / "messages.csv"


def measure(command):
    """Wall seconds, CPU seconds, peak MiB and standard output of a command."""
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[0]} failed")
        out.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read().decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    python, (duckdb, polars) = environment()
    encounters, messages = workload(options.patients)
    threads = str(options.threads)
    inputs = [str(encounters), str(messages), threads]
    engines = {
        "mucalc": [str(ROOT / "target" / "release" / "mucalc"), "report", "--no-config", "--period", "2014Q3",
                   "--encounters", inputs[0], "--messages", inputs[1], "--format", "json", "--threads", threads],
        f"DuckDB {duckdb}": [str(python), "-c", DUCKDB, *inputs],
        f"polars {polars}": [str(python), "-c", POLARS, *inputs],
    }
    figures = {engine: [] for engine in engines}
    answers = {}
    for round_number in range(options.rounds + 1):
        for engine, command in engines.items():
            wall, cpu, memory, out = measure(command)
            if engine == "mucalc":
                providers = json.loads(out)["providers"]
                answer = tuple(sum(p[part]["least"] for p in providers) for part in ("denominator", "numerator"))
            else:
                answer = tuple(int(number) for number in out.split())
            answers[engine] = answer
            if round_number:  # the first round warms the file cache
                figures[engine].append((wall, cpu, memory))
    if len(set(answers.values())) != 1:
        sys.exit(f"the engines disagree: {answers}")
    size = (encounters.stat().st_size + messages.stat().st_size) / 1e9
    print(f"{size:.2f} GB, {options.patients:,} patients, {threads} threads of {os.cpu_count()} cores, "
          f"{platform.machine()}, {options.rounds} rounds; all count {answers['mucalc']}")
    ours = [statistics.median(column) for column in zip(*figures["mucalc"])]
    for engine, rows in figures.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*rows))
        print(f"{engine:14} {wall:6.2f} s wall {cpu:6.2f} s CPU {memory:6.0f} MiB peak | ratio to mucalc: "
              f"{wall / ours[0]:.2f} wall, {cpu / ours[1]:.2f} CPU, {memory / ours[2]:.2f} memory")


if __name__ == "__main__":
    main()
