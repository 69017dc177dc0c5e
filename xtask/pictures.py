#!/usr/bin/env python3
"""Make the pictures of the documentation from the fixtures, with headless Chromium and the standard library.

  xtask/pictures.py MUCALC            make all pictures in docs/images
  xtask/pictures.py MUCALC --check    end with 1 if what a picture shows has changed since it was made

MUCALC is the program. The picture of the workbook needs LibreOffice and pdftoppm; without them, the old one is kept.
"""
import fcntl
import hashlib
import html
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SOURCES = IMAGES / "sources.sha256"
PRACTICE, RUNNING = ROOT / "fixtures" / "practice", ROOT / "fixtures" / "mid-quarter"

# Name, folder, arguments, and size of the picture.
PAGES = [
    ("report", PRACTICE, "report --counties counties.csv", (1280, 1120)),
    ("progress", RUNNING, "progress", (1280, 900)),
    ("handout", RUNNING, "report --format handouts", (1280, 1010)),
    ("outreach", RUNNING, "outreach", (1280, 900)),
    ("explain", PRACTICE, "explain --patient P303", (1280, 620)),
    ("sweep", PRACTICE, "sweep --period 2014", (1280, 700)),
]
TERMINAL = ("terminal", PRACTICE, "report --color always", (900, 640))
WORKBOOK = ("workbook", PRACTICE, "report --counties counties.csv --format xlsx", None)


def run(program, folder, words):
    """What a command prints, without its messages."""
    done = subprocess.run([program, *words.split()], cwd=folder, capture_output=True, check=True)
    return done.stdout


def page(program, folder, words):
    return run(program, folder, words if "--format" in words else words + " --format html")


def on_a_terminal(program, folder, words, columns=100):
    """What a command prints on a terminal of this width."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    done = subprocess.Popen([program, *words.split()], cwd=folder, stdout=writer, env=environment)
    os.close(writer)
    parts = []
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        parts.append(part)
    done.wait()
    return b"".join(parts).decode().replace("\r\n", "\n")


COLORS = {"10": "#1a7f37", "9": "#b35900", "11": "#6639ba", "7": "#57606a"}


def as_page(text):
    """A page that shows a terminal."""
    text = html.escape(text)
    text = re.sub(r"\x1b\[38;5;(\d+)m", lambda m: f'<span style="color:{COLORS.get(m[1], "inherit")}">', text)
    text = text.replace("\x1b[1m", "<b>").replace("\x1b[0m", "</b></span>")
    return ('<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;background:#f6f8fa}pre{margin:0;padding:20px;'
            'font:13px/1.35 "DejaVu Sans Mono",monospace}</style><pre>$ mucalc report\n' + text + "</pre>").encode()


def shoot(markup, size, to):
    chromium = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if not chromium:
        sys.exit("pictures: no Chromium here")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "page.html")
        file.write_bytes(markup)
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/u",
             f"--window-size={size[0]},{size[1]}", f"--screenshot={to}", file.as_uri()],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def shoot_workbook(book, to):
    """The first page of a workbook, as LibreOffice prints it; nothing without LibreOffice."""
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        print("pictures: workbook.png is not made: no LibreOffice or no pdftoppm here")
        return False
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "report.xlsx")
        file.write_bytes(book)
        subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(file)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)
        subprocess.run(["pdftoppm", "-png", "-r", "110", "-f", "1", "-l", "1", "-H", "560",
                        f"{folder}/report.pdf", f"{folder}/page"], check=True)
        shutil.copyfile(next(pathlib.Path(folder).glob("page*.png")), to)
    return True


def sources(program):
    """The bytes that each picture is made of."""
    for name, folder, words, size in PAGES:
        yield name, page(program, folder, words), size
    name, folder, words, size = TERMINAL
    yield name, as_page(on_a_terminal(program, folder, words)), size
    name, folder, words, _ = WORKBOOK
    yield name, run(program, folder, words), None


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    program, check = str(pathlib.Path(sys.argv[1]).resolve()), len(sys.argv) == 3
    known = dict(line.split("  ")[::-1] for line in SOURCES.read_text().splitlines()) if SOURCES.exists() else {}
    stale = []
    for name, made_of, size in sources(program):
        picture, digest = f"{name}.png", hashlib.sha256(made_of).hexdigest()
        if known.get(picture) == digest and (IMAGES / picture).exists():
            continue
        stale.append(picture)
        if check:
            continue
        made = shoot(made_of, size, IMAGES / picture) or True if size else shoot_workbook(made_of, IMAGES / picture)
        if made:
            known[picture] = digest
    if check and stale:
        sys.exit(f"pictures: {', '.join(stale)} show what is no longer so; run xtask/pictures.py")
    if not check:
        SOURCES.write_text("".join(f"{digest}  {picture}\n" for picture, digest in sorted(known.items())))
        print(f"pictures: {len(stale)} made anew, of {len(known)}")


if __name__ == "__main__":
    main()
