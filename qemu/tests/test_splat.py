# SPDX-License-Identifier: GPL-2.0-only
"""Sample console logs, and what the splat policy says about them."""
import os
import re
import tempfile

import splat

LOGS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "logs")


def test_sample_logs():
    """Each bad-*.log holds one splat at least, each good-*.log none."""
    names = sorted(os.listdir(LOGS))
    assert names
    for name in names:
        with open(os.path.join(LOGS, name), "rb") as log:
            found = splat.scan(log.read())
        assert bool(found) == name.startswith("bad-"), (name, found)


def test_panic():
    """An oops is a panic, a warning is not."""
    assert splat.is_panic(b"Kernel panic - not syncing: Fatal exception")
    assert splat.is_panic(b"Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP")
    assert not splat.is_panic(b"WARNING: CPU: 0 PID: 1 at kernel/fork.c:1 f+0x1/0x2")


def test_allowed():
    """An exception silences its own line only."""
    log = b"WARNING: CPU: 0 known\nWARNING: CPU: 0 new\n"
    found = splat.scan(log, allow=[re.compile("known")])
    assert found == ["WARNING: CPU: 0 new"], found


def test_running_test_is_named():
    """The marker before a splat says which test ran."""
    log = b"[1.0] bvm-test: maps_test\n[1.1] BUG: bad\n[1.2] bvm-test: end\n"
    assert splat.running_test(log, "[1.1] BUG: bad") == "maps_test"


def _policy(text, **arguments):
    with tempfile.NamedTemporaryFile("w", suffix=".policy") as policy:
        policy.write(text)
        policy.flush()
        try:
            return splat.read_policy(policy.name, **arguments)
        except splat.PolicyError:
            return None


def test_policy_that_cannot_be_used():
    """A broken policy is an error, never an empty scan."""
    assert _policy("(") is None
    assert _policy("# only a comment\n") is None
    assert _policy("known\n", need_reason=True) is None
    assert len(_policy("# because\nknown\n", need_reason=True)) == 1
    assert _policy("# SPDX-License-Identifier: x\nknown\n", need_reason=True) is None
