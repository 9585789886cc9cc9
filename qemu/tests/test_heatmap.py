# SPDX-License-Identifier: GPL-2.0-only
"""scripts/heatmap: what it draws, and what it says about other input."""
import os
import subprocess
import tempfile
import xml.etree.ElementTree

SCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..",
                      "scripts", "heatmap")
HEAD = "# column_ms=10 columns=20\nwhat,time_ms,latency_ns,count\n"


def run(text, *arguments):
    """Draw; return exit status, output and errors."""
    done = subprocess.run([SCRIPT, *arguments], input=text, capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_terminal():
    status, out, _ = run(HEAD + "run-queue,0,1024,1\nrun-queue,190,4096,8\n")
    lines = out.splitlines()
    assert status == 0
    assert "   4.1 µs |                   @" in lines, lines
    assert "  2.05 µs |" in lines, lines
    assert "  1.02 µs |." in lines, lines
    assert "9 events" in out, out


def test_narrow_terminal_adds_columns_up():
    _, out, _ = run(HEAD + "run-queue,0,1024,1\nrun-queue,10,1024,2\n", "--width", "28")
    assert "3 events, 0.02 s and a factor of two a cell; darkest: 3" in out, out


def test_svg():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "heat.svg")
        run(HEAD + "run-queue,0,1024,1\nblock-io,10,2048,70\n", "--svg", path)
        root = xml.etree.ElementTree.parse(path).getroot()
    titles = [node.text for node in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["0 s: 1 from 1.02 µs to 2.05 µs", "0.01 s: 70 from 2.05 µs to 4.1 µs"]


def test_no_events():
    assert run(HEAD)[0] == 1


def test_other_input():
    for text in ("nonsense\n", "run-queue,0,1024,1\n", HEAD + "run-queue,0,x,1\n"):
        status, _, errors = run(text)
        assert status == 2, text
        assert "none of a heat map" in errors, errors

