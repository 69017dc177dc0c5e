#!/usr/bin/env python3
"""Runs the SQL texts that `cargo test --test warehouse` left on other engines, and compares what they answer.

    python3 tests/engines.py duckdb|postgres|spark [--most N] [FOLDER]

FOLDER is target/tmp/warehouse without it. DuckDB runs in this process; PostgreSQL is the one that the environment of libpq
names; Spark is the Spark Connect server that SPARK_REMOTE names. Tables are read as text; for Spark they are written as Parquet
in several shuffled parts first.
"""

import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
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

    def ask(self, sql):
        out = self.run(f"COPY (\n{sql}\n) TO STDOUT WITH (FORMAT csv)")
        return list(csv.reader(out.splitlines()))


class Spark:
    def __init__(self):
        from pyspark.sql import SparkSession
        self.session = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate()
        self.version = self.session.version
        self.folder = tempfile.mkdtemp()
        self.loaded = 0

    def load(self, name, path, header, rows):
        from pyspark.sql.types import StringType, StructField, StructType
        schema = StructType([StructField(column, StringType()) for column in header])
        frame = self.session.createDataFrame([[cell or None for cell in row] for row in rows], schema)
        self.loaded += 1
        parquet = f"{self.folder}/{self.loaded}"
        # By no column: rows go round the parts in turn, so that those of a patient lie apart.
        frame.repartition(5).write.parquet(parquet)
        self.session.read.parquet(parquet).createOrReplaceTempView(name)

    def ask(self, sql):
        return [tuple(row) for row in self.session.sql(sql).collect()]


def shown(rows, result):
    rows = [["null" if cell is None else str(cell) for cell in row] for row in rows]
    if result == "waterfall":
        rows = sorted(row for row in rows if row[2] != "0")
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("engine", choices=["duckdb", "postgres", "spark"])
    arguments.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "target" / "tmp" / "warehouse")
    arguments.add_argument("--most", type=int, default=10**9, help="so many runs of each sort")
    asked = arguments.parse_args()
    engine = {"duckdb": DuckDB, "postgres": Postgres, "spark": Spark}[asked.engine]()
    begun, runs, answers, lines, wrong = time.time(), 0, 0, 0, 0
    for sort in ["cells", "cases", "random"]:
        folders = sorted(path for path in (asked.folder / sort).iterdir() if path.is_dir())
        # Spread over all of them, and not the first.
        step = max(1, -(-len(folders) // asked.most))
        for folder in folders[::step]:
            runs += 1
            for name in TABLES:
                path = folder / f"{name}.csv"
                if path.exists():
                    engine.load(name, path, *table(path))
            for result in RESULTS:
                with open(folder / f"{result}.csv", newline="", encoding="utf-8") as file:
                    expected = list(csv.reader(file))
                sql = (folder / f"{result}.{asked.engine}.sql").read_text(encoding="utf-8")
                answered = shown(engine.ask(sql), result)
                answers, lines = answers + 1, lines + len(answered)
                if answered != expected:
                    wrong += 1
                    both = [pair for pair in zip(answered, expected) if pair[0] != pair[1]]
                    print(f"{sort}/{folder.name}: {result} differs: {len(answered)} rows, expected {len(expected)}; {both[:3]}")
    print(f"{asked.engine} {engine.version}: {runs} runs, {answers} answers, {lines} rows compared, {wrong} differ,"
          f" {time.time() - begun:.0f} s")
    return 1 if wrong or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
