#!/usr/bin/env python3
"""usage: figures.py [--window A,B] FILE.dat REPORT.json

Computes from the lines of a recording what `fmprof report --json` (with whatever --by and --leaks) tells of it, in another
way: all calls in memory, each thread's time swept from event to event, sums as exact integers. Prints every difference
and exits with 1 if there is one.
"""
import bisect
import collections
import itertools
import json
import math
import sys

MIB = 1 << 20
PAST = 1 << 63


def to_ns(word):
    whole, _, part = word.partition(".")
    return int(whole) * 10**9 + int((part + "0" * 9)[:9])


def to_bytes(word):
    """The multiple of 1 KiB that rounds to the number, else the nearest byte."""
    whole, _, part = word.partition(".")
    unit = 10**len(part)
    millionths = int(whole) * unit + int(part or "0")
    kib = (millionths * 1024 + unit // 2) // unit
    if len(part) >= 4 and abs(millionths * 1024 - kib * unit) * 2 <= 1024:
        return kib * 1024
    return (millionths * MIB + unit // 2) // unit


class Call:
    """One call, with the numbers of its lines: of equal times the earlier line comes first."""
    def __init__(self, key, enter, rss, line):
        self.name, self.pid, self.tid = key
        self.enter, self.enter_rss, self.enter_line = enter, rss, line
        self.leave = None
        self.self_ns = 0
        self.peak = (0, False)


class Recording:
    def __init__(self, path):
        self.calls, self.names, self.samples = [], {}, collections.defaultdict(list)
        self.header, self.end, self.last, self.first_pid = {}, None, 0, 0
        self.start = PAST
        self.by_number = {}
        self.until = {}
        self.processes = collections.defaultdict(dict)
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            for number, line in enumerate(file):
                self.take(number, line.rstrip("\n").split(" "))
        self.tree = len(self.samples) == 1 and self.header.get("peaks") not in ("reset", "mark")
        for call in self.calls:
            if call.leave is None:
                series = self.samples[self.series_of(call)]
                call.leave, call.leave_line, call.end, call.exact = self.last, PAST, "unfinished", False
                call.leave_rss = series[-1][1] if series and series[-1][0] >= call.enter else call.enter_rss

    def series_of(self, call):
        return 0 if self.tree or call.pid == self.first_pid else call.pid

    def see(self, *times):
        self.last = max(self.last, *times)
        self.start = min(self.start, *times)

    def take(self, number, words):
        kind = words[0]
        keys = dict(word.split("=", 1) for word in words if "=" in word)
        if kind == "FMPROF":
            self.header, self.first_pid = keys, int(keys["pid"])
            self.see(to_ns(keys["start"]))
        elif kind == "FN":
            self.names[int(words[1])] = words[2]
        elif kind == "FNEND":
            self.until[self.names[int(words[1])]] = to_ns(words[2])
            self.see(to_ns(words[2]))
        elif kind == "TASK":
            self.see(to_ns(words[3]))
        elif kind == "PROC":
            self.take_process(int(words[1]), to_ns(words[2]), words[3], words[4:], keys)
        elif kind in ("MEM", "CHLD"):
            shift = kind == "CHLD"
            rss, time = to_bytes(words[1 + shift]), to_ns(words[2 + shift])
            self.samples[int(words[1]) if shift else 0].append((time, rss, to_bytes(keys["peak"]) if "peak" in keys else 0, number))
            self.see(time)
        elif kind == "ENTER":
            call = Call((self.names[int(words[2])], int(words[3]), int(words[4])), to_ns(words[7]), to_bytes(words[6]), number)
            self.by_number[int(words[1])] = call
            self.calls.append(call)
            self.see(call.enter)
        elif kind == "FUNC":
            self.take_call(number, words, keys)
        elif kind == "END":
            self.end = keys
            self.see(to_ns(words[1]))

    def take_process(self, pid, time, event, rest, keys):
        self.see(time)
        process = self.processes[pid]
        if event == "start":
            process.update(parent=int(keys["parent"]), made_by=keys["how"])
            return
        how = next(word.partition("=")[0] for word in rest if word.partition("=")[0] in ("exit", "signal", "detached"))
        process.update(ended={"how": how, "code": int(keys[how]) if how in keys else None}, end_ns=time)
        if "peak" in keys:
            process["peak"] = {"bytes": to_bytes(keys["peak"]), "exact": keys["peak_is"] == "exact"}

    def take_call(self, number, words, keys):
        call = self.by_number.pop(int(keys["call"]), None) if "call" in keys else None
        if call is None:
            call = Call((words[1], int(keys.get("pid", 0)), int(keys.get("tid", 0))), to_ns(words[3]), to_bytes(words[2]), number)
            self.calls.append(call)
        call.leave, call.leave_rss, call.leave_line = max(to_ns(words[5]), call.enter), to_bytes(words[4]), number
        call.end, call.exact = keys.get("end", "return"), keys.get("time", "exact") == "exact"
        call.peak = (to_bytes(keys.get("peak", "0")), keys.get("peak_is") == "exact")
        self.see(call.enter, call.leave)

    def find_peaks(self):
        for call in self.calls:
            if call.peak[0] and call.peak[1]:
                continue
            highest = max(call.peak[0], call.enter_rss, call.leave_rss)
            series = self.samples[self.series_of(call)]
            before_has_peak = False
            for time, rss, peak, line in series[bisect.bisect_left(series, (call.enter,)):]:
                if (time, line) < (call.enter, call.enter_line):
                    continue
                if time > call.leave or line > call.leave_line > time:
                    break
                # The peak of a sample reaches back to the last one that had a peak.
                highest = max(highest, rss, peak if before_has_peak else 0)
                before_has_peak = before_has_peak or peak > 0
            call.peak = (highest, False)

    def sweep(self):
        """Own time, and which calls are outermost; returns from when, and how long, each function was open in each thread."""
        open_time = collections.defaultdict(list)
        threads = collections.defaultdict(list)
        for call in self.calls:
            threads[call.pid, call.tid].append(call)
        for thread, calls in threads.items():
            events = [(call.enter, call.enter_line, 1, index) for index, call in enumerate(calls)]
            # A call that takes no time ends after it began.
            events += [(call.leave, call.leave_line if call.leave > call.enter else max(call.leave_line, call.enter_line), 2, index)
                       for index, call in enumerate(calls)]
            is_open, order, since = collections.Counter(), [], {}
            before = None
            for time, _, what, index in sorted(events):
                call = calls[index]
                if order:
                    calls[order[-1]].self_ns += time - before
                before = time
                if what == 1:
                    call.outermost = is_open[call.name] == 0
                    if call.outermost:
                        since[call.name] = time
                    is_open[call.name] += 1
                    order.append(index)
                else:
                    order.remove(index)
                    is_open[call.name] -= 1
                    if is_open[call.name] == 0:
                        open_time[thread, call.name].append((since[call.name], time - since[call.name]))
        return open_time


def rounded(total, count):
    sign = -1 if total < 0 else 1
    return sign * ((2 * abs(total) + count) // (2 * count))


def quantile(freedom):
    """97.5 % of Student's t, by integrating its density and halving."""
    factor = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)

    def inside(t, steps=2000):
        values = [(1 + (t * i / steps)**2 / freedom)**(-(freedom + 1) / 2) for i in range(steps + 1)]
        return 2 * factor * t / steps / 3 * (values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2]))

    low, high = 1.9, 20.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < 0.95 else (low, middle)
    return low


def line_through(xs, steps):
    count = len(xs)
    ys = list(itertools.accumulate(steps))
    if count < 10 or min(xs) == max(xs):
        return None
    mean_x, mean_y = math.fsum(xs) / count, math.fsum(ys) / count
    sxx = math.fsum((x - mean_x)**2 for x in xs)
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / sxx
    # The slope is a weighted sum of the steps, which are independent of each other and all vary alike.
    weights = [weight / sxx for weight in itertools.accumulate(x - mean_x for x in reversed(xs))]
    mean_step = math.fsum(steps) / count
    variance = math.fsum((step - mean_step)**2 for step in steps) / (count - 1)
    return {"slope": slope, "margin": quantile(count - 1) * math.sqrt(variance * math.fsum(w * w for w in weights))}


def leak_of(calls):
    calls = sorted((call for call in calls if call.outermost and call.end != "unfinished"), key=lambda c: (c.leave, c.leave_line))
    steps = [call.leave_rss - call.enter_rss for call in calls]
    return {"calls": len(calls), "bytes_per_call": line_through(list(range(len(calls))), steps),
            "bytes_per_second": line_through([(call.leave - calls[0].leave) / 1e9 for call in calls], steps)}


def row_of(calls, total):
    outermost = [call for call in calls if call.outermost]
    growths = [call.leave_rss - call.enter_rss for call in outermost]
    ends = collections.Counter(call.end for call in calls)
    first = min(calls, key=lambda c: (c.enter, c.enter_line))
    last = max(calls, key=lambda c: (c.leave, c.leave_line))
    returned, unwound = ends["return"] + ends["tail"], ends["unwound"] + ends["longjmp"]
    return {
        "calls": len(calls), "returned": returned, "unwound": unwound, "unfinished": len(calls) - returned - unwound,
        "noticed": sum(not call.exact and call.end != "unfinished" for call in calls), "outermost": len(outermost),
        "total_ns": total, "self_ns": sum(call.self_ns for call in calls),
        "mean_ns": rounded(sum(call.leave - call.enter for call in outermost), len(outermost)) if outermost else None,
        "max_ns": max(call.leave - call.enter for call in calls),
        "net_growth_bytes": sum(growths), "largest_growth_bytes": max(growths, default=None),
        "retained_per_call_bytes": rounded(sum(growths), len(outermost)) if outermost else None,
        "peak_bytes": max(call.peak[0] for call in calls), "peak_exact": all(call.peak[1] for call in calls),
        "first_enter_ns": first.enter, "first_enter_rss_bytes": first.enter_rss,
        "last_leave_ns": last.leave, "last_leave_rss_bytes": last.leave_rss,
        "ends": {name: ends[name] for name in ("return", "tail", "unwound", "longjmp", "thread-exit", "exit", "exec", "killed",
                                               "detached", "unfinished")},
    }


def differs(told, wanted):
    if isinstance(wanted, float):
        # Sums of doubles; the quantile is an approximation, right to four decimals.
        return not math.isclose(told, wanted, rel_tol=1e-4, abs_tol=1e-6)
    if isinstance(wanted, dict):
        return not isinstance(told, dict) or told.keys() != wanted.keys() or any(differs(told[key], wanted[key]) for key in wanted)
    return told != wanted


def main():
    window = None
    if sys.argv[1] == "--window":
        window = sys.argv[2]
        del sys.argv[1:3]
    with open(sys.argv[2], encoding="utf-8") as file:
        told = json.load(file)["recordings"][0]
    recording = Recording(sys.argv[1])
    recording.find_peaks()
    open_time = recording.sweep()
    begin, end = 0, PAST
    if window:
        a, _, b = window.partition(",")
        begin = recording.start + (to_ns(a) if a else 0)
        end = recording.start + to_ns(b) if b else PAST
    wrong = 0

    def check(what, is_told, wanted):
        nonlocal wrong
        if differs(is_told, wanted):
            wrong += 1
            print(f"{what}: told {is_told}, computed {wanted}")

    check("calls", told["calls"], len(recording.calls))
    check("start", told["start_ns"], recording.start)
    check("end", told["end_ns"], recording.last)
    check("samples", told["samples"], len(recording.samples[0]))
    of_children = [process["pid"] for process in told["processes"][1:]]
    check("children", sorted(of_children), sorted(set(of_children) | (set(recording.processes) - {recording.first_pid})))
    for process in told["processes"]:
        for key, wanted in recording.processes[process["pid"]].items():
            check(f"process {process['pid']} {key}", process[key], wanted)
        check(f"calls of {process['pid']}", process["calls"], sum(call.pid == process["pid"] for call in recording.calls))
    seen = 0
    for row in told["functions"]:
        calls = [call for call in recording.calls if call.name == encoded(row["function"]) and begin <= call.enter < end and
                 row["pid"] in (None, call.pid) and row["tid"] in (None, call.tid)]
        if not calls:
            print(f"{row['function']}: no such call")
            return 1
        seen += len(calls)
        threads = {((call.pid, call.tid), call.name) for call in calls}
        total = sum(span for thread in threads for since, span in open_time[thread] if begin <= since < end)
        until = recording.until.get(encoded(row["function"]))
        let_go = until is not None and until < end
        for key, wanted in row_of(calls, total).items():
            wanted = wanted and not let_go if key == "peak_exact" else wanted
            check(f"{row['function']} {key}", row[key], wanted)
        check(f"{row['function']} recorded_until_ns", row["recorded_until_ns"], until if let_go else None)
        if "leak" in row:
            check(f"{row['function']} leak", row["leak"], leak_of(calls))
    check("calls in rows", seen, sum(begin <= call.enter < end for call in recording.calls))
    return 1 if wrong else 0


def encoded(name):
    return "".join(f"%{ord(c):02X}" if c in " .$%" else c for c in name)


if __name__ == "__main__":
    sys.exit(main())
