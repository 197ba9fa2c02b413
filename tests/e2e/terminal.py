#!/usr/bin/env python3
"""usage: terminal.py COMMAND...

Runs COMMAND in a terminal of its own, as a shell does: types ^C at it, again and again, then ^Z, then lets it go on,
then types ^C once more. The program that COMMAND runs says "ready", then "SIGINT n" and "SIGCONT n" at the nth of each,
and "end" at the first SIGINT after SIGCONT. Each signal must come to it exactly once. Exit status 0: so it was.
"""
import os
import pty
import select
import signal
import sys
import time

PATIENCE = 30
INTERRUPTS = 20


def session(command, told):
    """What a shell does in a terminal: the command has a process group of its own, which is the foreground one. Were it
    the session's leader itself, its group would be an orphan, which the kernel never stops at ^Z."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.closerange(3, 1024)
        os.execvp(command[0], command)
    os.write(told, f"job {job}\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.write(told, b"stopped\n")
    os.write(told, f"status {status}\n".encode())
    # The terminal stays until everything in it has been read.
    while True:
        signal.pause()


class Reader:
    """Waits for words that come through a descriptor."""

    def __init__(self, fd):
        self.fd = fd
        self.seen = ""

    def expect(self, word):
        end = time.monotonic() + PATIENCE
        while word not in self.seen:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"'{word}' never came; seen: {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode(errors="replace")


def tasks(pid):
    return [int(tid) for tid in os.listdir(f"/proc/{pid}/task")]


def take_turns(job):
    """A signal that finds another of its kind waiting is lost in it. To see one that comes double, the program must
    have taken the first one: on one CPU, with its recorder behind it."""
    cpu = {min(os.sched_getaffinity(0))}
    children = [int(pid) for tid in tasks(job) for pid in open(f"/proc/{job}/task/{tid}/children").read().split()]
    for pid in [job, *children]:
        for tid in tasks(pid):
            os.sched_setaffinity(tid, cpu)
    for tid in tasks(job):
        os.sched_setscheduler(tid, os.SCHED_IDLE, os.sched_param(0))


def main(command):
    told_reader, told_writer = os.pipe()
    leader, keyboard = pty.fork()
    if leader == 0:
        session(command, told_writer)
    screen, told = Reader(keyboard), Reader(told_reader)
    told.expect("\n")
    job = int(told.seen.split()[1])
    try:
        screen.expect("ready")
        take_turns(job)
        for number in range(1, INTERRUPTS + 1):
            os.write(keyboard, b"\x03")
            screen.expect(f"SIGINT {number}\r\n")
        os.write(keyboard, b"\x1a")
        told.expect("stopped")
        os.killpg(job, signal.SIGCONT)
        screen.expect("SIGCONT 1")
        # One that came double has shown itself by now: it was taken before the stop.
        if f"SIGINT {INTERRUPTS + 1}" in screen.seen or "SIGCONT 2" in screen.seen:
            sys.exit(f"a signal came twice: {screen.seen!r}")
        os.write(keyboard, b"\x03")
        screen.expect("end")
        told.expect("status 0\n")
    finally:
        # Ended or not, nothing of it stays.
        for end, pid in ((os.killpg, job), (os.kill, leader)):
            try:
                end(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


main(sys.argv[1:])
