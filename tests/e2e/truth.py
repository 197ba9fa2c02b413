#!/usr/bin/env python3
"""Compares a recording with what the traced program says that it must show.

usage: truth.py [--cut] [--times] FILE.dat [TRUTH.txt]

TRUTH.txt is the program's stdout; its lines that begin with "truth " are described in testprogs/README.md.
Without it only the file's own laws are checked, which hold for every file (see LAWS). With --cut the file
may end anywhere: END and ends of calls may be missing, and truths are upper bounds.
With --times it also tells how far leaves lie from what the program knew.
Prints every mismatch. Exit status: 0 all right, 1 mismatches, 2 nothing could be compared.
"""
import os
import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from statistics import median

LAWS = {
    "line": "every line is whole and of a known kind",
    "header": "CMDLINE and FMPROF 1 come first",
    "order": "times never go back (FUNC by t_out, unless time=noticed)",
    "function": "FN comes before its first use, once; its name has no space, dot or $; FUNC has the same name; after FNEND it is not "
                "called any more",
    "call": "call numbers ascend; each ENTER has one FUNC with equal enter figures",
    "nesting": "depth is the number of open calls of the thread; inner calls end first",
    "sample": "each bracket has a MEM line",
    "peak": "a peak is no less than RSS at the ends of its call",
    "process": "a process starts once and ends once, and its peak is no less than those of its samples",
    "end": "END is the last line, has the number of ENTERs, and no call is open there",
}
SHOWN_PER_LAW = 20
DOUBTED_MOST = 1000
# How far a leave may lie from when the program knew of it: in the median of all that it tells, if they are enough for
# one. A single one says little, as either process may wait for a CPU in between: it must not be another moment's.
# Full size is for quiet machines.
LEAVE_MEDIAN_NS = 50_000 if os.environ.get("FMPROF_STRESS") else 1_000_000
LEAVE_MOST_NS, LEAVES_ENOUGH = 50_000_000, 20

# Times have ten digits before the point until the year 2286, so they compare as text.
TIME = rb"(\d{10}\.\d{9})"
MIB = rb"(\d+\.\d{6})"
KEYS = rb"(?: [a-z_]+=\S+)*"
ENTER = re.compile(rb"ENTER (\d+) (\d+) (\d+) (\d+) (\d+) " + MIB + b" " + TIME + rb"\n").fullmatch
FUNC = re.compile(
    rb"FUNC (\S+) " + MIB + b" " + TIME + b" " + MIB + b" " + TIME + rb" (\d+)"
    rb" call=(\d+) fn=(\d+) pid=(\d+) tid=(\d+)"
    rb" end=(return|tail|unwound|longjmp|thread-exit|exit|exec|killed|detached) time=(exact|noticed)"
    rb"(?: peak=" + MIB + rb" peak_is=(exact|least))?\n").fullmatch
MEM = re.compile(rb"MEM " + MIB + b" " + TIME + KEYS + rb"\n").fullmatch
FN = re.compile(rb"FN (\d+) (\S+) (\S+) 0x[0-9a-f]+ (-|\S+:\d+) (.+)\n").fullmatch
OTHER = {
    b"CMDLINE": re.compile(rb"CMDLINE .*()\n").fullmatch,
    b"FMPROF": re.compile(rb"FMPROF 1 start=" + TIME + KEYS + rb"\n").fullmatch,
    b"TASK": re.compile(rb"TASK \d+ \d+ " + TIME + rb" (?:start|exec|exit) .*\n").fullmatch,
    b"PROC": re.compile(
        rb"PROC \d+ " + TIME + rb" (?:start(?: parent=\d+)?(?: how=(?:fork|vfork|clone))?|"
        rb"end (?:exit=\d+|signal=\d+|detached)(?: peak=\d+\.\d{6} peak_is=(?:exact|least))?)\n").fullmatch,
    b"FNEND": re.compile(rb"FNEND (?=\d+ " + TIME + rb" )(\d+) \S+ calls=(\d+)\n").fullmatch,
    b"CHLD": re.compile(rb"CHLD \d+ \d+\.\d{6} " + TIME + KEYS + rb"\n").fullmatch,
    b"NOTE": re.compile(rb"NOTE " + TIME + rb" .+\n").fullmatch,
    b"END": re.compile(
        rb"END " + TIME + rb" (?:exit=(\d+)|signal=(\d+)|(detached))(?: peak=\d+\.\d{6})?(?: peak_is=least)?(?: peak_bound=\d+\.\d{6})? calls=(\d+)"
        rb"(?: missed=\d+)?\n").fullmatch,
}
NAME_OK = re.compile(r"(?:[^\s.$%\x00-\x1f\x7f]|%[0-9A-F]{2})+").fullmatch


class Unusable(Exception):
    """Nothing can be compared."""


class Function:
    """One FN line, and what was seen of it."""

    def __init__(self, raw_name, name, full_name, module, file):
        self.raw_name, self.name, self.full_name = raw_name, name, full_name
        self.module, self.file = module, file
        self.ordered = self.brackets = None
        self.let_go = False  # after its FNEND line
        self.calls = 0
        self.max_depth = -1
        self.threads = set()
        self.ends = Counter()

    def matches(self, spec):
        """[MODULE!][FILE:]NAME, modules and files without their folders."""
        module, bang, rest = spec.rpartition("!")
        if bang and module != self.module:
            return False
        if rest in (self.name, self.full_name):
            return True
        file, _, name = rest.partition(":")
        return file == self.file and name == self.name


class Truth:
    """The truth lines of a program's output."""

    FORMS = {"calls": (2,), "max-depth": (2,), "threads": (2,), "end": (3,), "enter": (2,), "leave": (3, 4), "rise": (3,),
             "net": (3,), "exit": (1,), "signal": (1,), "coroutines": (1,)}

    def __init__(self, path):
        self.lines = []
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("truth "):
                    self.lines.append(self.parse(line.rstrip("\n")))
        if not self.lines:
            raise Unusable(f"{path}: no line begins with 'truth '")
        self.order = [words for words in self.lines if words[0] in ("enter", "leave")]
        self.ordered = {words[1] for words in self.order}
        self.leaves = any(words[0] == "leave" for words in self.order)
        self.coroutines = any(words[0] == "coroutines" and words[1] for words in self.lines)
        self.bracketed = {words[1] for words in self.lines if words[0] in ("rise", "net")}

    @classmethod
    def parse(cls, line):
        words = line.split(" ")[1:]
        if len(words) - 1 not in cls.FORMS.get(words[0], ()):
            raise Unusable(f"unknown truth: {line}")
        first_number = {"end": 3, "exit": 1, "signal": 1, "coroutines": 1}.get(words[0], 2)
        try:
            if words[0] in ("enter", "leave"):
                return cls.parse_event(*words)
            return words[:first_number] + [int(word) for word in words[first_number:]]
        except ValueError:
            raise Unusable(f"not a number in: {line}") from None

    @staticmethod
    def parse_event(kind, name, depth, how="", time=None):
        """enter: (kind, name, depth); leave: (kind, name, depth, end, exactness, time). None is what is not told."""
        event = (kind, name, None if depth == "-" else int(depth))
        if kind == "enter":
            return event
        end, _, exactness = how.partition("/")
        return (*event, end, exactness or None, nanoseconds(time) if time else None)


def nanoseconds(time):
    """Of a time as text."""
    seconds, _, fraction = time.partition(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def decode(text):
    """%XX back to bytes; '%' alone is the empty string."""
    if text == b"%":
        return ""
    return re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text).decode("utf-8", "replace")


class Recording:
    """One .dat file, read once; `wrong` collects what breaks a law."""

    def __init__(self, path, truth=None, cut=False):
        self.truth, self.cut = truth, cut
        self.wrong = defaultdict(list)
        self.counts = Counter()
        self.functions = {}
        self.processes = {}       # the event that was told last
        self.child_peaks = {}     # highest sample
        self.events = []          # (time, kind, function, depth[, end, exactness]) of those whose order is told
        self.mem_times, self.mem_values = [], []
        self.unsampled = []       # brackets without a MEM line so far
        self.overtaken = {}       # open calls whose caller has ended: when
        self.doubtful = []        # enters when more calls seemed open: they may be noticed later to have been gone
        self.noticed = {}         # calls that were noticed to be gone: since when
        self.header, self.end, self.leave_times = [], None, None
        self.number = 0
        self.bound = 0
        self.read(path)

    def break_law(self, law, what, number=None):
        self.counts[law] += 1
        if self.counts[law] <= SHOWN_PER_LAW:
            self.wrong[law].append(f"line {number or self.number}: {what}")

    def read(self, path):
        """The two frequent kinds are handled here: a file may have millions of them."""
        functions, break_law = self.functions, self.break_law
        unclosed, stacks = {}, defaultdict(list)
        last_time, last_call, enters = b"", 0, 0
        mem_times, events = self.mem_times, self.events
        leaves, coroutines = (self.truth.leaves, self.truth.coroutines) if self.truth else (False, False)
        with open(path, "rb") as lines:
            for self.number, line in enumerate(lines, 1):
                enter = ENTER(line)
                if enter:
                    call, fn, pid, tid, depth, mib, time = enter.groups()
                    enters += 1
                    if time < last_time:
                        break_law("order", f"{time.decode()} comes after {last_time.decode()}")
                    last_time = time
                    call, level = int(call), int(depth)
                    if call <= last_call:
                        break_law("call", f"call {call} comes after call {last_call}")
                    last_call = call
                    unclosed[call] = (fn, pid, tid, depth, mib, time)
                    stack = stacks[tid]
                    if len(stack) > level and len(stack) < DOUBTED_MOST:
                        if not coroutines:
                            self.doubtful.append((self.number, call, level, tid, time, stack.copy()))
                    elif len(stack) != level and not coroutines:
                        break_law("nesting", f"call {call} has depth {level}, but {len(stack)} calls of thread "
                                  f"{tid.decode()} are open")
                    stack.append(call)
                    function = functions.get(fn)
                    if function is None:
                        function = self.unknown_function(fn)
                    function.calls += 1
                    if function.let_go:
                        break_law("function", f"call {call} begins after FNEND {fn.decode()}")
                    function.threads.add(tid)
                    if level > function.max_depth:
                        function.max_depth = level
                    if function.ordered:
                        events.append((time, "enter", function, level))
                    continue
                func = FUNC(line)
                if func:
                    name, mib_in, time_in, mib, time, depth, call, fn, pid, tid, end, how, peak, sure = func.groups()
                    if how == b"exact":
                        if time < last_time:
                            break_law("order", f"{time.decode()} comes after {last_time.decode()}")
                        last_time = time
                    call = int(call)
                    begun = unclosed.pop(call, None)
                    if begun is None:
                        break_law("call", f"call {call} was not entered, or has ended before")
                        continue
                    if begun != (fn, pid, tid, depth, mib_in, time_in):
                        break_law("call", f"call {call} ends with other figures than it was entered with: "
                                  f"{b' '.join(begun).decode()}")
                    if time < time_in:
                        break_law("order", f"call {call} ends before it begins")
                    stack = stacks[begun[2]]
                    if how == b"noticed" and self.doubtful:
                        self.noticed[call] = time
                    if stack[-1] == call:
                        stack.pop()
                    elif coroutines:
                        stack.remove(call)
                    else:
                        self.overtake(stack, call, time, unclosed)
                    if self.overtaken and self.overtaken.pop(call, time) < time and how == b"exact":
                        break_law("nesting", f"call {call} ends after the call that it was made in")
                    if not (mem_times and time_in <= mem_times[-1] <= time):
                        self.unsampled.append((time_in, time, self.number, call))
                    if peak and float(peak) < max(float(mib_in), float(mib)):
                        break_law("peak", f"call {call} has a lower peak than ends")
                    function = functions.get(fn)
                    if function is None:
                        function = self.unknown_function(fn)
                    if name != function.raw_name:
                        break_law("function", f"{name.decode(errors='replace')} is not the name in FN {fn.decode()}")
                    function.ends[end] += 1
                    if leaves and function.ordered:
                        events.append((time, "leave", function, int(depth), end.decode(), how.decode()))
                    if function.brackets is not None:
                        function.brackets.append((time_in, mib_in, time, mib, peak, sure))
                    continue
                last_time = self.read_rare(line, last_time)
        self.finish(enters, unclosed)

    def read_rare(self, line, last_time):
        """Any line but ENTER and FUNC. Returns the latest time."""
        mem = MEM(line)
        if mem:
            value, time = mem.groups()
            self.mem_times.append(time)
            self.mem_values.append(value)
        else:
            kind = line.partition(b" ")[0].rstrip(b"\n")
            if self.cut and not line.endswith(b"\n"):
                return last_time
            if kind == b"FN":
                self.read_function(line)
                return last_time
            other = OTHER[kind](line) if kind in OTHER else None
            if not other or not line.isascii() and not is_utf8(line):
                self.break_law("line", f"cut, damaged or unknown: {line[:120]!r}")
                return last_time
            if kind in (b"CMDLINE", b"FMPROF"):
                self.header.append((self.number, kind))
                if kind == b"FMPROF":
                    bound = re.search(rb" peak_bound=" + MIB, line)
                    self.bound = float(bound[1]) if bound else 0
            elif kind == b"CHLD":
                pid, value = line.split(b" ")[1:3]
                self.child_peaks[pid] = max(self.child_peaks.get(pid, 0), float(value))
            elif kind == b"PROC":
                self.read_process(line.split())
            elif kind == b"FNEND":
                function = self.functions.get(other.group(2)) or self.unknown_function(other.group(2))
                function.let_go = True
                if int(other.group(3)) != function.calls:
                    self.break_law("function", f"FNEND says calls={other.group(3).decode()}, there were {function.calls}")
            elif kind == b"END":
                self.end = (self.number, *other.groups()[1:])
            time = other.group(1)
            if not time:
                return last_time
        if time < last_time:
            self.break_law("order", f"{time.decode()} comes after {last_time.decode()}")
        return time

    def read_process(self, words):
        pid, event = words[1], words[3]
        if self.processes.get(pid) == event:
            self.break_law("process", f"{pid.decode()} has a second {event.decode()}")
        self.processes[pid] = event
        if event == b"start":  # its number may have been another's before
            self.child_peaks.pop(pid, None)
        peak = next((float(word[5:]) for word in words if word.startswith(b"peak=")), None)
        if peak is not None and peak < self.child_peaks.get(pid, 0):
            self.break_law("process", f"{pid.decode()} ends with a lower peak than a sample of it")

    def read_function(self, line):
        parts = FN(line)
        if not parts or not is_utf8(line):
            self.break_law("line", f"cut, damaged or unknown: {line[:120]!r}")
            return
        fn, name, module, source, full_name = parts.groups()
        if not NAME_OK(name.decode()):
            self.break_law("function", f"the name {name.decode()} is not encoded")
        if fn in self.functions:
            self.break_law("function", f"FN {fn.decode()} was there before")
        file = decode(source.rpartition(b":")[0]).rpartition("/")[2]
        function = Function(name, decode(name), decode(full_name), decode(module).rpartition("/")[2], file)
        if self.truth:
            function.ordered = any(function.matches(spec) for spec in self.truth.ordered)
            if any(function.matches(spec) for spec in self.truth.bracketed):
                function.brackets = []
        self.functions[fn] = function

    def unknown_function(self, fn):
        self.break_law("function", f"no FN {fn.decode()} so far")
        self.functions[fn] = Function(None, f"fn={fn.decode()}", "", "", "")
        return self.functions[fn]

    def overtake(self, stack, call, time, unclosed):
        """`call` ends while calls that were made in it are open; not in it were those that begin after its end."""
        place = stack.index(call)
        del stack[place]
        for inner in stack[place:]:
            if inner in unclosed and unclosed[inner][-1] < time:
                self.overtaken.setdefault(inner, time)

    def judge_doubtful(self):
        for number, call, level, tid, time, stack in self.doubtful:
            count = sum(self.noticed.get(outer, time) >= time for outer in stack)
            if count != level:
                self.break_law("nesting", f"call {call} has depth {level}, but {count} calls of thread {tid.decode()} "
                               "are open", number)

    def finish(self, enters, unclosed):
        if not self.cut:
            self.judge_doubtful()
        if self.header != [(1, b"CMDLINE"), (2, b"FMPROF")]:
            self.break_law("header", f"it is {self.header}", 1)
        for time_in, time, number, call in self.unsampled:
            if bisect_left(self.mem_times, time_in) == bisect_right(self.mem_times, time):
                self.break_law("sample", f"no MEM line within call {call}", number)
        if self.end is None:
            if not self.cut:
                self.break_law("end", "END is missing")
            return
        number, _, _, _, calls = self.end
        if number != self.number:
            self.break_law("end", f"lines follow END, which is line {number}")
        if int(calls) != enters:
            self.break_law("end", f"END says calls={calls.decode()}, but there are {enters} ENTER lines")
        for call, begun in unclosed.items():
            self.break_law("end", f"call {call} of fn={begun[0].decode()} in thread {begun[2].decode()} has no FUNC")

    # ---- truths

    def named(self, spec):
        return [function for function in self.functions.values() if function.matches(spec)]

    def figure(self, words):
        """What the recording has for a truth that is one number about a function."""
        functions = self.named(words[1])
        if words[0] == "calls":
            return sum(function.calls for function in functions)
        if words[0] == "max-depth":
            return max((function.max_depth for function in functions), default=-1)
        if words[0] == "threads":
            return len(set().union(*(function.threads for function in functions)))
        return sum(function.ends[words[2].encode()] for function in functions)

    def memory_differences(self, words):
        """rise: how far the peak of a bracket, or the highest reading, lies above its begin; net: how far its end does.
        And whether it may not be more."""
        for function in self.named(words[1]):
            for time_in, mib_in, time, mib, peak, sure in function.brackets:
                if words[0] == "net":
                    yield float(mib) - float(mib_in), True
                    continue
                if peak:
                    yield float(peak) - float(mib_in), sure == b"exact"
                    continue
                inside = self.mem_values[bisect_left(self.mem_times, time_in):bisect_right(self.mem_times, time)]
                yield max(float(value) for value in [mib_in, mib, *inside]) - float(mib_in), True

    def contradiction(self, words):
        """How the recording contradicts one truth; None if it does not."""
        kind, expected = words[0], words[-1]
        if kind in ("rise", "net"):
            if self.cut:
                return None
            differences = list(self.memory_differences(words))
            allowed = words[3] + self.bound
            found = [round(value, 3) for value, exact in differences
                     if value - words[2] > allowed or exact and words[2] - value > allowed]
            return f"the recording has {found} MiB" if found else None if differences else "the recording has no call"
        if kind in ("exit", "signal"):
            if self.cut or self.end is None:
                return None  # a missing END is told by the laws
            found = self.end[1 if kind == "exit" else 2]
            return None if found is not None and int(found) == expected else "END says otherwise"
        found = self.figure(words)
        if found == expected or self.cut and found < expected:
            return None
        return f"the recording has {found}" + ("" if self.named(words[1]) else " (no FN line has that name)")

    @staticmethod
    def agree(told, seen):
        return (told[0] == seen[1] and seen[2].matches(told[1]) and
                all(a is None or a == b for a, b in zip(told[2:5], seen[3:])))

    def event_text(self, kind, name, depth, *how):
        end = "".join(f", {word}" for word in how[:2] if word)
        return f"{kind + ' of ' if self.truth.leaves else ''}{name} at depth {'any' if depth is None else depth}{end}"

    def order_contradictions(self):
        expected, what = self.truth.order, "event" if self.truth.leaves else "enter"
        # Those that were noticed are written later than they were left.
        found = sorted(self.events, key=lambda event: event[0])
        late = []
        for place, (told, seen) in enumerate(zip(expected, found), 1):
            if not self.agree(told, seen):
                before = "; ".join(self.event_text(*event) for event in expected[max(place - 4, 0):place - 1])
                yield (f"{what} number {place} must be {self.event_text(*told)}, but is "
                       f"{self.event_text(seen[1], seen[2].name, *seen[3:])} (t={seen[0].decode()}; before: {before})")
                return
            if told[0] == "leave" and told[5]:
                late.append((told[5] - nanoseconds(seen[0].decode()), place, told, seen))
        if len(found) > len(expected) or not self.cut and len(found) < len(expected):
            yield f"{len(expected)} {what}s are told, the recording has {len(found)}"
        yield from self.late_leaves(late)

    def late_leaves(self, late):
        """`late` has how long after each leave the program knew of it, in nanoseconds."""
        if not late:
            return
        distances = sorted(abs(entry[0]) for entry in late)
        middle = median(distances)
        self.leave_times = len(late), middle, distances[(len(late) * 9 - 1) // 10], distances[-1]
        if len(late) >= LEAVES_ENOUGH and middle > LEAVE_MEDIAN_NS:
            yield f"leaves are {middle / 1000:.1f} us away from what the program knew, in the median of {len(late)}"
        for distance, place, told, seen in late:
            if abs(distance) > LEAVE_MOST_NS:
                yield (f"event number {place}, {self.event_text(*told)}, is {distance / 1000:.1f} us before the program "
                       f"knew (t={seen[0].decode()})")

    def contradictions(self):
        for words in self.truth.lines:
            if words[0] not in ("enter", "leave", "coroutines"):
                what = self.contradiction(words)
                if what:
                    yield f"truth {' '.join(map(str, words))}: {what}"
        if self.truth.order:
            for what in self.order_contradictions():
                yield f"truth {'enter, leave' if self.truth.leaves else 'enter'} …: {what}"


def is_utf8(line):
    try:
        line.decode()
        return True
    except UnicodeDecodeError:
        return False


def main(arguments):
    cut, times = "--cut" in arguments, "--times" in arguments
    paths = [argument for argument in arguments if argument not in ("--cut", "--times")]
    if not 1 <= len(paths) <= 2 or any(path.startswith("-") for path in paths):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        truth = Truth(paths[1]) if len(paths) == 2 else None
        recording = Recording(paths[0], truth, cut)
    except (OSError, Unusable) as error:
        print(f"truth.py: {error}", file=sys.stderr)
        return 2
    mismatches = 0
    for law, found in recording.wrong.items():
        mismatches += recording.counts[law]
        print(f"{paths[0]}: law '{law}' ({LAWS[law]}) is broken {recording.counts[law]} times:")
        print("\n".join(f"  {what}" for what in found))
    for what in recording.contradictions() if truth else ():
        mismatches += 1
        print(f"{paths[0]}: {what}")
    if times and recording.leave_times:
        print("{} leaves: {:.0f} ns in the median, {} ns in nine of ten, {} ns at most".format(*recording.leave_times))
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
