#!/usr/bin/env python3
"""usage: usage.py FILE COMMAND...

Runs COMMAND, writes "maxrss=KIB cpu=SECONDS" of it into FILE, and ends with its status (128 + n if signal n killed
it). maxrss is that of the largest process among COMMAND and those that it waited for.
"""
import resource
import subprocess
import sys

status = subprocess.run(sys.argv[2:], check=False).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(f"maxrss={used.ru_maxrss}\ncpu={used.ru_utime + used.ru_stime:.3f}\n")
sys.exit(status if status >= 0 else 128 - status)
