#!/usr/bin/env python3
"""Check self-contained HTML pages in headless Chromium, with the standard library alone.

Each page is opened from its file at four widths, light and dark, with and without script. What
is looked at inside the page is in page.js; devtools.py talks to the browser. Prints one line a
failure, then one line a page. Ends with 0 if all is well, else with 1.
"""
import argparse
import base64
import collections
import itertools
import json
import pathlib
import re
import shutil
import signal
import sys
import time
import urllib.parse

from devtools import PATIENCE, Browser, Trouble

WIDTHS, SCHEMES = (360, 390, 768, 1280), ("light", "dark")
PHONE = 600  # narrower screens lay their scroll bars over the page
PAPER = 695  # CSS pixels between the margins of a sheet of A4
LONGEST = 60  # characters of a page's text in a line: pages may be confidential
INSIDE = pathlib.Path(__file__).with_name("page.js")

State = collections.namedtuple("State", "width scheme script")


class Tab:
    """One page in one tab, and what was found there: failure -> the states that show it."""

    def __init__(self, browser, file, allowed):
        self.browser, self.file, self.allowed = browser, file, allowed
        self.url = file.resolve().as_uri()
        self.inside = INSIDE.read_text(encoding="utf-8")
        self.found, self.state, self.loaded, self.skipped = {}, None, False, 0
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call(
            "Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def call(self, method, **params):
        return self.browser.call(method, self.session, self.note, **params)

    def fail(self, what, path="", text=""):
        text = " ".join(str(text).split())
        key = (re.sub(r"contrast [\d.]+", "contrast too low", what), path)
        self.found.setdefault(key, (what, text, set()))[2].add(self.state)

    def note(self, event):
        name, data = event.get("method"), event.get("params", {})
        if event.get("sessionId") != self.session:
            return
        if name == "Page.loadEventFired":
            self.loaded = True
        elif name == "Runtime.exceptionThrown":
            thrown = data["exceptionDetails"]
            self.fail("exception", "", thrown.get("exception", {}).get("description", thrown["text"]))
        elif name == "Runtime.consoleAPICalled" and data["type"] in ("error", "warning", "assert"):
            words = [str(x.get("value", x.get("description", ""))) for x in data["args"]]
            self.fail("console " + data["type"], "", " ".join(words))
        elif name == "Log.entryAdded" and data["entry"]["level"] in ("error", "warning"):
            self.fail("log " + data["entry"]["level"], "", data["entry"]["text"])
        elif name in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            self.request(data["request"]["url"] if "request" in data else data["url"])
        elif name == "Page.javascriptDialogOpening":  # it would hold up everything else
            self.fail("opens a dialog", "", data["message"])
            self.browser.socket.send(json.dumps({
                "id": next(self.browser.ids), "method": "Page.handleJavaScriptDialog",
                "sessionId": self.session, "params": {"accept": True}}).encode())

    def request(self, url):
        if url.split("#")[0] != self.url and not any(url.startswith(x) for x in self.allowed):
            self.fail("request", "", url)

    def run(self, code):
        """The value of an expression that uses the library of page.js."""
        whole = "(() => {" + self.inside + "\nreturn (" + code + ");\n})()"
        answer = self.call("Runtime.evaluate", expression=whole, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            text = answer["exceptionDetails"].get("exception", {}).get("description", "")
            raise Trouble(f"page.js, {code}: {text[:300]}")
        return answer["result"].get("value")

    def check(self, code):
        for failure in self.run(code):
            self.fail(*failure)

    def paint(self, scheme, media="screen"):
        self.state = self.state._replace(scheme=scheme)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def open(self, width, scheme, script, media="screen"):
        """Load the page anew, so that nothing done to it before leaves a trace."""
        self.state, self.loaded = State(width, scheme, script), False
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setScrollbarsHidden", hidden=width < PHONE or media == "print")
        self.paint(scheme, media)
        answer = self.call("Page.navigate", url=self.url)
        if "errorText" in answer:
            raise Trouble(f"cannot open the page: {answer['errorText']}")
        end = time.monotonic() + PATIENCE
        while not self.loaded:
            self.note(self.browser.next(end, "opening the page"))

    def press(self, key, code, text=""):
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text,
                  **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def look(self, script, printed=False):
        seen = self.run(f"look({json.dumps(script)}, {json.dumps(printed)})")
        for address in seen["wanted"]:
            self.request(urllib.parse.urljoin(self.url, address))
        self.skipped = max(self.skipped, seen["skipped"])
        for failure in seen["found"]:
            self.fail(*failure)

    def walk(self):
        """Press Tab once for each thing that can be reached: each must come when its turn is."""
        for i in range(self.run("stops().length")):
            self.press("Tab", 9)
            failures = self.run(f"stop({i})")
            for failure in failures:
                self.fail(*failure)
            if any("in order" in f[0] for f in failures):
                break  # all that follows is out of step as well

    def use(self):
        """Use the controls: sort tables, and type a word that is nowhere into each filter."""
        self.check("sorts()")
        for i in range(self.run("fields().length")):
            before = self.run(f"(fields()[{i}].focus(), rows())")
            for letter in "zqxj":
                self.press(letter, ord(letter.upper()), letter)
            if before and self.wait(lambda rows: len(rows) < len(before)):
                self.check(f"[fail('typing in the filter hides no row', fields()[{i}])]")
            for _ in "zqxj":
                self.press("Backspace", 8)
            if self.wait(lambda rows: rows == before):
                self.check(f"[fail('emptying the filter does not restore the rows', fields()[{i}])]")

    def wait(self, good):
        """Whether the rows are still not good after half a second."""
        end = time.monotonic() + 0.5
        while not good(self.run("rows()")):
            if time.monotonic() > end:
                return True
        return False

    def paper(self, script):
        self.open(PAPER, "print", script, "print")
        if script:  # pages may unfold themselves for the printer
            self.run("dispatchEvent(new Event('beforeprint'))")
        self.check("unprinted()")
        self.look(True, printed=True)
        if script:
            self.run("dispatchEvent(new Event('afterprint'))")
        self.paint("print", "")
        pdf = base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        if not pdf.startswith(b"%PDF-") or not pages:
            self.fail("printing gives no page")
        return pdf, pages

    def shoot(self, folder):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                          optimizeForSpeed=True, clip=dict(size, scale=1))
        width, scheme, script = self.state
        name = f"{self.file.stem}-{width}-{scheme}{'' if script else '-noscript'}.png"
        (folder / name).write_bytes(base64.b64decode(image["data"]))

    def settle(self):
        """Give requests that the page makes late the time to show."""
        time.sleep(0.2)
        self.run("0")

    def all(self, shots):
        pages = []
        for script in (True, False):
            # The slow walk with Tab is taken once a width, in turn in one scheme and the other.
            for width, schemes in zip(WIDTHS, itertools.cycle((SCHEMES, SCHEMES[::-1]))):
                self.open(width, schemes[0], script)
                for scheme in schemes:
                    self.paint(scheme)
                    self.look(script)
                    if shots:
                        self.shoot(shots)
                self.walk()
                if script:
                    self.use()
            self.settle()
            pdf, count = self.paper(script)
            pages.append(count)
            if shots and script:
                (shots / (self.file.stem + ".pdf")).write_bytes(pdf)
        return pages


def where(states):
    """The states that show a failure, as few words as possible."""
    widths = sorted({s.width for s in states})
    schemes = [x for x in (*SCHEMES, "print") if any(s.scheme == x for s in states)]
    scripts = {s.script for s in states}
    script = "" if len(scripts) > 1 else ", script" if scripts.pop() else ", no script"
    return f"{'/'.join(map(str, widths))}, {'/'.join(schemes)}{script}"


def report(file, found):
    for (_, path), (what, text, states) in found.items():
        text = text if len(text) <= LONGEST else text[:LONGEST - 1] + "\u2026"
        print(": ".join(x for x in (file.name, where(states), what, path[-LONGEST:], text) if x))


def check(browser, file, options):
    tab = Tab(browser, file, options.allow)
    try:
        pages = tab.all(options.shots)
    except Trouble as trouble:
        raise Trouble(f"{file.name}: {trouble}") from None
    finally:
        report(file, tab.found)
    tab.close()
    if options.most and max(pages) > options.most:
        print(f"{file.name}: {max(pages)} pages printed, more than {options.most}")
        return False
    print(f"{file.name}: {len(tab.found)} failures; {pages[0]} pages printed, {pages[1]} without "
          f"script; {tab.skipped} texts on a picture, contrast unknown")
    return not tab.found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chromium", metavar="PATH", help="the browser [default: found in PATH]")
    parser.add_argument("--shots", metavar="FOLDER", type=pathlib.Path,
                        help="write screenshots and the print here")
    parser.add_argument("--allow", metavar="START", action="append", default=[],
                        help="addresses that a page may ask for, by their start, as data:image/png")
    parser.add_argument("--most", metavar="N", type=int,
                        help="the most printed pages that a page may have")
    parser.add_argument("pages", metavar="PAGE.html", nargs="+", type=pathlib.Path)
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the browser is ended as well
    names = [options.chromium] if options.chromium else ["chromium", "chromium-browser", "google-chrome"]
    program = next(filter(None, map(shutil.which, names)), None)
    try:
        if not program:
            raise Trouble(f"no {' or '.join(names)} here")
        if options.shots:
            options.shots.mkdir(parents=True, exist_ok=True)
        with Browser(program) as browser:
            return 0 if all([check(browser, file, options) for file in options.pages]) else 1
    except (Trouble, OSError) as trouble:
        print(f"page.py: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
