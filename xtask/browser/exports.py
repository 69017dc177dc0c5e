#!/usr/bin/env python3
"""Try the page that calculates (packaging/page) in headless Chromium, as a user would.

  xtask/browser/exports.py PAGE MUCALC FOLDER...

All files of a folder are given to the page: exports, and the mucalc.toml if it has one; otherwise the page drafts one for the first year that
it offers. It calculates, and saves the figures as JSON. These, and the draft, must be those of the program MUCALC, byte for byte. Before that,
files with odd names, mistakes, and stops are tried. Whatever the page tries to fetch, and whatever it may not do, is a failure. Prints one line
for each, and ends with 0 if all is well, else with 1.
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
            if self.run(f"({script}) && !('busy' in document.body.dataset)"):
                return
            time.sleep(0.1)
        raise Trouble(f"the page does not come to: {script}; it says: {self.said()[:300]}")

    def said(self):
        return self.run("document.getElementById('wrong').hidden ? '' : document.getElementById('wrong').textContent") or ""

    def give(self, files, of=None):
        """Choose files, and wait until the list has as many, or `of`."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        box = self.call("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=box, files=[str(file) for file in files])
        self.until(f"document.querySelectorAll('#exports tbody tr').length === {of or len(files)}")

    def choose(self, id, find):
        """Choose the first option of a list that a script about `one` finds. Return it, or nothing if the list is not shown."""
        return self.run(
            f"(() => {{ const of = document.getElementById('{id}'); if (of.closest('[hidden]')) return '';"
            f"of.value = ([...of.options].find((one) => {find}) ?? {{}}).value ?? ''; of.dispatchEvent(new Event('change'));"
            "return of.value; })()")

    def calculate(self):
        """Click Calculate, wait, and return how many seconds it took."""
        begun = time.monotonic()
        self.run("document.getElementById('calculate').click()")
        self.until("!document.getElementById('wrong').hidden || document.getElementById('page').srcdoc")
        return time.monotonic() - begun

    def settle(self, files):
        """Answer the questions of the page, and return the words of `init` that say the same."""
        year = self.choose("period", "/^[0-9]{4}$/.test(one.value)")
        zone = self.choose("timezone", "one.value === 'America/Chicago'")
        words = ["init", "--format", "json", "--force", "--period", year, *(["--timezone", zone] if zone else [])]
        return [*words, *(file.name for file in files)]

    def save(self, label, name):
        """Click a button below the result, and return the file that it saves."""
        file = self.saved / name
        file.unlink(missing_ok=True)
        self.run(f"[...document.querySelectorAll('#downloads button')].find((b) => b.textContent === {json.dumps(label)}).click()")
        end = time.monotonic() + PATIENCE
        # The browser makes an empty file of the name, and puts the whole one in its place.
        while not file.exists() or not file.stat().st_size or any(self.saved.glob("*.crdownload")):
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
    # The browser may still be writing when the folder is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as saved:
        tab = Page(browser, page, pathlib.Path(saved))
        tab.give(files)
        if tab.run("document.getElementById('questions').hidden"):
            needed = tab.run("document.getElementById('missing').innerText")
            return f"asks for more: {needed[:90]}…", tab.wrong if needed else ["the page asks nothing"]
        words = [] if any(file.name == "mucalc.toml" for file in files) else tab.settle(files)
        took = tab.calculate()
        if words and not tab.run("document.getElementById('edition-field').hidden"):
            words[6:6] = ["--edition", tab.choose("edition", "one.value")]
            took = tab.calculate()
        settings, figures, said = native(program, files, words)
        wrong = []
        if figures is None:
            if not tab.said() or tab.said() not in said.replace("mucalc: ", "").replace("error: ", ""):
                wrong.append(f"the page says {tab.said()[:150]!r}, the program {said[:150]!r}")
        elif tab.save("Figures (JSON)", "report.json") != figures:
            wrong.append("the figures differ from those of the program")
        elif words and tab.save("Settings (mucalc.toml)", "mucalc.toml") != settings:
            wrong.append("the settings differ from those of the program")
        return f"the same figures ({took:.2f} s to the report)", wrong + tab.wrong


def misuse(browser, page):
    """Do what users do without thinking, and return what goes wrong."""
    fixtures = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
    practice = fixtures / "mid-quarter"
    wrong = []

    def expect(what, is_so):
        if not is_so:
            wrong.append(f"{what}; it says: {tab.said()[:120]!r}")

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as saved, tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        tab = Page(browser, page, pathlib.Path(saved))
        contents = "[...document.querySelectorAll('#exports tbody tr')].map((row) => row.cells[1].textContent)"
        shown = "document.getElementById('page').srcdoc"
        click = lambda find: tab.run(f"{find}.click()")
        hidden = lambda id: tab.run(f"document.getElementById('{id}').hidden")

        # Names like those of outputs and flags, and two files of one name.
        for name, source in [("report.html", "encounters.csv"), ("-x.csv", "messages.csv"), ("a/export.csv", "roster.csv")]:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(practice / source, folder / name)
        (folder / "b").mkdir()
        (folder / "b/export.csv").write_text("note\nhello\n")
        tab.give([folder / "report.html", folder / "-x.csv", folder / "a/export.csv", folder / "b/export.csv"])
        kinds = tab.run(contents)
        expect(f"recognized: {kinds}", [kind.split(":")[0] for kind in kinds] == ["Encounters", "Messages", "Provider roster", "Not recognized"])
        tab.choose("period", "one.value === '2014Q3'")
        for _ in range(2):
            tab.calculate()
            expect("a report of files with odd names", "Family medicine" in tab.run(shown))

        # A link in the report goes to its place in the report, and other answers take the old report away.
        tab.until("!document.getElementById('page').inert")
        tab.run("document.getElementById('page').contentDocument.querySelector('a[href^=\"#\"]').click()")
        expect("a link leads out of the report", tab.run("document.getElementById('page').contentDocument.querySelector('#files') === null"))
        tab.run("document.getElementById('practice').dispatchEvent(new Event('input', { bubbles: true }))")
        expect("the old report stays", hidden("viewer") and hidden("records"))

        # A file that cannot be read shows no other file; a patient who is not there is an error; nothing that failed is saved.
        (folder / "broken.xlsx").write_bytes(b"PK\3\4 not a workbook")
        tab.give([folder / "broken.xlsx"], of=5)
        kinds = tab.run(contents)
        expect(f"a broken file hides the others: {kinds}", kinds[0] == "Encounters" and kinds[4].startswith("Cannot be read: "))
        preview = "[...document.querySelectorAll('#exports button')].find((b) => b.ariaLabel === 'Preview: {}')"
        click(preview.format("report.html"))
        tab.until("!document.getElementById('viewer').hidden")
        click(preview.format("broken.xlsx"))
        tab.until("!document.getElementById('wrong').hidden")
        expect("a broken file is shown", "report.html" in tab.run("document.getElementById('shown').textContent"))
        click("[...document.querySelectorAll('#exports button')].find((b) => b.ariaLabel === 'Remove: broken.xlsx')")
        tab.until("document.querySelectorAll('#exports tbody tr').length === 4")
        tab.calculate()
        tab.run("document.getElementById('patient').value = '-5'")
        click("document.querySelector('#explain button')")
        tab.until("!document.getElementById('wrong').hidden")
        expect("no word about a patient who is not there", "no usable row has this patient id" in tab.said())
        tab.run("document.getElementById('configuration').value += '\\nnonsense = 1'")
        click("document.getElementById('apply')")
        tab.until("!document.getElementById('wrong').hidden")
        expect("settings with a mistake", "nonsense" in tab.said() and hidden("records"))

        # After a stop, the files are still there. The sample replaces the files of the user.
        click("document.getElementById('sample')")
        tab.until("document.querySelectorAll('#exports tbody tr').length === 3")
        tab.run("document.getElementById('calculate').click(); document.getElementById('cancel').click()")
        tab.until("!document.getElementById('wrong').hidden || !document.getElementById('viewer').hidden")
        tab.calculate()
        expect("no report after a stop", "Family medicine" in tab.run(shown))
        return wrong + tab.wrong


def main(page, program, *folders):
    failed = False
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with Browser(chromium) as browser:
        wrong = misuse(browser, pathlib.Path(page))
        failed |= bool(wrong)
        print(f"odd names, mistakes, and stops: {'; '.join(wrong) or 'as they should'}", flush=True)
        for folder in folders:
            came, wrong = check(browser, pathlib.Path(page), pathlib.Path(program).resolve(), pathlib.Path(folder))
            failed |= bool(wrong)
            print(f"{folder}: {'; '.join(wrong) or came}", flush=True)
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
