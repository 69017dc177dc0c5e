#!/usr/bin/env python3
"""The same counts by mucalc, DuckDB and polars, side by side in one run: ratios of medians.

    cargo build --release --example workload && cargo build --release
    python3 benches/side_by_side.py [--patients 1000000] [--rounds 5] [--threads 2] [--format csv|ndjson|parquet] [--uuid]

DuckDB and polars are installed from PyPI into an environment of their own under target/. Each engine runs in a process
of its own, in turn, so that all meet the same state of the machine. DuckDB and polars count only what is certain, per
provider; mucalc does its whole job: every column checked, waterfall, findings, JSON. The counts must agree. With --uuid,
every id is as long and as random as a UUID.
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
def rows_of(file, columns):
    if file.endswith('.parquet'):
        return f"read_parquet('{{file}}')"
    if file.endswith('.ndjson'):
        types = ', '.join(f"'{{column}}': 'VARCHAR'" for column in columns.split())
        return f"read_json('{{file}}', format='newline_delimited', columns={{{{{{types}}}}}})"
    return f"read_csv('{{file}}', header=true, all_varchar=true)"
seen_in = rows_of(encounters, 'provider_id patient_id status started_at kind seen_by')
written_in = rows_of(messages, 'provider_id patient_id status sender sent_at channel recipient topic')
rows = con.execute(f'''
with seen as (
  select distinct provider_id, patient_id from {{seen_in}}
  where status = 'completed' and started_at >= '2014-07-01' and started_at < '2014-10-01'
    and kind in {tuple(KINDS)} and seen_by = 'eligible-professional'),
wrote as (
  select distinct provider_id, patient_id from {{written_in}}
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
def scanned(file):
    if file.endswith(".parquet"):
        return pl.scan_parquet(file)
    return pl.scan_ndjson(file) if file.endswith(".ndjson") else pl.scan_csv(file, infer_schema=False)
keys = ["provider_id", "patient_id"]
day = lambda name: (pl.col(name) >= "2014-07-01") & (pl.col(name) < "2014-10-01")
seen = scanned(encounters).filter(
    (pl.col("status") == "completed") & day("started_at") & pl.col("kind").is_in({KINDS})
    & (pl.col("seen_by") == "eligible-professional")).select(keys).unique()
wrote = scanned(messages).filter(
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


CONVERT = """
import sys, duckdb
source, target, ids = sys.argv[1:]
uuid = "lower(regexp_replace(md5({0}), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\\\\1-\\\\2-\\\\3-\\\\4-\\\\5')) as {0}"
replaced = f"replace ({', '.join(uuid.replace('{0}', name) for name in ids.split(','))})" if ids else ""
kind = {"csv": "(header)", "ndjson": "(format json)", "parquet": "(format parquet)"}[target.rsplit(".", 1)[1]]
duckdb.sql(f"copy (select * {replaced} from read_csv('{source}', header=true, all_varchar=true)) to '{target}' {kind}")
"""


def workload(python, patients, kind, has_uuids):
    folder = FOLDER / f"workload-{patients}"
    if not (folder / "messages.csv").exists():
        generator = ROOT / "target" / "release" / "examples" / "workload"
        subprocess.run([generator, folder, str(patients)], check=True)
    files = []
    for name, own in ("encounters", "encounter_id"), ("messages", "message_id"):
        source, target = folder / f"{name}.csv", folder / f"{name}{'.uuid' if has_uuids else ''}.{kind}"
        if not target.exists():
            ids = f"{own},patient_id,provider_id" if has_uuids else ""
            subprocess.run([python, "-c", CONVERT, str(source), str(target), ids], check=True)
        files.append(target)
    return files


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
    parser.add_argument("--format", choices=["csv", "ndjson", "parquet"], default="csv")
    parser.add_argument("--uuid", action="store_true")
    options = parser.parse_args()
    python, (duckdb, polars) = environment()
    encounters, messages = workload(python, options.patients, options.format, options.uuid)
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
    print(f"{size:.2f} GB of {options.format}{' with UUIDs' if options.uuid else ''}, {options.patients:,} patients, {threads} threads of {os.cpu_count()} cores, "
          f"{platform.machine()}, {options.rounds} rounds; all count {answers['mucalc']}")
    ours = [statistics.median(column) for column in zip(*figures["mucalc"])]
    for engine, rows in figures.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*rows))
        print(f"{engine:14} {wall:6.2f} s wall {cpu:6.2f} s CPU {memory:6.0f} MiB peak | ratio to mucalc: "
              f"{wall / ours[0]:.2f} wall, {cpu / ours[1]:.2f} CPU, {memory / ours[2]:.2f} memory")


if __name__ == "__main__":
    main()
