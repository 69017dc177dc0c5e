#!/usr/bin/env python3
"""Runs the SQL texts that `cargo test --test it warehouse::` left on other engines, and compares what they answer.

    python3 xtask/engines.py duckdb|postgres|spark [--most N] [--whole N] [--sessions N] [FOLDER]

FOLDER is target/tmp/warehouse without it. DuckDB runs in this process; PostgreSQL is the one that the environment of libpq
names; Spark is the Spark Connect server that SPARK_REMOTE names. Tables are read as text; for Spark they are written as Parquet
in several shuffled parts first.
"""

import argparse
import concurrent.futures
import csv
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ["summary", "ledger", "waterfall"]
TABLES = ["encounters", "messages", "accesses", "roster"]


def table(path):
    """The columns and rows of a file."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


class DuckDB:
    def __init__(self):
        import duckdb
        self.connection = duckdb.connect()
        self.version = duckdb.__version__

    def load(self, name, path, header, rows):
        columns = ", ".join(f"'{column}': 'VARCHAR'" for column in header)
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM read_csv('{path}', header=true, columns={{{columns}}},"
            " quote='\"', escape='\"', delim=',', auto_detect=false, nullstr='')")

    def make(self, name, sql):
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()


class Postgres:
    """By psql, so that no driver is needed."""

    def __init__(self):
        self.version = self.run("SHOW server_version").strip()

    def run(self, sql, *more):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *more], input=sql, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def load(self, name, path, header, rows):
        columns = ", ".join(f"{column} text" for column in header)
        self.run(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns});\n\\copy {name} FROM '{path}' WITH (FORMAT csv, HEADER)\n")

    def make(self, name, sql):
        self.run(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} AS {sql}")

    def ask(self, sql):
        out = self.run(f"COPY (\n{sql}\n) TO STDOUT WITH (FORMAT csv)")
        return list(csv.reader(out.splitlines()))


class Spark:
    def __init__(self):
        from pyspark.sql import SparkSession
        self.session = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).create()
        self.version = self.session.version
        self.folder = tempfile.mkdtemp()
        self.loaded = 0

    def load(self, name, path, header, rows):
        import pyarrow
        import pyarrow.parquet
        # Rows in no order, in several files: those of a patient lie apart.
        random.Random(self.loaded).shuffle(rows)
        self.loaded += 1
        folder = f"{self.folder}/{self.loaded}"
        os.mkdir(folder)
        schema = pyarrow.schema([(column, pyarrow.string()) for column in header])
        for part in range(3):
            columns = [[row[at] or None for row in rows[part::3]] for at in range(len(header))]
            table = pyarrow.table([pyarrow.array(cells, pyarrow.string()) for cells in columns], schema=schema)
            pyarrow.parquet.write_table(table, f"{folder}/{part}.parquet")
        ddl = ", ".join(f"{column} STRING" for column in header)
        self.session.read.schema(ddl).parquet(folder).createOrReplaceTempView(name)

    def make(self, name, sql):
        self.session.sql(sql).createOrReplaceTempView(name)

    def ask(self, sql):
        return [tuple(row) for row in self.session.sql(sql).collect()]


def shown(rows, result):
    rows = [["null" if cell is None else str(cell) for cell in row] for row in rows]
    if result == "waterfall":
        # Records with contradictory versions are a finding of a report, and no part of its waterfall.
        rows = sorted(row for row in rows if row[2] != "0" and row[1] != "contradicting-versions")
    return rows


def compare(engine, kind, folder, results):
    """What of a run is answered otherwise than expected, and how many rows were compared."""
    wrong, lines = [], 0
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.exists():
            engine.load(name, path, *table(path))
    for result in results:
        with open(folder / f"{result}.csv", newline="", encoding="utf-8") as file:
            expected = list(csv.reader(file))
        sql = (folder / f"{result}.{kind}.sql").read_text(encoding="utf-8")
        answered = shown(engine.ask(sql), result)
        lines += len(answered)
        if answered != expected:
            both = [pair for pair in zip(answered, expected) if pair[0] != pair[1]]
            wrong.append(f"{folder.parent.name}/{folder.name}: {result} differs: {len(answered)} rows,"
                         f" expected {len(expected)}; {both[:3]}")
    return wrong, lines


# Types of columns with ids: numbers and bytes, each with texts of SQL and what a report of a file reads from such a column.
TYPED = {
    "duckdb": {
        "DOUBLE": None,
        "DECIMAL(20, 2)": [("7.00", "7"), ("12.50", "12.5"), ("-3", "-3")],
        "BIGINT": [("7", "7"), ("9007199254740993", "9007199254740993")],
        "BLOB": [("'P1'::BLOB", "P1"), ("encode('\u00e9')", "\u00e9"), ("'7.0'::BLOB", "7.0")],
    },
    "postgres": {
        "double precision": None,
        "numeric(20, 2)": [("7.00", "7"), ("12.50", "12.5"), ("-3", "-3")],
        "bigint": [("7", "7"), ("9007199254740993", "9007199254740993")],
        "bytea": [("convert_to('P1', 'UTF8')", "P1"), ("convert_to('\u00e9', 'UTF8')", "\u00e9")],
    },
    "spark": {
        "DOUBLE": None,
        "DECIMAL(20, 2)": [("CAST(7.00 AS DECIMAL(20, 2))", "7"), ("CAST(12.50 AS DECIMAL(20, 2))", "12.5")],
        "BIGINT": [("7L", "7"), ("9007199254740993L", "9007199254740993")],
        "BINARY": [("CAST('P1' AS BINARY)", "P1"), ("CAST('\u00e9' AS BINARY)", "\u00e9")],
    },
}


def typed(engine, kind, folder):
    """What the ledger has for patients in other columns than texts, where that is something else than expected."""
    wrong = []
    with open(folder / "double.csv", newline="", encoding="utf-8") as file:
        doubles = [(f"CAST({number} AS DOUBLE PRECISION)" if kind == "postgres" else f"CAST({number} AS DOUBLE)", told)
                   for number, told in csv.reader(file)]
    sql = (folder / f"ledger.{kind}.sql").read_text(encoding="utf-8")
    for sort, ids in TYPED[kind].items():
        ids = doubles if ids is None else ids
        visits = " UNION ALL ".join(
            f"SELECT CAST({told} AS {sort}) AS patient_id, 'A' AS provider_id, '2014-07-02' AS started_at, 'office-visit' AS kind,"
            " 'completed' AS status, 'eligible-professional' AS seen_by" for told, _ in ids)
        engine.make("encounters", visits)
        engine.make("messages", f"SELECT '2014-07-03' AS sent_at, CAST({ids[0][0]} AS {sort}) AS patient_id, 'A' AS provider_id,"
                    " 'patient' AS sender, 'provider' AS recipient, 'ehr-portal' AS channel, 'clinical-question' AS topic,"
                    " 'sent' AS status")
        answered = {str(row[1]) for row in engine.ask(sql)}
        expected = {told for _, told in ids if told}
        if answered != expected:
            wrong.append(f"ids of {sort}: {sorted(answered)}, expected {sorted(expected)}")
    return wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("engine", choices=["duckdb", "postgres", "spark"])
    arguments.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "target" / "tmp" / "warehouse")
    arguments.add_argument("--most", type=int, default=10**9, help="so many runs of each sort, spread over all of them")
    arguments.add_argument("--whole", type=int, default=1, help="the summary and the waterfall of one run in so many; the ledger of all")
    arguments.add_argument("--sessions", type=int, default=1, help="so many at the same time")
    asked = arguments.parse_args()
    kind = {"duckdb": DuckDB, "postgres": Postgres, "spark": Spark}[asked.engine]
    runs = []
    for sort in ["cells", "cases", "random", "damaged", "groups", "versions"]:
        folders = sorted(path for path in (asked.folder / sort).iterdir() if path.is_dir())
        runs += folders[::max(1, -(-len(folders) // asked.most))]
    begun, engines, local = time.time(), [], threading.local()

    def one(at):
        if not hasattr(local, "engine"):
            local.engine = kind()
            engines.append(local.engine)
        results = RESULTS if at % asked.whole == 0 else ["ledger"]
        # Of several versions of a record the ledger is not left: their rows have one id.
        if not (runs[at] / "ledger.csv").exists():
            results = ["summary", "waterfall"]
        return compare(local.engine, asked.engine, runs[at], results), len(results)

    answers = lines = wrong = 0
    with concurrent.futures.ThreadPoolExecutor(asked.sessions) as pool:
        for (differences, compared), results in pool.map(one, range(len(runs))):
            answers, lines, wrong = answers + results, lines + compared, wrong + len(differences)
            for difference in differences:
                print(difference, flush=True)
    for difference in typed(engines[0], asked.engine, asked.folder / "typed") if engines else []:
        print(difference, flush=True)
        wrong += 1
    version = engines[0].version if engines else "without runs"
    print(f"{asked.engine} {version}: {len(runs)} runs, {answers} answers, {lines} rows compared, {wrong} differ,"
          f" {time.time() - begun:.0f} s", flush=True)
    return 1 if wrong or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
