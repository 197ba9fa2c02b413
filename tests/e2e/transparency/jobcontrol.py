#!/usr/bin/env python3
"""usage: jobcontrol.py [--suspend] SHELL... -- COMMAND...

Types at an interactive SHELL in a terminal: COMMAND, which says "ready", and "tick" at each line that is typed; then ^Z, jobs, fg,
^Z, bg, fg, ^C, whereupon COMMAND says "interrupted N". With --suspend COMMAND stops itself instead, and says "continued"
when fg has been typed. Prints what came of it.
"""
import os
import pty
import re
import select
import sys
import time

PATIENCE = 20


class Terminal:
    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1="$ ", PS2="> ", TERM="dumb", HISTFILE="/dev/null", ENV="/dev/null")
            os.execvp(command[0], command)
        self.seen = ""
        self.log = []

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"{pattern!r} never came; seen: {self.seen!r}; before: {self.log}")
            try:
                self.seen += os.read(self.fd, 4096).decode(errors="replace")
            except OSError:
                sys.exit(f"the terminal ended before {pattern!r}; seen: {self.seen!r}; before: {self.log}")
        self.log.append(found.group(0).strip())
        self.seen = self.seen[found.end():]

    def ask(self, words, answer):
        """The answer is not in what is typed, which comes back as echo."""
        self.type(words + "\n")
        self.expect(answer)


def status(terminal):
    terminal.ask("echo sta''tus $?", r"status \d+\r")


def stopped(terminal):
    terminal.expect(r"Stopped|Suspended")
    status(terminal)
    terminal.ask("jobs >jobs; grep -c -e Stopped -e Suspended jobs; echo jo''bs", r"\d+\r\njobs\r")


def use_keys(terminal):
    for _ in range(3):
        terminal.ask("a line", r"tick\r")
    for background in (False, True):
        terminal.type("\x1a")
        stopped(terminal)
        if background:
            # It reads from the terminal, which is not its own now: SIGTTIN stops it.
            terminal.ask("bg; until jobs >jobs; grep -q Stopped jobs; do sleep 0.01; done; echo in''put", r"input\r")
        terminal.type("fg\n")
        terminal.expect(r"\n")
        terminal.ask("a line", r"tick\r")
    terminal.type("\x03")
    terminal.expect(r"interrupted \d+\r")


def suspend(terminal):
    stopped(terminal)
    terminal.type("fg\n")
    terminal.expect(r"continued\r")


def main(argv):
    scene = use_keys
    if argv[0] == "--suspend":
        scene = suspend
        argv = argv[1:]
    at = len(argv) - 1 - argv[::-1].index("--")
    terminal = Terminal(argv[:at])
    terminal.ask("set -m; echo rea''dy-shell", r"ready-shell\r")
    terminal.ask(" ".join(argv[at + 1:]), r"ready\r")
    scene(terminal)
    status(terminal)
    terminal.ask("jobs >jobs; wc -l <jobs; echo jo''bs", r"\d+\r\njobs\r")
    terminal.type("exit\n")
    print("\n".join(terminal.log))


main(sys.argv[1:])
