# SPDX-License-Identifier: GPL-2.0-only
"""differences.list: cases in which BVM and the stock kernel differ, and why."""
import re

HEADING = re.compile(r"^(\w+): (.*)$")

# How a reason begins.
CLASSES = ("pins precision trace", "pins rewritten instructions", "pins exact instruction counts",
           "stock unsound:", "stock:", "not yet:")


class ListError(Exception):
    """The file is not what it should be."""


def read(path):
    """Return {suite: {case: reason}}."""
    rows, suite, reason = {}, None, None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if line.startswith("\t"):
                case = line[1:]
                if suite is None or case in rows[suite]:
                    raise ListError(f"{path}:{number}: twice, or without a heading: {case}")
                rows[suite][case] = reason
                continue
            match = HEADING.match(line)
            if not match or not match[2].startswith(CLASSES):
                raise ListError(f"{path}:{number}: neither a case nor a heading: {line}")
            suite, reason = match.groups()
            rows.setdefault(suite, {})
    return rows
