#!/usr/bin/env python3
"""usage: hostile.py FILE.dat

Writes a recording whose command line, function, module, source, thread and process names try to run something, to break out of
what holds them, or to steer a terminal. What they try leaves a file HARM, opens a dialog, or asks for http://harm.invalid/.
"""
import sys

NAMES = [
    "`touch HARM`", "$(touch HARM)", "'`touch HARM`'", "'''''touch HARM''", "\"; system(\"touch HARM\"); \"",
    "'; system('touch HARM'); '", "a\nset output 'HARM'\nsystem('touch HARM')\n", "end \\", "@HARM ^{HARM}_{x} %HARM %s%n",
    "<script>alert(1)</script>", "</script><script>alert(2)</script>", "]]></script><script>alert(3)</script>",
    "<img src=x onerror=alert(4)>", "\"><image href=\"http://harm.invalid/\"/>", "';alert(5);'", "\\u003cscript>alert(6)//",
    "</title><script>alert(7)</script>", "-->${alert(8)}<!--", "&lt;script&gt; &amp; &#x3c;", "EOD\nsystem('touch HARM')\n",
    "\033[31mred\033]0;HARM\a\033[2J", "\x9b31m\x90q#HARM\x9c", "right \u202e tfel \u2066 \u200f mark", "\u2028alert(9)\u2029",
    "zero \u200b width \ufeff", "bytes \udcff\udcc0\udc80", "L" * 65536, "日本語" * 20000, "#!/bin/sh", "$coords << EOD",
]
START = 1700000000


def encoded(name):
    """As in FN and FUNC: what is not plain is %XX."""
    plain = lambda byte: 0x21 <= byte < 0x7f and chr(byte) not in ".$%"
    return "".join(chr(byte) if plain(byte) else f"%{byte:02X}" for byte in name.encode("utf-8", "surrogateescape"))


def main():
    with open(sys.argv[1], "w", encoding="utf-8", errors="surrogateescape") as out:
        command = " ".join("'" + name.replace("'", "'\\''").replace("\n", " ") + "'" for name in NAMES)
        out.write(f"CMDLINE {command}\n")
        out.write(f"FMPROF 1 start={START}.000000000 interval=0.01 pid=1 host={encoded(NAMES[0])} exe={encoded(NAMES[9])} metrics=rss\n")
        for i, name in enumerate(NAMES, 1):
            word = encoded(name)
            out.write(f"TASK 1 {i} {START}.000000000 start {word}\n")
            out.write(f"TASK {100 + i} {100 + i} {START}.000000000 start {word}\n")
            out.write(f"FN {i} {word} /{word} 0x{i:x} {word}:{i} {word}\n")
        out.write(f"MEM 1.000000 {START}.000000000\n")
        for i, name in enumerate(NAMES, 1):
            out.write(f"CHLD {100 + i} {i}.000000 {START + i}.100000000\n")
            out.write(f"ENTER {i} {i} 1 {i} 0 {i}.000000 {START + i}.200000000\n")
            out.write(f"MEM {i + 1}.000000 {START + i}.400000000\n")
            out.write(f"FUNC {encoded(name)} {i}.000000 {START + i}.200000000 {i + 1}.000000 {START + i}.900000000 0 "
                      f"call={i} fn={i} pid=1 tid={i} end=return time=exact\n")
        out.write(f"END {START + len(NAMES) + 2}.000000000 exit=0 peak=40.000000 calls={len(NAMES)}\n")


if __name__ == "__main__":
    main()
