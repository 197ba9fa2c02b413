#!/usr/bin/env python3
"""usage: core_text.py CORE

Compares the code that a core file holds with the files that it was mapped from, and prints for each file how many of its bytes of code the
core has, then signal and threads. Code that comes from no file, and threads outside of the files' code or in the midst of an instruction
of the program, are differences too. Exit status 1: there are some.
"""
import re
import struct
import subprocess
import sys

PT_LOAD, PT_NOTE, PF_X = 1, 4, 1
NT_PRSTATUS, NT_FILE, NT_SIGINFO = 1, 0x46494C45, 0x53494749
RIP = 112 + 16 * 8  # struct elf_prstatus: pr_reg, and rip in it

core = open(sys.argv[1], "rb").read()
assert core[:4] == b"\x7fELF" and core[4] == 2, "no 64-bit ELF file"
offset, = struct.unpack_from("<Q", core, 32)
count, = struct.unpack_from("<H", core, 56)
headers = [struct.unpack_from("<IIQQQQQQ", core, offset + 56 * i) for i in range(count)]


def notes(start, size):
    at = start
    while at < start + size:
        name_size, size_, kind = struct.unpack_from("<III", core, at)
        at += 12 + (name_size + 3) // 4 * 4
        yield kind, core[at:at + size_]
        at += (size_ + 3) // 4 * 4


def read_files(note):
    number, page = struct.unpack_from("<QQ", note)
    names = note[16 + 24 * number:].split(b"\0")
    for i in range(number):
        start, end, first = struct.unpack_from("<QQQ", note, 16 + 24 * i)
        yield start, end, first * page, names[i].decode()


differences = 0
files, pcs, signal = [], [], None
for kind, _, start, _, _, size, _, _ in headers:
    if kind == PT_NOTE:
        for kind_, note in notes(start, size):
            if kind_ == NT_FILE:
                files += read_files(note)
            elif kind_ == NT_PRSTATUS:
                pcs.append(struct.unpack_from("<Q", note, RIP)[0])
            elif kind_ == NT_SIGINFO:
                signal = struct.unpack_from("<iii", note)


def file_at(address):
    return next((entry for entry in files if entry[0] <= address < entry[1]), None)


def code_end(path):
    """Where the code ends in the file; what the page has behind it is nobody's."""
    data = open(path, "rb").read()
    first, = struct.unpack_from("<Q", data, 32)
    number, = struct.unpack_from("<H", data, 56)
    segments = [struct.unpack_from("<IIQQQQ", data, first + 56 * i) for i in range(number)]
    return max(at + length for kind, flags, at, _, _, length in segments if kind == PT_LOAD and flags & PF_X)


compared = {}
for kind, flags, start, address, _, size, memory, _ in headers:
    if kind != PT_LOAD or not flags & PF_X or memory == 0:
        continue
    found = file_at(address)
    if found is None:
        if memory > 8192:  # larger than vDSO and vsyscall
            print(f"code at {address:#x}, {memory} bytes, that is of no file")
            differences += 1
        continue
    first = found[2] + address - found[0]
    size = min(size, code_end(found[3]) - first)
    with open(found[3], "rb") as file:
        file.seek(first)
        expected = file.read(size).ljust(size, b"\0")
    got = core[start:start + size]
    compared[found[3]] = compared.get(found[3], 0) + size
    for i in [i for i in range(size) if expected[i] != got[i]][:3] if expected != got else []:
        print(f"{found[3]}: byte at {address + i:#x} is {got[i]:02x}, in the file {expected[i]:02x}")
        differences += 1

for pc in pcs:
    found = file_at(pc)
    if found is None or found[2] + pc - found[0] >= code_end(found[3]):
        print(f"pc {pc:#x} is in no file's code")
        differences += 1


def instructions(path):
    listing = subprocess.run(["objdump", "-d", path], capture_output=True, text=True, check=True).stdout
    return {int(address, 16) for address in re.findall(r"^ +([0-9a-f]+):\t", listing, re.M)}


program = files[0][3]
known = instructions(program)
base = min(start - first for start, _, first, path in files if path == program)
bias = base if min(known) < base else 0
for pc in pcs:
    found = file_at(pc)
    if found and found[3] == program and pc - bias not in known:
        print(f"pc {pc:#x}, {pc - bias:#x} in the file, is in the midst of an instruction")
        differences += 1
for name, size in sorted(compared.items()):
    print(f"{name}: {size} bytes of code")
print(f"signal {signal[0]} errno {signal[1]} code {signal[2]}, {len(pcs)} threads")
sys.exit(differences > 0)
