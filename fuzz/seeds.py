#!/usr/bin/env python3
"""Writes what fuzzing begins with into a folder, one folder a target: the fixtures, built-in layouts and editions of this tree.

    python3 fuzz/seeds.py FOLDER
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"


def seeds():
    """Target, name and bytes of each."""
    for path in sorted(FIXTURES.rglob("*")):
        if not path.is_file() or path.stat().st_size > 64 << 10:
            continue
        content = path.read_bytes()
        if path.suffix == ".csv":
            yield "split", path.name, b"\x10" + content[:4096]
            # The target has the header.
            yield "csv", path.name, content.partition(b"\n")[2][:4096]
        if path.suffix == ".ndjson":
            yield "ndjson", path.name, (b"\x01" if "fhir" in str(path) else b"\x00") + content[:4096]
        if path.suffix == ".toml":
            for dialect in range(6):
                yield "config", f"{path.parent.name}-{path.name}-{dialect}", bytes([dialect]) + content
        if path.suffix in {".gz", ".zst", ".zip", ".xlsx", ".parquet"}:
            yield "binary", path.name, content
    for path in sorted((ROOT / "crates" / "read" / "layouts").glob("*.toml")):
        yield "layout", path.name, path.read_bytes() + b"\x00P1\n2014-07-01\nDR-1\nyes\n07/01/2014 10:00\n1\n2"
    for path in sorted((ROOT / "crates" / "core" / "editions").glob("*.toml")):
        yield "edition", path.name, path.read_bytes()
    for at, text in enumerate(["2014-07-01", "2014-07-01 23:59:59", "2014-07-01T05:00Z", "2014-07-01T23:30:00.5-05:00",
                               "2014-07-01T23:30:00+0530", "7/1/2014 3:05 PM\nM/D/YYYY h:mm A", "01.07.14\nDD.MM.YY",
                               "3140701.1305\nfileman", "1404216000\nepoch", "41821.5\nserial", "2014Q3", "2014-07",
                               "2014-07-01..2014-09-30", "Jul 1 2014\nMMM D YYYY"]):
        yield "dates", str(at), text.encode()
    for at in range(8):
        yield "soak", str(at), bytes((at * 53 + step * step * 7) % 256 for step in range(300))
        yield "figures", str(at), bytes((at * 37 + step * step * 11) % 256 for step in range(600))
        yield "unusable", str(at), bytes((at * 29 + step * step * 13) % 256 for step in range(400))
        yield "joins", str(at), bytes((at * 61 + step * step * 5) % 256 for step in range(48))
        world, decisions = (bytes((at * 43 + step * step * by) % 256 for step in range(length)) for by, length in ((11, 300), (3, 36)))
        yield "reviews", str(at), world + decisions
    for at, titles in enumerate(["Practice of the Lake\nMessages, third quarter", "Report\n\n\nPrinted on Monday", ";;;", "sep=;"]):
        yield "headers", str(at), bytes([at]) + titles.encode()
    for name in ("encounters.csv", "messages.csv"):
        yield "page", name, b"\x00" + (FIXTURES / "practice" / name).read_bytes()[:2000]
    for part in range(16):
        yield "zip", str(part), bytes([0, part, 0, 0x50, part * 8, 0, 8])
        yield "verify", str(part), bytes([part]) + b"{}"


def main():
    folder = pathlib.Path(sys.argv[1])
    for target, name, content in seeds():
        (folder / target).mkdir(parents=True, exist_ok=True)
        (folder / target / name).write_bytes(content)


main()
