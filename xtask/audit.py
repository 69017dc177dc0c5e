#!/usr/bin/env python3
"""Checks the table in docs/dependencies.md of the crates that handle bytes of patients, against the sources of the locked versions.

    python3 xtask/audit.py [--update]

For each crate: the version, the lines with `unsafe`, whether a build script runs when it is compiled, and whether its sources name the
network, other processes, or files. What a person has to say about it stands in the last column, and is kept.
"""

import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "dependencies.md"
ROW = re.compile(r"^\| `([\w-]+)` \| .* \| ([^|]*) \|$", re.M)
NAMES = {"network": r"std::net|TcpStream|UdpSocket", "processes": r"std::process::Command|Command::new", "files": r"std::fs|File::(open|create)"}


def code(text):
    """The text without comments, and without tests at the end of a file."""
    text = re.split(r"#\[cfg\(test\)\]\nmod \w+ \{", text)[0]
    return re.sub(r"//.*", "", text)


def facts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    texts = [code(path.read_text(errors="replace")) for path in sorted((folder / "src").rglob("*.rs")) if "test" not in path.name]
    unsafe = sum(bool(re.search(r"\bunsafe\b", line)) for text in texts for line in text.splitlines())
    named = [name for name, pattern in NAMES.items() if any(re.search(pattern, text) for text in texts)]
    script = "yes" if any("custom-build" in target["kind"] for target in package["targets"]) else "no"
    return f"{package['version']} | {unsafe:,} | {script} | {', '.join(named) or 'nothing'}"


def main():
    words = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, cwd=PAGE.parent).stdout)
    own = set(told["workspace_members"])
    direct = {dep["pkg"] for node in told["resolve"]["nodes"] if node["id"] in own for dep in node["deps"]}
    # Of two versions of a crate, that of this workspace comes last.
    packages = {package["name"]: package for package in sorted(told["packages"], key=lambda package: package["id"] in direct)}
    page = PAGE.read_text()
    new = ROW.sub(lambda row: f"| `{row[1]}` | {facts(packages[row[1]])} | {row[2]} |", page)
    if "--update" in sys.argv:
        PAGE.write_text(new)
    elif new != page:
        sys.exit("audit: docs/dependencies.md is not about the locked versions: look at what changed, and run xtask/audit.py --update")


main()
