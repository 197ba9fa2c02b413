#!/usr/bin/env python3
"""Asks `fmprof symbols --json` and compares it with what readelf and gdb say.

    symbols.py valid FILE.json             it is what docs/symbols.schema.json says
    symbols.py functions FILE.json BINARY  it has the functions of the symbol table, each with its size
    symbols.py lines FILE.json BINARY SOURCE    functions of the source file start where gdb says
    symbols.py get FILE.json NAME KEY      prints that value
"""
import json
import os
import re
import subprocess
import sys

# Pieces of functions, and C++'s thunks, are none.
NO_FUNCTION = re.compile(r"\.cold(\.\d+)?$|\.part\.\d+|\.resolver$|^_ZT[hvc]")


def read(path):
    with open(path, encoding="utf8") as file:
        return json.load(file)


def valid(path):
    import jsonschema
    schema = read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/symbols.schema.json"))
    jsonschema.validate(read(path), schema)


def readelf_functions(binary):
    """address -> sizes; of .symtab if there is one"""
    tables, table = {}, None
    text = subprocess.run(["readelf", "-sW", binary], capture_output=True, text=True, check=True, errors="replace").stdout
    for line in text.splitlines():
        start = re.match(r"Symbol table '(.*)'", line)
        if start:
            table = tables.setdefault(start.group(1), {})
        fields = line.split(None, 7)
        if len(fields) == 8 and fields[3] in ("FUNC", "IFUNC") and fields[6] != "UND" and int(fields[1], 16):
            if not NO_FUNCTION.search(fields[7].split("@")[0]):
                table.setdefault(int(fields[1], 16), set()).add(int(fields[2], 0))
    return tables.get(".symtab") or tables[".dynsym"]


def functions(path, binary):
    ours = {int(entry["address"], 16): entry for entry in read(path) if entry["kind"] in ("function", "ifunc")}
    theirs = readelf_functions(binary)
    if not ours or set(ours) != set(theirs):
        sys.exit(f"{binary}: {len(ours)} functions, readelf has {len(theirs)}; "
                 f"only one has {[hex(address) for address in sorted(set(ours) ^ set(theirs))[:10]]}")
    for address, sizes in theirs.items():
        # What has no size in the symbol table may have one in the debug information.
        if ours[address]["kind"] == "function" and ours[address]["size"] not in sizes and sizes != {0}:
            sys.exit(f"{binary}: {address:#x}: size {ours[address]['size']}, readelf has {sizes}")


def lines(path, binary, source):
    ours = {entry["line"] for entry in read(path) if entry["file"] and entry["file"].endswith("/" + source)}
    text = subprocess.run(["gdb", "-q", "-batch", "-nx", "-ex", "info functions -n", binary], capture_output=True, text=True,
                          check=True).stdout
    theirs, inside = set(), False
    for line in text.splitlines():
        if line.startswith("File "):
            inside = line.endswith("/" + source + ":")
        elif inside and re.match(r"\d+:", line):
            theirs.add(int(line.split(":")[0]))
    if not ours or ours != theirs:
        sys.exit(f"{binary}: functions at lines {sorted(ours)} of {source}, gdb has {sorted(theirs)}")


def get(path, name, key):
    for entry in read(path):
        if entry["name"] == name:
            print(json.dumps(entry[key]) if isinstance(entry[key], list) else entry[key])
            return
    sys.exit(f"no {name} in {path}")


COMMANDS = {"valid": valid, "functions": functions, "lines": lines, "get": get}
COMMANDS[sys.argv[1]](*sys.argv[2:])
