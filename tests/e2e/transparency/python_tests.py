#!/usr/bin/env python3
"""usage: python_tests.py NAME...

Runs tests of Python's own regression suite, modules, classes or methods, and prints what became of each, in order of their names. What they
print themselves is dropped. The status is 1 if one has failed.
"""
import contextlib
import os
import sys
import unittest
import warnings

from test import support

told = os.fdopen(os.dup(1), "w")
os.dup2(os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 1)
os.dup2(1, 2)


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.became = {}

    def note(self, test, what):
        # A failed subtest is not to be hidden by its test's success.
        if not self.became.get(test.id(), "").startswith("FAILED"):
            self.became[test.id()] = what

    def addSuccess(self, test):
        self.note(test, "ok")

    def addSkip(self, test, reason):
        self.note(test, "skipped")

    def addExpectedFailure(self, test, err):
        self.note(test, "failed as expected")

    def addError(self, test, err):
        self.note(test, "FAILED " + self._exc_info_to_string(err, test))

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addError(test, err)


support.use_resources = []  # nothing that takes the network, a screen, or long
warnings.simplefilter("ignore")
result = Result()
with contextlib.redirect_stdout(sys.stderr):
    unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:]).run(result)
for name, what in sorted(result.became.items()):
    print(name, what, file=told)
failed = sum(what.startswith("FAILED") for what in result.became.values())
print(f"{len(result.became)} tests, {failed} failed", file=told)
told.close()
sys.stdout.flush()
os._exit(failed > 0)
