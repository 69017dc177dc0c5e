#!/usr/bin/env python3
"""`mucalc report --engine spark` reports of tables what `mucalc report` reports of the files they were made of.

    SPARK_REMOTE=sc://... python3 xtask/engine_report.py PROGRAM

The fixtures are loaded as tables of the server that SPARK_REMOTE names.
"""

import contextlib
import csv
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
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


def tls_in_front_of(port, folder):
    """Starts a server with TLS that passes everything on to a port of this computer; gives its port, and its own certificate."""
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))

    def copy(source, sink):
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                sink.sendall(part)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve(accepted):
        with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as here, socket.create_connection(("127.0.0.1", port)) as there:
            back = threading.Thread(target=copy, args=(there, here), daemon=True)
            back.start()
            copy(here, there)
            back.join()

    def listen():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    return listener.getsockname()[1], certificate


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

    # With TLS: a server with a certificate that the computer does not trust gets nothing; one that it trusts gives the same report.
    with tempfile.TemporaryDirectory() as folder:
        port, certificate = tls_in_front_of(int(os.environ["SPARK_REMOTE"].rsplit(":", 1)[1]), folder)
        words = [*base, "--encounters-table", "global_temp.encounters", "--format", "json"]
        plain = run(program, *words)
        secured = ["--remote", f"sc://localhost:{port}/;use_ssl=true"]
        done = run(program, *words, *secured, code=3)
        assert "certificate" in done.stderr.lower(), done.stderr
        trusted = run(program, *words, *secured, env=dict(os.environ, SSL_CERT_FILE=certificate))
        assert comparable(json.loads(trusted.stdout)) == comparable(json.loads(plain.stdout))

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
    print(f"report --engine spark: {tried} runs the same as of files; TLS, refusals, and an interrupt after"
          f" {time.time() - begun - 12:.1f} s as they should be")


if __name__ == "__main__":
    main()
