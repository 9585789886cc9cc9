# SPDX-License-Identifier: GPL-2.0-only
"""Count results in KTAP, nested as deep as it comes.

Only leaves count: a result that stands below its own subtests sums them up.
A parent that failed although its subtests passed (it crashed or timed out
after them) counts as one more failure.
"""
import dataclasses
import re

RESULT = re.compile(r"^(?P<indent> *)(?P<not>not )?ok (?P<number>\d+)?(?P<rest>.*)$")
PLAN = re.compile(r"^(?P<indent> *)1\.\.(?P<count>\d+)(?P<skip>\s*#\s*SKIP.*)?")
DIRECTIVE = re.compile(r"#\s*(SKIP|XFAIL|TODO|TIMEOUT|ERROR)\b", re.IGNORECASE)


@dataclasses.dataclass
class Counts:
    """How many tests passed, failed and were skipped."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed,
                      self.skipped + other.skipped)

    def status(self):
        """Return the exit status that these counts deserve."""
        if self.failed:
            return 1
        if not self.passed:
            return 4
        return 0


class Counter:
    """Feed it lines, then read counts and failures."""

    def __init__(self):
        self.counts = Counts()
        self.failures = []
        # A row for each indentation that is open: [indent, failed so far].
        self._open = []

    def feed(self, line):
        """Take one line; return (name, "ok", "not ok" or "skip") for a result."""
        match = RESULT.match(line.rstrip("\n"))
        if not match:
            return None
        indent = len(match["indent"])
        name, outcome = _judge(match)
        parent, children_failed = self._close_deeper(indent)
        if not self._open or self._open[-1][0] < indent:
            self._open.append([indent, False])
        if outcome == "not ok":
            self._open[-1][1] = True
        if not parent or (outcome == "not ok" and not children_failed):
            self._count(name, outcome)
        return name, outcome

    def _close_deeper(self, indent):
        """Forget what stands deeper; return (was there any, did one fail)."""
        parent = failed = False
        while self._open and self._open[-1][0] > indent:
            failed |= self._open.pop()[1]
            parent = True
        return parent, failed

    def _count(self, name, outcome):
        if outcome == "ok":
            self.counts.passed += 1
        elif outcome == "skip":
            self.counts.skipped += 1
        else:
            self.counts.failed += 1
            self.failures.append(name)


def _judge(match):
    name = match["rest"].strip().lstrip("- ").strip()
    directive = DIRECTIVE.search(name)
    kind = directive[1].upper() if directive else ""
    name = DIRECTIVE.split(name)[0].strip() if directive else name
    if kind == "SKIP":
        return name, "skip"
    # An expected failure is a pass, in kselftest and in TAP.
    if match["not"] and kind not in ("XFAIL", "TODO"):
        return name, "not ok"
    return name, "ok"
