#!/usr/bin/env python3
"""Put the program, the scripts, and the styles of the page into one HTML file.

  packaging/page/assemble.py PROGRAM.wasm FOLDER     FOLDER has page.js and worker.js; mucalc.html is written there
"""
import base64
import gzip
import hashlib
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent / "src"
REPORT = SOURCE.parents[2] / "crates/report/templates/report.html"


def digest(script):
    """The name of a script in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def main(program, folder):
    folder = pathlib.Path(folder)
    script, worker = ((folder / f"{name}.js").read_text().strip() for name in ("page", "worker"))
    for text in (script, worker):
        assert "</script" not in text.lower()
    # The time of compression is left out, so that the same source gives the same page.
    packed = gzip.compress(pathlib.Path(program).read_bytes(), compresslevel=9, mtime=0)
    # The report in the page may run its one script, which filters its table.
    of_report = re.search(r"block allowed %}('sha256-[^']+')", REPORT.read_text()).group(1)
    parts = {
        "HASHES": f"{digest(script)} {of_report}",
        "STYLE": (SOURCE / "page.css").read_text().strip(),
        "WORKER": worker,
        "PROGRAM": base64.b64encode(packed).decode(),
        "SCRIPT": script,
    }
    page = re.sub(r"\{\{([A-Z]+)\}\}", lambda name: parts[name.group(1)], (SOURCE / "page.html").read_text())
    aside = folder / "mucalc.html.new"
    aside.write_text(page)
    aside.replace(folder / "mucalc.html")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
