#!/usr/bin/env python3
"""`mucalc report --engine spark` reports of tables what `mucalc report` reports of the files they were made of.

    SPARK_REMOTE=sc://... python3 xtask/engine_report.py PROGRAM

The fixtures are loaded as tables of the server that SPARK_REMOTE names.
"""

import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def load(session, name, path):
    from pyspark.sql.types import StringType, StructField, StructType
    with open(path, newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    schema = StructType([StructField(column, StringType()) for column in header])
    frame = session.createDataFrame([[cell or None for cell in row] for row in rows], schema)
    frame.repartition(4).createOrReplaceGlobalTempView(name)


def run(program, *words, code=0, **more):
    done = subprocess.run([program, *words], capture_output=True, text=True, cwd=ROOT, **more)
    assert done.returncode == code, f"{words}: {done.returncode}, not {code}: {done.stderr}"
    return done


def comparable(report):
    """What a report of tables and one of files have in common."""
    providers = [{key: cell for key, cell in one.items() if key != "exclusions"} for one in report["providers"]]
    findings = [(one["code"], one["count"]) for one in report["findings"]
                if one["code"] in ("missing-patient-id", "missing-provider-id", "unreadable-date", "unknown-word")]
    inputs = [(one["role"], one["rows"], one["rejected"]) for one in report["inputs"] if one["role"] != "roster"]
    return {"providers": providers, "group": report["group"], "findings": findings, "inputs": inputs,
            "waterfall": {side: report["waterfall"][side] for side in ("encounters", "messages", "accesses")},
            **{key: report[key] for key in ("period", "credit", "policies", "edition", "timezone")}}


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    from pyspark.sql import SparkSession
    session = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate()
    tried = 0
    for practice, more in [("practice", []), ("practice", ["--credit", "group"]), ("mid-quarter", ["--period", "2014Q3"])]:
        folder = ROOT / "fixtures" / practice
        words = ["--config", str(folder / "mucalc.toml")] if (folder / "mucalc.toml").exists() else ["--no-config"]
        roster = (folder / "roster.csv").exists()
        tables = []
        for name in ["encounters", "messages"] + (["roster"] if roster else []):
            load(session, name, folder / f"{name}.csv")
            tables += [f"--{name}-table", f"global_temp.{name}"]
        files = ["--encounters", str(folder / "encounters.csv"), "--messages", str(folder / "messages.csv")]
        files += ["--roster", str(folder / "roster.csv")] if roster else []
        with tempfile.TemporaryDirectory() as out:
            ledgers = [f"{out}/files.csv", f"{out}/tables.csv"]
            here = run(program, "report", *words, *more, *files, "--format", "json", "--ledger", ledgers[0])
            there = run(program, "report", *words, *more, "--engine", "spark", *tables, "--format", "json", "--ledger", ledgers[1])
            here, there = comparable(json.loads(here.stdout)), comparable(json.loads(there.stdout))
            for key in here:
                assert here[key] == there[key], f"{practice} {more}: {key}\n{here[key]}\n{there[key]}"
            # Places of rows are lines of files in one, and ids in the other.
            rows = [[row[:11] for row in csv.reader(open(path, newline=""))] for path in ledgers]
            assert rows[0] == rows[1] and len(rows[0]) > 5, f"{practice}: the ledgers differ"
            assert os.stat(ledgers[1]).st_mode & 0o777 == 0o600
            tried += 1

    # What goes wrong is said in the server's words, and leaves one whole document.
    base = ["report", "--no-config", "--period", "2014Q3", "--engine", "spark", "--messages-table", "global_temp.messages"]
    done = run(program, *base, "--encounters-table", "global_temp.nothing", "--format", "json", code=3)
    assert json.loads(done.stdout)["error"]["code"] == "engine-refused", done.stdout
    assert "nothing" in done.stderr and "\n\n" not in done.stderr, done.stderr
    done = run(program, *base, "--remote", "sc://127.0.0.1:1", "--encounters-table", "global_temp.encounters", code=3)
    assert "engine" not in done.stdout and done.stderr, done.stderr

    # An interrupted query ends, here and there. A self-join that would take hours stands for a large table.
    session.sql("CREATE OR REPLACE GLOBAL TEMP VIEW endless AS SELECT CAST(a.id AS STRING) AS patient_id, 'A' AS provider_id,"
                " '2014-07-02' AS started_at FROM range(1000000) a CROSS JOIN range(100000) b").collect()
    begun = time.time()
    process = subprocess.Popen([program, *base, "--encounters-table", "global_temp.endless"], cwd=ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(12)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=60)
    assert process.returncode == 130 and not out, (process.returncode, out, told)
    print(f"report --engine spark: {tried} runs the same as of files; refusals and an interrupt after"
          f" {time.time() - begun - 12:.1f} s as they should be")


if __name__ == "__main__":
    main()
