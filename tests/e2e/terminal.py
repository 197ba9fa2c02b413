#!/usr/bin/env python3
"""usage: terminal.py COMMAND... terminal.py --child

Runs COMMAND, which ends in `terminal.py --child`, in a terminal of its own, as a shell does: types ^C at it, then ^Z,
then lets it go on. The child tells of each signal; each must come exactly once. Exit status 0: all as it should be.
"""
import os
import pty
import select
import signal
import sys
import time

PATIENCE = 30


def child():
    counts = {signal.SIGINT: 0, signal.SIGCONT: 0}

    def handler(number, _frame):
        counts[number] += 1
        os.write(1, f"{signal.Signals(number).name} {counts[number]}\n".encode())

    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGCONT, handler)
    os.write(1, b"ready\n")
    while counts[signal.SIGCONT] == 0:
        signal.pause()
    # A second ^C is the last; a signal that came double has told of itself by then.
    while counts[signal.SIGINT] < 2:
        signal.pause()
    os.write(1, f"end {counts[signal.SIGINT]} {counts[signal.SIGCONT]}\n".encode())


class Terminal:
    """The other side of the child's terminal."""

    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.seen = ""

    def expect(self, word):
        end = time.monotonic() + PATIENCE
        while word not in self.seen:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"'{word}' never came; seen: {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode(errors="replace")

    def type(self, key):
        os.write(self.fd, key)


def wait_for_stop(pid):
    """The foreground process stops as a whole, so that a shell would get its prompt back."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
        if found:
            if not os.WIFSTOPPED(status):
                sys.exit(f"ended instead of stopping: status {status:#x}")
            return
        time.sleep(0.01)
    sys.exit("^Z did not stop it")


def main(command):
    terminal = Terminal(command)
    terminal.expect("ready")
    terminal.type(b"\x03")
    terminal.expect("SIGINT 1")
    terminal.type(b"\x1a")
    wait_for_stop(terminal.pid)
    os.killpg(terminal.pid, signal.SIGCONT)
    terminal.expect("SIGCONT 1")
    terminal.type(b"\x03")
    terminal.expect("end 2 1")
    _, status = os.waitpid(terminal.pid, 0)
    sys.exit(0 if status == 0 else f"status {status:#x}")


if sys.argv[1:] == ["--child"]:
    child()
else:
    main(sys.argv[1:])
