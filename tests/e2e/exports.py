#!/usr/bin/env python3
"""usage: exports.py perfetto FILE.dat TRACE.json     obeys the rules of its format, and has all calls and samples
       exports.py calls FILE.dat CALLS.csv REPORT.json  all calls; their sums are those of fmprof report --json
       exports.py samples FILE.dat SAMPLES.csv       all samples
       exports.py objects FILE.dat EVENTS.jsonl EVENTS.json
       exports.py folded EVENTS.jsonl SELF NET TIME CALLS  what each --value must be

Computes from the lines of a recording, or from calls in JSON lines, what `fmprof export` tells. Prints what differs and exits with 1.
"""
import collections
import csv
import decimal
import json
import sys

import figures

csv.field_size_limit(1 << 30)


def name_of(word):
    """A decoded name; each byte that is not UTF-8 is a surrogate."""
    if word == "%":
        return ""
    raw, i, out = word.encode("utf-8", "surrogateescape"), 0, bytearray()
    while i < len(raw):
        if raw[i] == 0x25 and len(raw[i + 1:i + 3]) == 2 and all(c in b"0123456789abcdefABCDEF" for c in raw[i + 1:i + 3]):
            out.append(int(raw[i + 1:i + 3], 16))
            i += 3
        else:
            out.append(raw[i])
            i += 1
    return out.decode("utf-8", "surrogateescape")


def in_json(name):
    return "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in name)


def in_csv(name):
    """One ? for each byte of what is not printable."""
    def shown(c):
        if "\udc80" <= c <= "\udcff":
            return "?"
        return "?" * len(c.encode()) if ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or c in "\u2028\u2029" else c
    return "".join(map(shown, name))


def in_folded(name):
    """Without control characters, and without what turns or hides."""
    def shown(c):
        if c in "; \t\n":
            return "_"
        code = ord(c)
        if code < 0x80:
            return "" if code < 0x20 or code == 0x7f else c
        if code < 0xa0 or c in "\u2028\u2029":
            return "?" * len(c.encode())
        is_unsafe = 0x200b <= code <= 0x200f or 0x202a <= code <= 0x202e or 0x2060 <= code <= 0x206f or code == 0xfeff or \
            0xfff0 <= code <= 0xffff or code >= 0xe0000
        return "?" if is_unsafe else c
    return "".join(map(shown, name)) or "?"


def is_same(what, told, wanted):
    """Both as multisets."""
    told, wanted = collections.Counter(told), collections.Counter(wanted)
    if told != wanted:
        extra, missing = list((told - wanted).elements()), list((wanted - told).elements())
        sys.exit(f"{what}: {len(extra)} too many, like {extra[:2]!r:.600}; {len(missing)} missing, like {missing[:2]!r:.600}")


def samples_of(path):
    """Whether of the first process, pid, time, RSS, peak or 0, other metrics: of each MEM and CHLD line."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            words = line.split()
            if words[:1] not in (["MEM"], ["CHLD"]):
                continue
            is_first = words[0] == "MEM"
            rss, time, *keys = words[1:] if is_first else words[2:]
            metrics = {key: figures.to_bytes(value) for key, value in (word.split("=") for word in keys)}
            yield is_first, 0 if is_first else int(words[1]), figures.to_ns(time), figures.to_bytes(rss), metrics.pop("peak", 0), metrics


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


def no_constant(word):
    raise ValueError(f"{word} is no JSON")


def load_json(text):
    return json.loads(text, object_pairs_hook=unique_keys, parse_float=decimal.Decimal, parse_constant=no_constant)


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "strict")


# ---- Perfetto ------------------------------------------------------------------


def check_slices(slices):
    """Those of a thread lie wholly inside or outside of each other."""
    open_ends = []
    for ts, end, name in slices:
        while open_ends and open_ends[-1] <= ts:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], f"a slice that is not nested: {name} at {ts}"
        open_ends.append(end)


def check_async(events):
    """b and e come in pairs."""
    waiting, done = {}, []
    for event in sorted(events, key=lambda e: (e["ts"], e["ph"])):
        key = event["cat"], event["id"]
        if event["ph"] == "b":
            assert key not in waiting, f"begun twice: {key}"
            waiting[key] = event
        else:
            begin = waiting.pop(key)
            assert begin["name"] == event["name"] and (begin["pid"], begin["tid"]) == (event["pid"], event["tid"]), event
            done.append((begin, event["ts"]))
    assert not waiting, f"never ended: {list(waiting)[:3]}"
    return done


def check_event(event):
    assert event["ph"] in ("X", "b", "e", "C", "i", "M"), event
    assert isinstance(event["name"], str) and event["name"], event
    assert type(event["pid"]) is int and type(event["tid"]) is int, event
    if event["ph"] == "M":
        assert event["name"] in ("process_name", "thread_name") and isinstance(event["args"]["name"], str), event
        return
    assert isinstance(event["ts"], decimal.Decimal), event
    if event["ph"] == "X":
        assert event["dur"] >= 0, event
    if event["ph"] == "C":
        assert event["args"] and all(type(value) is int for value in event["args"].values()), event


def check_counters(counters):
    """Each is one row in time."""
    last = {}
    for event in counters:
        key = event["pid"], event["name"]
        assert event["ts"] >= last.get(key, event["ts"]), f"goes back: {event}"
        last[key] = event["ts"]


def perfetto(data, trace):
    recording, told = figures.Recording(data), load_json(read(trace))
    assert set(told) == {"displayTimeUnit", "traceEvents", "otherData"} and told["displayTimeUnit"] in ("ms", "ns")
    start = told["otherData"]["start_ns"]
    by_phase, threads = collections.defaultdict(list), collections.defaultdict(list)
    for event in told["traceEvents"]:
        check_event(event)
        by_phase[event["ph"]].append(event)
    for event in by_phase["X"]:
        threads[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"], event["name"]))
    for slices in threads.values():
        slices.sort(key=lambda s: (s[0], -s[1]))
        check_slices(slices)
    pairs = check_async(by_phase["b"] + by_phase["e"])
    check_counters(by_phase["C"])
    ns = lambda ts: int(ts * 1000) + start
    calls = [(e, e["ts"] + e["dur"]) for e in by_phase["X"]] + pairs
    rss = lambda e: (e["args"]["enter_rss_bytes"], e["args"]["leave_rss_bytes"], e["args"]["growth_bytes"])
    first = int(recording.header.get("pid", 1))
    first_seen = recording.first_pid or (recording.calls[0].pid if recording.calls else 0)
    shown = lambda number: first if number in (0, first_seen) else number
    is_same("calls", ((e["name"], e["pid"], e["tid"], ns(e["ts"]), ns(end), *rss(e), e["args"]["end"], e["args"].get("unfinished", False),
                       e["args"].get("end_approximate", False)) for e, end in calls),
            ((in_json(name_of(c.name)) or "?", shown(c.pid), shown(c.tid), c.enter, c.leave, c.enter_rss, c.leave_rss, c.leave_rss - c.enter_rss,
              c.end, c.end == "unfinished", not c.exact and c.end != "unfinished") for c in recording.calls))
    shift = 0 if recording.first_pid else 2
    samples = [(first if is_first else pid + shift, time, rss, peak) for is_first, pid, time, rss, peak, _ in samples_of(data)]
    is_same("rss", ((e["pid"], ns(e["ts"]), e["args"]["bytes"]) for e in by_phase["C"] if e["name"] == "rss"),
            ((pid, time, rss) for pid, time, rss, _ in samples))
    is_same("peaks", ((e["pid"], ns(e["ts"]), e["args"]["bytes"]) for e in by_phase["C"] if e["name"] == "peak"),
            ((pid, time, peak) for pid, time, _, peak in samples if peak))
    named = {e["pid"] for e in by_phase["M"] if e["name"] == "process_name"}
    assert all(e["pid"] in named for e in told["traceEvents"]), "a process without a name"
    return len(by_phase["X"]), len(pairs)


# ---- tables and objects -----------------------------------------------------------


def read_csv(path):
    text = read(path)
    assert "\r\n" in text and text.count("\n") == text.count("\r\n"), "line ends of RFC 4180"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert all(None not in row and None not in row.values() for row in rows), "rows of unequal length"
    return rows


def sums_of(calls):
    """By function: calls, time, growth of outermost calls, their highest."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0, None])
    open_until = {}
    for name, module, pid, tid, enter, leave, growth in sorted(calls, key=lambda c: (c[4], -c[5])):
        row, thread = sums[name, module], (name, module, pid, tid)
        row[0] += 1
        until = open_until.get(thread, -1)
        row[1] += max(0, leave - max(enter, until))
        open_until[thread] = max(until, leave)
        if enter < until:
            continue
        row[2] += 1
        row[3] += growth
        row[4] = growth if row[4] is None else max(row[4], growth)
    return {key: tuple(row) for key, row in sums.items()}


def calls(data, table, report):
    recording, rows = figures.Recording(data), read_csv(table)
    number = lambda word: int(word) if word else 0
    is_same("calls", ((r["function"], number(r["pid"]), number(r["tid"]), int(r["enter_ns"]), int(r["leave_ns"]), int(r["enter_rss_bytes"]),
                       int(r["leave_rss_bytes"]), r["end"], r["leave_exact"] == "true") for r in rows),
            ((in_csv(name_of(c.name)), c.pid, c.tid, c.enter, c.leave, c.enter_rss, c.leave_rss, c.end, c.exact) for c in recording.calls))
    for r in rows:
        assert int(r["leave_ns"]) - int(r["enter_ns"]) == int(r["duration_ns"]), r
        assert decimal.Decimal(r["seconds"]) * 10**9 == int(r["enter_ns"]) - recording_start(recording), r
        assert (r["peak_bytes"] == "") == (r["peak_exact"] == ""), r
    told = {(in_csv(f["function"] or ""), in_csv(f["module"] or "")): tuple(f[key] for key in (
        "calls", "total_ns", "outermost", "net_growth_bytes", "largest_growth_bytes")) for f in load_json(read(report))["recordings"][0]["functions"]}
    sums = sums_of((r["function"].replace("\ufffd", "?"), r["module"].replace("\ufffd", "?"), r["pid"], r["tid"], int(r["enter_ns"]),
                    int(r["leave_ns"]), int(r["growth_bytes"])) for r in rows)
    told = {(name.replace("\ufffd", "?"), module.replace("\ufffd", "?")): row for (name, module), row in told.items()}
    is_same("sums", sums.items(), told.items())


def recording_start(recording):
    return figures.to_ns(recording.header["start"]) if "start" in recording.header else recording.start


def samples(data, table):
    rows, lines = read_csv(table), list(samples_of(data))
    is_same("samples", ((int(r["time_ns"]), int(r["rss_bytes"]), int(r["peak_bytes"] or 0)) for r in rows),
            (line[2:5] for line in lines))
    own = [key for key in rows[0] if key.endswith("_bytes") and key not in ("rss_bytes", "peak_bytes")]
    is_same("metrics", ((key[:-6], int(r[key])) for r in rows for key in own if r[key]),
            (item for line in lines for item in line[5].items()))


def objects(data, lines, array):
    recording = figures.Recording(data)
    text = read(lines)
    assert text.endswith("\n") and "\r" not in text
    told = [load_json(line) for line in text.split("\n")[:-1]]
    assert told == load_json(read(array)), "the array is not the lines"
    kinds = collections.Counter(o["kind"] for o in told)
    with open(data, encoding="utf-8", errors="surrogateescape") as file:
        words = collections.Counter(line.split(" ", 1)[0] for line in file)
    wanted = {"command": words["CMDLINE"], "header": words["FMPROF"], "function": words["FN"], "task": words["TASK"],
              "process": words["PROC"], "function_end": words["FNEND"], "note": words["NOTE"],
              "sample": words["MEM"] + words["CHLD"], "call": len(recording.calls), "end": words["END"]}
    is_same("kinds", kinds.items(), ((kind, count) for kind, count in wanted.items() if count))
    is_same("calls", ((o["function"] or "", o["enter_ns"], o["leave_ns"], o["growth_bytes"], o["end"], o["leave_exact"]) for o in told
                      if o["kind"] == "call"),
            ((in_json(name_of(c.name)), c.enter, c.leave, c.leave_rss - c.enter_rss, c.end, c.exact) for c in recording.calls))
    is_same("samples", ((o["time_ns"], o["rss_bytes"], o["peak_bytes"] or 0) for o in told if o["kind"] == "sample"),
            (line[2:5] for line in samples_of(data)))


# ---- folded stacks ------------------------------------------------------------------


def read_folded(path):
    stacks = collections.Counter()
    for line in read(path).split("\n")[:-1]:
        stack, _, value = line.rpartition(" ")
        assert stack and " " not in stack and all(stack.split(";")), line
        stacks[stack] += int(value)
    return {stack: value for stack, value in stacks.items() if value}


def stacks_of(rows):
    """By stack: growth by itself, growth, own time, calls; of each thread swept from event to event."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    threads = collections.defaultdict(list)
    for row in rows:
        threads[row["pid"], row["tid"]].append(row)
    for calls_of_thread in threads.values():
        events = []
        for index, row in enumerate(sorted(calls_of_thread, key=lambda r: (r["enter_ns"], -r["leave_ns"]))):
            events.append((row["enter_ns"], 1, index, row))
            events.append((row["leave_ns"], 0 if row["leave_ns"] > row["enter_ns"] else 2, -index, row))
        is_open, before = [], 0
        for time, what, _, row in sorted(events, key=lambda e: e[:3]):
            if is_open:
                sums[is_open[-1]["stack"]][2] += time - before
            before = time
            if what == 1:
                row["stack"] = (is_open[-1]["stack"] + ";" if is_open else "") + in_folded(row["function"] or "")
                row["outer"] = is_open[-1]["stack"] if is_open else None
                is_open.append(row)
                continue
            growth = row["growth_bytes"]
            sums[row["stack"]][0] += growth
            sums[row["stack"]][1] += growth
            sums[row["stack"]][3] += 1
            if row["outer"]:
                sums[row["outer"]][0] -= growth
            is_open.remove(row)
    return sums


def folded(lines, own, net, time, count):
    told = map(load_json, read(lines).split("\n")[:-1])
    sums = stacks_of(o for o in told if o["kind"] == "call")
    for column, path, unit in (0, own, 1024), (1, net, 1024), (3, count, 1):
        assert all(row[column] % unit == 0 for row in sums.values())
        is_same(path, read_folded(path).items(), ((stack, row[column] // unit) for stack, row in sums.items() if row[column]))
    told = read_folded(time)
    for stack, row in sums.items():
        # Stacks of equal names are one here and rounded apart there.
        assert abs(told.get(stack, 0) - decimal.Decimal(row[2]) / 1000) <= 2, (stack, told.get(stack), row[2])
    assert set(told) <= set(sums)


if __name__ == "__main__":
    result = {"perfetto": perfetto, "calls": calls, "samples": samples, "objects": objects, "folded": folded}[sys.argv[1]](*sys.argv[2:])
    if result:
        print(*result)
