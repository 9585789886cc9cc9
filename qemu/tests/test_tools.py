# SPDX-License-Identifier: GPL-2.0-only
"""What "make tools" takes for a histogram, and what it makes of two results."""
import importlib.machinery
import importlib.util
import os
import sys

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(REPOSITORY, "selftests", "tools"))

# pylint: disable=wrong-import-position
import expect
import table

ARROWS = """     usecs               : count     distribution
         0 -> 1          : 0        |                                        |
         2 -> 3          : 7        |****************************************|
         4 -> 7          : 1        |*****                                   |
"""
BPFTRACE = """@usecs:
[1]                    1 |@@@@                                                |
[2, 4)                 0 |                                                    |
[4, 8)                12 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

"""
LINEAR = """@cpu:
[0, 1)                46 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ |
[1, 2)                48 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

"""


def run_tools():
    """scripts/run-tools as a module."""
    loader = importlib.machinery.SourceFileLoader(
        "run_tools", os.path.join(REPOSITORY, "scripts", "run-tools"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("run_tools", loader))
    loader.exec_module(module)
    return module


def test_arrow_hist():
    """Powers of two, something in it, below its heading."""
    assert expect.arrow_hist("usecs")(ARROWS)
    assert not expect.arrow_hist("msecs")(ARROWS)
    assert not expect.arrow_hist()(ARROWS.replace("4 -> 7", "4 -> 9"))
    assert not expect.arrow_hist()(ARROWS.replace(": 7 ", ": 0 ").replace(": 1 ", ": 0 "))
    assert not expect.arrow_hist()(ARROWS.replace("*", " "))
    assert not expect.arrow_hist()("")


def test_bpftrace_hist():
    """The same for bpftrace, units included."""
    assert expect.bpftrace_hist("@usecs")(BPFTRACE)
    assert expect.bpftrace_hist("@usecs")(BPFTRACE.replace("[4, 8)", "[512, 1K)"))
    assert not expect.bpftrace_hist("@usecs")(BPFTRACE.replace("[4, 8)", "[4, 9)"))
    assert not expect.bpftrace_hist("@nsecs")(BPFTRACE)
    assert not expect.bpftrace_hist("@usecs")(BPFTRACE.replace("@@", "  "))
    assert not expect.bpftrace_hist("@cpu")(LINEAR.replace("[1, 2)", "[3, 4)"))
    assert expect.bpftrace_lhist("@cpu")(LINEAR)
    assert not expect.bpftrace_lhist("@cpu")(LINEAR.replace("@@", "  "))


def test_line():
    """From the first character of a line on."""
    assert expect.line(r"\d+ open$")("PID\n12 open\n")
    assert not expect.line(r"\d+ open$")("pid 12 open\n")
    assert not expect.every(expect.line("a"), expect.line("b"))("a\n")


def test_every_tool_needs_its_event():
    """No row takes the output of a tool that saw nothing, nor another one's name."""
    names = [tool.name for tool in table.TOOLS]
    assert len(set(names)) == len(names)
    for tool in table.TOOLS:
        assert not tool.expect(""), tool.name
        assert not tool.expect("\n".join(names) + "\n"), tool.name


def test_verdict():
    """Which pairs of results are which end."""
    tools = run_tools()
    passed, failed = tools.Result(True), tools.Result(False, "why")
    works = table.Tool("works", (), (), None)
    broken = table.Tool("broken", (), (), None, broken="old")
    better = table.Tool("better", (), (), None, broken="old", works_on_bvm=True)
    for tool, stock, bvm, word in (
            (works, passed, passed, "ok"), (works, passed, failed, "not ok"),
            (works, failed, passed, "not ok"), (works, passed, None, "not ok"),
            (broken, failed, failed, "skip"), (broken, failed, passed, "skip"),
            (broken, passed, passed, "not ok"),
            (better, failed, passed, "ok"), (better, failed, failed, "not ok"),
            (better, passed, passed, "not ok")):
        assert tools.verdict(tool, {"stock": stock, "bvm": bvm})[0] == word, (tool, stock, bvm)
    for tool, bvm, word in ((works, passed, "ok"), (works, failed, "not ok"),
                            (broken, failed, "skip"), (better, failed, "not ok")):
        assert tools.verdict(tool, {"bvm": bvm})[0] == word, (tool, bvm)
    assert tools.verdict(better, {"stock": failed})[0] == "skip"
