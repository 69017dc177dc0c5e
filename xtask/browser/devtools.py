"""A client of the Chrome DevTools Protocol, with the standard library alone."""
import base64
import hashlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 20  # seconds for one answer of the browser
FLAGS = """--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0 --no-first-run
 --disable-dev-shm-usage --disable-background-networking --disable-component-update --disable-sync
 --disable-breakpad --disable-extensions --hide-crash-restore-bubble""".split()
# No name resolves: a page that asks for something elsewhere is found out, and gets nothing.
FLAGS.append("--host-resolver-rules=MAP * ~NOTFOUND")


class Trouble(Exception):
    """The check itself could not be done."""


class WebSocket:
    """As much of RFC 6455 as the Chrome DevTools Protocol needs."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        answer = b"".join(iter(self.file.readline, b"\r\n")).decode("latin-1")
        guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # the constant of the RFC
        proof = base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()
        if " 101 " not in answer.split("\r\n")[0] + " " or proof not in answer:
            raise Trouble(f"the browser refused the connection: {answer[:60]!r}")

    def send(self, data, opcode=1):
        size, mask = len(data), os.urandom(4)
        if size < 126:
            head = bytes([0x80 | opcode, 0x80 | size])
        elif size < 1 << 16:
            head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
        # One exclusive or of two long numbers is much faster than one for each byte.
        pad = (mask * (size // 4 + 1))[:size]
        masked = int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")
        self.socket.sendall(head + mask + masked.to_bytes(size, "big"))

    def frame(self):
        head = self.exactly(2)
        size = head[1] & 0x7F
        if size > 125:
            size = int.from_bytes(self.exactly(2 if size == 126 else 8), "big")
        return head[0] & 0x80, head[0] & 0x0F, self.exactly(size)

    def exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise Trouble("the browser closed the connection")
        return data

    def receive(self):
        whole = b""
        while True:
            final, opcode, data = self.frame()
            if opcode == 9:
                self.send(data, 10)  # a ping asks for a pong
            elif opcode == 8:
                raise Trouble("the browser closed the connection")
            elif opcode < 3:
                whole += data
                if final:
                    return whole


class Browser:
    """A Chromium with a profile of its own; both are gone when the block ends."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="page-check-")
        self.log = pathlib.Path(self.profile, "log")
        # A home of its own keeps settings and caches of the user out, and ours away from them.
        home = dict(os.environ, HOME=self.profile, XDG_CONFIG_HOME=self.profile,
                    XDG_CACHE_HOME=self.profile, TMPDIR=self.profile)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
                stdout=log, stderr=log, env=home, start_new_session=True)

    def __enter__(self):
        try:
            self.socket = WebSocket(*self.address())
        except BaseException:
            self.__exit__()
            raise
        self.ids = itertools.count(1)
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for _ in range(20):  # its children may still be writing for a moment
            shutil.rmtree(self.profile, ignore_errors=True)
            if not os.path.exists(self.profile):
                break
            time.sleep(0.05)

    def address(self):
        file = pathlib.Path(self.profile, "DevToolsActivePort")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            lines = file.read_text().split() if file.exists() else []
            if len(lines) == 2:
                return int(lines[0]), lines[1]
            time.sleep(0.02)
        last = (self.log.read_text(errors="replace").strip().split("\n"))[-1]
        raise Trouble(f"Chromium did not start within {PATIENCE} s; it said: {last[:200]}")

    def call(self, method, session=None, note=lambda event: None, **params):
        """Send a command and wait for its answer; events that come before it go to `note`."""
        number, end = next(self.ids), time.monotonic() + PATIENCE
        message = {"id": number, "method": method, "params": params}
        self.socket.send(json.dumps(message | ({"sessionId": session} if session else {})).encode())
        while True:
            answer = self.next(end, method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise Trouble(f"{method}: {answer['error']['message']}")
                return answer["result"]
            note(answer)

    def next(self, end, what):
        # The end is looked at each time: a page that never stops talking must not hold us up.
        self.socket.socket.settimeout(max(end - time.monotonic(), 0.001))
        try:
            return json.loads(self.socket.receive())
        except TimeoutError:
            raise Trouble(f"timed out: no answer to {what} within {PATIENCE} s") from None
