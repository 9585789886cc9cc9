# SPDX-License-Identifier: GPL-2.0-only
"""Find what the kernel complained about on the console.

A WARN, a KASAN report or a lockdep splat leaves the guest running: without
this scan the tests still pass. The policy is two files of regular
expressions, splat.deny and splat.allow; each exception needs a reason.
"""
import os
import re

HERE = os.path.dirname(os.path.realpath(__file__))

# The guest is lost: these decide "panic" even when pvpanic said nothing.
PANIC = re.compile(rb"Kernel panic - not syncing|Internal error: |Oops: |"
                   rb"BUG: unable to handle|general protection fault")
MARKER = re.compile(r"bvm-test: (.*)")


class PolicyError(Exception):
    """A policy file that cannot be used; a scan that cannot run must fail."""


def read_policy(path, need_reason=False):
    """Return the compiled expressions of a policy file.

    Blank lines and lines that start with '#' are comments. With need_reason,
    a comment must stand directly above every expression.
    """
    expressions = []
    comment = False
    with open(path, encoding="utf-8") as policy:
        for number, line in enumerate(policy, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                comment = bool(line.strip("# ")) and "SPDX" not in line
                continue
            if need_reason and not comment:
                raise PolicyError(f"{path}:{number}: no reason given above")
            try:
                expressions.append(re.compile(line))
            except re.error as error:
                raise PolicyError(f"{path}:{number}: {error}") from error
            comment = False
    if not expressions and not need_reason:
        raise PolicyError(f"{path}: empty")
    return expressions


def scan(log, deny=None, allow=None):
    """Return the lines of a console log (bytes) that are splats."""
    deny = deny or read_policy(os.path.join(HERE, "splat.deny"))
    if allow is None:
        allow = read_policy(os.path.join(HERE, "splat.allow"), need_reason=True)
    found = []
    for line in log.decode(errors="replace").splitlines():
        line = line.rstrip()
        if (any(expression.search(line) for expression in deny) and
                not any(expression.search(line) for expression in allow)):
            found.append(line)
    return found


def running_test(log, line):
    """Return the test that ran when a line was printed, or None.

    run-tests.sh writes a marker into the kernel's log before each test.
    """
    test = None
    for candidate in log.decode(errors="replace").splitlines():
        if match := MARKER.search(candidate):
            test = match[1]
        if candidate.rstrip() == line:
            return test
    return None


def is_panic(log):
    """True when the console says that the kernel is gone."""
    return bool(PANIC.search(log))
