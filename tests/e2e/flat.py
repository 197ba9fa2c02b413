#!/usr/bin/env python3
"""usage: flat.py ROUNDS COMMAND...

Runs COMMAND, whose program says "round" after each round but its last and then waits for a line. Meanwhile it looks at COMMAND's own process:
its descriptors and its memory must be as after the first half of the rounds, which warm it up. Prints what it saw;
exit status 1 if it grew, or COMMAND failed.
"""
import os
import subprocess
import sys

MEMORY_KIB = 512  # what buffers may still gather on a loaded machine, less than what many rounds leak


def seen(pid):
    with open(f"/proc/{pid}/status", encoding="utf8") as status:
        anonymous = next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))
    with open(f"/proc/{pid}/maps", encoding="utf8") as maps:
        return {"fds": len(os.listdir(f"/proc/{pid}/fd")), "tasks": len(os.listdir(f"/proc/{pid}/task")),
                "maps": sum(1 for _ in maps), "KiB": anonymous}


rounds = int(sys.argv[1])
run = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
figures = []
for line in run.stdout:
    if line == b"round\n":
        figures.append(seen(run.pid))
        print(figures[-1])
        run.stdin.write(b"\n")
        run.stdin.flush()
status = run.wait()
grown = len(figures) != rounds - 1 or status != 0
warm = figures[len(figures) // 2:] or [{}]
for name in warm[0]:
    grown |= warm[-1][name] > warm[0][name] + (MEMORY_KIB if name == "KiB" else 3 if name == "maps" else 0)
print(f"status {status}", "grown" if grown else "flat")
sys.exit(grown)
