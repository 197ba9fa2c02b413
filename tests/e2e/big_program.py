#!/usr/bin/env python3
"""Builds a program with much debug information, of many compilation units.

    big_program.py FOLDER UNITS [OPTION-OF-GCC...]

One unit is compiled; the others are copies of its object in which the unit's name, which
is everywhere of the same length, is replaced. So a program of hundreds of megabytes takes as long as linking
it. FOLDER/big is the program: unit u00042.c has functions u00042_work_0 and so on, the static
function `parse`, and `shared` from shared.h; FOLDER/big prints the address of u00000_work_0.
"""
import os
import subprocess
import sys

FUNCTIONS = 40
STRUCTURES = 120
HEADERS = 30


def header(number):
    lines = [f"#ifndef H{number}", f"#define H{number}"]
    for structure in range(STRUCTURES // HEADERS):
        name = f"record_{number}_{structure}"
        lines.append(f"struct {name} {{ struct {name} *next;")
        lines += [f"\tint field_{field}; long wide_{field}; const char *text_{field};" for field in range(6)]
        lines.append("};")
    return "\n".join(lines + ["#endif", ""])


def unit():
    lines = [f'#include "h{number}.h"' for number in range(HEADERS)]
    lines += ['#include "shared.h"', "extern volatile long sink;",
              "static __attribute__((noinline)) long parse(long n) { sink = n; return n + sink; }"]
    for function in range(FUNCTIONS):
        record = f"record_{function % HEADERS}_{function % (STRUCTURES // HEADERS)}"
        lines += [f"long u00000_work_{function}(struct {record} *first, long n)", "{",
                  "\tlong total = shared(n);", f"\tfor (struct {record} *at = first; at; at = at->next) {{"]
        lines += [f"\t\tlong part_{part} = at->field_{part} * n + at->wide_{part};\n\t\ttotal += part_{part};"
                  for part in range(6)]
        lines += ["\t}", "\treturn parse(total);", "}"]
    return "\n".join(lines) + "\n"


def write(folder, name, text):
    with open(f"{folder}/{name}", "w") as file:
        file.write(text)


def main():
    folder, units, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    for number in range(HEADERS):
        write(folder, f"h{number}.h", header(number))
    write(folder, "shared.h", "extern volatile long sink;\n"
          "static __attribute__((noinline)) long shared(long n) { sink = n * 3; return sink; }\n")
    write(folder, "u00000.c", unit())
    write(folder, "main.c", "#include <stdio.h>\nvolatile long sink;\nlong u00000_work_0(void *, long);\n"
          'int main(void) { printf("%p\\n", (void *)u00000_work_0); return u00000_work_0(0, 1) == 7; }\n')
    subprocess.run(["gcc", "-g", "-O1", *options, "-c", "main.c", "u00000.c"], cwd=folder, check=True)
    with open(f"{folder}/u00000.o", "rb") as file:
        template = file.read()
    names = ["main.o"]
    for number in range(units):
        names.append(f"u{number:05}.o")
        with open(f"{folder}/{names[-1]}", "wb") as file:
            file.write(template.replace(b"u00000", f"u{number:05}".encode()))
    write(folder, "objects", "\n".join(names) + "\n")
    subprocess.run(["gcc", *options, "-no-pie", "-Wl,--build-id", "-o", "big", "@objects"], cwd=folder, check=True)
    for name in names:
        os.remove(f"{folder}/{name}")


main()
