#!/usr/bin/env python3
"""Try the page that calculates (packaging/page) in headless Chromium, as a user would.

  xtask/browser/exports.py PAGE MUCALC FOLDER...

All files of a folder are given to the page: exports, and the mucalc.toml if it has one; otherwise the page drafts one for the first year that
it offers. It calculates, and saves the figures as JSON. These, and the draft, must be those of the program MUCALC, byte for byte. Whatever the page tries to fetch, and whatever it may not do, is a failure. Prints one line a
folder, and ends with 0 if all is well, else with 1.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from devtools import Browser, Trouble

PATIENCE = 120  # seconds for one command of the page


class Page:
    """The page in a tab, and what went wrong there."""

    def __init__(self, browser, file, saved):
        self.browser, self.saved, self.wrong = browser, saved, []
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(domain + ".enable")
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved))
        self.call("Page.navigate", url=file.resolve().as_uri())
        self.until("document.readyState === 'complete' && window.ready !== undefined")
        self.run("window.ready")

    def call(self, method, **params):
        return self.browser.call(method, self.session, self.note, **params)

    def note(self, event):
        name, data = event.get("method"), event.get("params", {})
        if name == "Runtime.exceptionThrown":
            self.wrong.append(data["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif name == "Log.entryAdded" and data["entry"]["level"] == "error":
            self.wrong.append(data["entry"]["text"])
        elif name == "Network.requestWillBeSent":
            address = data["request"]["url"]
            if not address.startswith(("file:", "blob:", "data:", "about:")):
                self.wrong.append(f"a connection to {address[:60]}")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise Trouble(answer["exceptionDetails"].get("exception", {}).get("description", script)[:200])
        return answer["result"].get("value")

    def until(self, script):
        """Wait until a script is true and nothing is being done."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.run(f"({script}) && !document.body.hasAttribute('aria-busy')"):
                return
            time.sleep(0.1)
        raise Trouble(f"the page does not come to: {script}; it says: {self.said()[:300]}")

    def said(self):
        return self.run("document.getElementById('notes').hidden ? '' : document.getElementById('said').textContent") or ""

    def give(self, files):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        box = self.call("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=box, files=[str(file) for file in files])
        self.until(f"document.querySelectorAll('#exports tbody tr').length === {len(files)}")

    def settle(self, files):
        """Answer the questions of the page, and return the words of `init` that say the same."""
        choose = lambda id, find: self.run(
            f"(() => {{ const of = document.getElementById('{id}'); if (of.closest('[hidden]')) return '';"
            f"of.value = ([...of.options].find((one) => {find}) ?? {{}}).value ?? ''; of.dispatchEvent(new Event('change'));"
            "return of.value; })()")
        year = choose("period", "/^[0-9]{4}$/.test(one.value)")
        zone = choose("timezone", "one.value === 'America/Chicago'")
        words = ["init", "--format", "json", "--force", "--period", year, *(["--timezone", zone] if zone else [])]
        return [*words, *(file.name for file in files)]

    def save(self, label, name):
        """Click a button below the result, and return the file that it saves."""
        file = self.saved / name
        file.unlink(missing_ok=True)
        self.run(f"[...document.querySelectorAll('#downloads button')].find((b) => b.textContent === {json.dumps(label)}).click()")
        end = time.monotonic() + PATIENCE
        while not file.exists():
            if time.monotonic() > end:
                raise Trouble(f"{name} was not saved; the page says: {self.said()[:300]}")
            self.run("1")
            time.sleep(0.02)
        return file.read_bytes()


def native(program, files, words):
    """What the program writes for the same files, in a folder of their own: the settings, if it drafts them, and the figures."""
    with tempfile.TemporaryDirectory() as work:
        for file in files:
            shutil.copy(file, work)
        said = ""
        for command in words, ["report", "--config", "mucalc.toml", "--format", "json", "-o", "report.json"]:
            if command:
                done = subprocess.run([program, *command], cwd=work, capture_output=True, text=True)
                said += done.stderr
        read = lambda name: pathlib.Path(work, name).read_bytes() if pathlib.Path(work, name).exists() else None
        return read("mucalc.toml"), read("report.json"), said


def check(browser, page, program, folder):
    """Return what came of a folder, and what is wrong with it."""
    files = sorted(file.resolve() for file in folder.iterdir() if file.is_file() and file.name != "expected.json")
    with tempfile.TemporaryDirectory() as saved:
        tab = Page(browser, page, pathlib.Path(saved))
        tab.give(files)
        if tab.run("document.getElementById('questions').hidden"):
            needed = tab.run("document.getElementById('missing').innerText")
            return f"asks for more: {needed[:90]}…", tab.wrong if needed else ["the page asks nothing"]
        words = [] if any(file.name == "mucalc.toml" for file in files) else tab.settle(files)
        begun = time.monotonic()
        tab.run("document.getElementById('calculate').click()")
        tab.until("!document.getElementById('notes').hidden || document.getElementById('page').srcdoc")
        took = time.monotonic() - begun
        settings, figures, said = native(program, files, words)
        wrong = []
        if figures is None:
            if tab.said() not in said.replace("mucalc: ", "").replace("error: ", ""):
                wrong.append(f"the page says {tab.said()[:150]!r}, the program {said[:150]!r}")
        elif tab.save("Figures (JSON)", "report.json") != figures:
            wrong.append("the figures differ from those of the program")
        elif words and tab.save("Settings (mucalc.toml)", "mucalc.toml") != settings:
            wrong.append("the settings differ from those of the program")
        return f"the same figures ({took:.2f} s to the report)", wrong + tab.wrong


def main(page, program, *folders):
    failed = False
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with Browser(chromium) as browser:
        for folder in folders:
            came, wrong = check(browser, pathlib.Path(page), pathlib.Path(program).resolve(), pathlib.Path(folder))
            failed |= bool(wrong)
            print(f"{folder}: {'; '.join(wrong) or came}", flush=True)
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
