#!/usr/bin/env python3
"""usage: results.py COMMAND ARGUMENT...

hostile FOLDER              writes a summary.json whose names, reasons and files try to break out of what holds them
junit FILE.xml SUMMARY      the XML says what the summary says
annotations FILE SUMMARY    the annotations do, read as GitHub's runner reads them
tap FILE.json SUMMARY       what TAP::Parser has read (tap_as_json.pl) does
page FILE.html SUMMARY      index.html does, and holds nothing that runs or that is fetched from elsewhere
summary FILE.json           it is valid by docs/summary.schema.json

Every difference is printed; status 1 if there is one.
"""
import html.parser
import json
import pathlib
import re
import sys
import urllib.parse
import xml.etree.ElementTree as tree

VERDICTS = ["passed", "over budget", "worse than baseline", "wrong exit", "crashed", "timed out", "out of memory", "not found",
            "not executable", "recording failed", "interrupted", "not run"]
wrong = []


def expect(what, is_so, has_to_be):
    if is_so != has_to_be:
        wrong.append(f"{what}: {str(is_so)[:200]!r} instead of {str(has_to_be)[:200]!r}")


def results_of(path):
    return json.loads(pathlib.Path(path).read_text())


def is_worse(change):
    return change["trend"] == "worse" and change["counts"]


# ---- a summary that tries to do harm --------------------------------------------------

def hostile_measures(name, i):
    figure = {"budget": "max-peak", "function": name, "measured_function": name + "!", "unit": "bytes", "limit": 1 << 20,
              "measured": 1 << (10 + i), "exact": i % 2 == 0, "ok": i <= 10, "note": None}
    unknown = {**figure, "budget": "max-calls", "unit": "calls", "measured": None, "note": name, "ok": i % 3 == 0}
    function = {"function": name, "full_name": name, "module": "/" + name, "calls": i, "unfinished": 0, "outermost": i,
                "total_ns": 10 ** i % 10 ** 18, "max_ns": 5, "net_growth_bytes": -i << 20, "largest_growth_bytes": i << 20,
                "peak": {"bytes": 4096, "exact": False}}
    return {"wall_ns": 1000 * i, "peak": {"bytes": 1 << (i + 20), "exact": False}, "peak_bound_bytes": 819200,
            "slope_bytes_per_second": (-1) ** i * 10.0 ** i, "budgets": [figure, unknown], "functions": [function]}


def hostile_result(name, i):
    verdict = VERDICTS[i % len(VERDICTS)]
    reason = None if verdict == "passed" else name
    run = {"verdict": verdict if verdict != "worse than baseline" else "passed", "reason": reason, "attempts": 1, "exit_status": None,
           "signal": 11, "start_ns": 1700000000000000000, "samples": 3, "missed_samples": 1, "calls": i,
           "measures": hostile_measures(name, i), "warnings": [name],
           "files": {"data": name, "picture": name, "stdout": "javascript:alert(10)", "stderr": f"{i % 4}.err"}}
    change = {"figure": "peak", "function": name, "unit": "bytes", "before": 1, "now": 2 ** 62, "before_exact": True, "now_exact": False,
              "noise": 0, "trend": "worse", "counts": True}
    return {"name": name, "command": name, "line": i + 1, "tags": [name], "expected": {"exit_status": 0, "signal": None},
            "verdict": verdict, "reason": reason, "median": hostile_measures(name, i), "runs": [run] * (1 + i % 2), "new": i % 2 == 0,
            "changes": [change] if i % 2 else []}


def hostile(folder):
    from hostile import NAMES
    folder = pathlib.Path(folder)
    folder.mkdir()
    names = [name.encode("utf-8", "replace").decode() for name in NAMES] + ["../../etc/passwd", "::error ::x", "%0A::warning::"]
    results = [hostile_result(name, i) for i, name in enumerate(names)]
    totals = {verdict: sum(result["verdict"] == verdict for result in results) for verdict in VERDICTS}
    summary = {"fmprof_summary": 1, "suite": "suite\n::error ::x:,%.ini", "host": names[9], "start_ns": 1700000000000000000,
               "duration_ns": 5, "jobs": 3, "interrupted": True, "totals": totals, "results": results,
               "baseline": {"path": names[12], "tolerance": 0.05, "gone": names}}
    (folder / "summary.json").write_text(json.dumps(summary))
    for i, name in enumerate([names[9], names[20] + "\0\1", names[24], names[10]]):
        (folder / f"{i}.err").write_text(name * 2 + "\n")


# ---- what came of it -------------------------------------------------------------------

def shown(name):
    """A name is shown as it is, but for what steers, hides and takes too much room."""
    return re.fullmatch(r"[ -~]{1,100}", name) is not None


def junit(path, summary):
    suites = tree.parse(path).getroot().findall("testsuite")
    results = results_of(summary)["results"]
    expect("suites", len(suites), len(results))
    for suite, result in zip(suites, results):
        name = result["name"]
        cases = suite.findall("testcase")
        if shown(name):
            expect("name", suite.get("name"), name)
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            expect(f"{name[:50]} {attribute}", int(suite.get(attribute)), sum(case.find(tag) is not None for case in cases))
        expect(f"{name[:50]} tests", int(suite.get("tests")), len(cases))
        budgets = result["median"]["budgets"]
        expect(f"{name[:50]} cases", len(cases), 1 + len(budgets) + (result["changes"] is not None))
        how = {"passed": None, "over budget": None, "worse than baseline": None, "wrong exit": "failure", "not run": "skipped"}
        tags = [next((tag for tag in ("failure", "error", "skipped") if case.find(tag) is not None), None) for case in cases]
        expect(f"{name[:50]} end", tags[0], how.get(result["verdict"], "error"))
        for budget, tag in zip(budgets, tags[1:]):
            expect(f"{name[:50]} {budget['budget']}", tag,
                   "failure" if not budget["ok"] else "skipped" if budget["measured"] is None else None)
        if result["changes"] is not None:
            expect(f"{name[:50]} baseline", tags[-1] == "failure", any(map(is_worse, result["changes"])))


def unescaped(value, in_property):
    for escaped, character in (("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if in_property else []), ("%25", "%")):
        value = value.replace(escaped, character)
    return value


def annotations(path, summary):
    summary = results_of(summary)
    lines = [line for line in pathlib.Path(path).read_text().split("\n") if line.startswith("::")]
    errors = [re.fullmatch(r"::error (.*?)::(.*)", line) for line in lines if line.startswith("::error file=")]
    failed = [result for result in summary["results"] if result["verdict"] not in ("passed", "not run")]
    expect("errors", len(errors), len(failed))
    for error, result in zip(errors, failed):
        fields = {key: unescaped(value, True) for key, value in (field.split("=", 1) for field in error[1].split(","))}
        if result["line"]:
            expect("line", fields.get("line"), str(result["line"]))
            expect("keys", list(fields), ["file", "line", "title"])
        if shown(result["name"]):
            expect("title", fields["title"], f"{result['name']}: {result['verdict']}")
        message = unescaped(error[2], False).split("\n")
        if result["reason"] and shown(result["reason"]) and result["verdict"] not in ("over budget", "worse than baseline"):
            expect("message", message[0], result["reason"])
        expect("details", sum(line.startswith("max-") for line in message) >= sum(not budget["ok"] for budget in result["median"]["budgets"]), True)
    gone = (summary["baseline"] or {"gone": []})["gone"]
    not_run = summary["totals"]["not run"] > 0
    expect("warnings", sum(line.startswith("::warning ") for line in lines), len(gone) + not_run)


def tap(path, summary):
    points = json.loads(pathlib.Path(path).read_text())
    results = results_of(summary)["results"]
    expect("parse errors", points["errors"], [])
    expect("points", len(points["points"]), len(results))
    for point, result in zip(points["points"], results):
        expect("ok", bool(point["ok"]), result["verdict"] in ("passed", "not run"))
        expect("skipped", bool(point["skip"]), result["verdict"] == "not run")
        if shown(result["name"]):
            # TAP::Parser leaves escapes as they are.
            expect("name", re.sub(r"\\([\\#])", r"\1", point["description"]), "- " + result["name"].strip())
        if not point["ok"]:
            details = point["yaml"]
            expect("verdict", details["verdict"], result["verdict"])
            if shown(result["reason"]):
                expect("message", details["message"], result["reason"].strip())
            expect("budgets", [list(line)[0] for line in details.get("budgets", [])],
                   ["within" if budget["ok"] else "over" for budget in result["median"]["budgets"]])
            expect("changes", len(details.get("changes", [])), sum(map(is_worse, result["changes"] or [])))


class Page(html.parser.HTMLParser):
    TAGS = set("""html head meta title style body header h1 h2 h3 p strong div i ul li section table thead tbody tr th td a details summary span
        code dl dt dd small pre img footer""".split())
    ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "id", "href", "src", "alt", "loading", "open"}

    def __init__(self):
        super().__init__()
        self.links, self.texts, self.stack, self.names = [], [], [], []

    def handle_starttag(self, tag, attributes):
        expect("tags", tag in self.TAGS, True)
        for key, value in attributes:
            expect(f"attribute {key}", key in self.ATTRIBUTES, True)
            if key in ("href", "src"):
                self.links.append(value)
            if key == "style":
                expect("style", re.fullmatch(r"(width|flex):[\d.]+%?", value) is not None, True)
        if tag not in ("meta", "img"):
            self.stack.append(tag)

    def handle_endtag(self, tag):
        expect("end tag", tag, self.stack.pop())

    def handle_data(self, data):
        self.texts.append(data)
        if self.stack[-2:] == ["summary", "strong"]:
            self.names.append(data)


def page(path, summary):
    summary = results_of(summary)
    parser = Page()
    parser.feed(pathlib.Path(path).read_text())
    expect("open tags", parser.stack, [])
    for link in parser.links:
        expect("link", link.startswith("./") or link.startswith("#p") or link == "summary.json", True)
    expect("programs", len(parser.names), len(summary["results"]))
    expect("names", {result["name"] for result in summary["results"] if shown(result["name"]) and len(result["name"]) < 80}
           - set(parser.names), set())
    files = [file for result in summary["results"] for run in result["runs"] for file in run["files"].values() if file]
    targets = {urllib.parse.unquote(link[2:]) for link in parser.links if link.startswith("./")}
    expect("files", targets, set(files))
    text = " ".join(parser.texts)
    expect("passwords", "root:" in text, False)
    for verdict, count in summary["totals"].items():
        expect(verdict, f"{count} {verdict}" in text, count > 0)


def summary(path):
    import jsonschema
    schema = pathlib.Path(__file__).resolve().parents[2] / "docs" / "summary.schema.json"
    try:
        jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(results_of(path))
    except jsonschema.ValidationError as error:
        wrong.append(f"{path}: {error.message[:300]}")


def main():
    command, *arguments = sys.argv[1:]
    {"hostile": hostile, "junit": junit, "annotations": annotations, "tap": tap, "page": page, "summary": summary}[command](*arguments)
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)


main()
