#!/usr/bin/env python3
"""usage: browser.py [--beside] PAGE [STEP...]

Opens PAGE in a headless Chromium and prints one line for each thing seen. Steps, in order: `wheel X Y DELTA`, `drag X Y X2`,
`move X Y`, `double X Y`, `shot FILE.png`, `js EXPRESSION` (its value is printed), each one an argument. X and Y are parts of
the width and height, 0 to 1. After each step two frames are drawn. Ends with 1 if the page said anything on its console, threw,
or asked for anything but itself; with --beside, for anything but files of its folder. `as dark` and `as phone` are steps, too: what
the page is told to be shown as.

Gives up after a minute. Speaks with the browser through --remote-debugging-pipe (descriptors 3 and 4), so that it opens no port.
"""
import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

WIDTH, HEIGHT = 1200, 700
SECONDS = 60


class Browser:
    def __init__(self, folder):
        self.to_read, to_write = os.pipe()
        from_read, self.from_write = os.pipe()
        self.to_write, self.from_read = to_write, from_read
        program = shutil.which("chromium") or shutil.which("chromium-browser")

        def pipes():
            high = [os.dup(self.to_read), os.dup(self.from_write)]
            high = [os.dup2(fd, 50 + i) for i, fd in enumerate(high)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
             f"--user-data-dir={folder}", f"--window-size={WIDTH},{HEIGHT}", "--remote-debugging-pipe", "about:blank"],
            close_fds=False, preexec_fn=pipes, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(self.to_read)
        os.close(self.from_write)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.from_read, 1 << 20)
            if not piece:
                sys.exit("browser: it is gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"browser: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def evaluate(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"browser: {expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def mouse(browser, kind, x, y, **more):
    browser.ask("Input.dispatchMouseEvent", type=kind, x=float(x) * WIDTH, y=float(y) * HEIGHT, **more)


def step(browser, words):
    if words[0] == "wheel":
        mouse(browser, "mouseWheel", words[1], words[2], deltaX=0, deltaY=float(words[3]))
    elif words[0] == "move":
        mouse(browser, "mouseMoved", words[1], words[2])
    elif words[0] == "drag":
        held = {"button": "left", "buttons": 1, "clickCount": 1}
        mouse(browser, "mousePressed", words[1], words[2], **held)
        mouse(browser, "mouseMoved", words[3], words[2], **held)
        mouse(browser, "mouseReleased", words[3], words[2], **held)
    elif words[0] == "double":
        for clicks in (1, 2):
            for kind in ("mousePressed", "mouseReleased"):
                mouse(browser, kind, words[1], words[2], button="left", clickCount=clicks)
    elif words[0] == "shot":
        pathlib.Path(words[1]).write_bytes(base64.b64decode(browser.ask("Page.captureScreenshot")["data"]))
    elif words == ["as", "dark"]:
        browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    elif words == ["as", "phone"]:
        browser.ask("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
    elif words[0] == "js":
        print(browser.evaluate(" ".join(words[1:])))
    else:
        sys.exit(f"browser: unknown step: {' '.join(words)}")
    browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def complaints(browser, url, folder):
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and params["request"]["url"] != url \
                and not params["request"]["url"].startswith("data:") \
                and not (folder and params["request"]["url"].startswith(folder)):
            yield "asked for " + params["request"]["url"]
        elif method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening"):
            yield f"{method}: {json.dumps(params)[:400]}"


def give_up(number, _):
    sys.exit(f"browser: {'no answer' if number == signal.SIGALRM else 'ended from outside'}")


def main():
    # By an exception, so that the browser ends too.
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, give_up)
    signal.alarm(SECONDS)
    beside = sys.argv[1] == "--beside"
    page, *steps = sys.argv[1 + beside:]
    url = pathlib.Path(page).resolve().as_uri()
    folder_url = pathlib.Path(page).resolve().parent.as_uri() + "/" if beside else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser.ask(domain + ".enable")
            browser.ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)
            browser.events.clear()
            browser.ask("Page.navigate", url=url)
            browser.wait("Page.loadEventFired")
            for words in steps:
                step(browser, words.split())
            wrong = list(complaints(browser, url, folder_url))
        finally:
            browser.end()
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


main()
