# SPDX-License-Identifier: GPL-2.0-only
"""What must be in a tool's output: functions from text to True or False.

Each recognises an event that load.py makes, or a histogram that is one.
"""
import re

# "[64, 128)   3 |@@@   |" of bpftrace, with K, M and G for powers of 1024.
BPFTRACE_ROW = re.compile(r"^[\[(](-?\d+)([KMGT]?)(?:, (\.\.\.|\d+)([KMGT]?))?[\])]"
                          r"\s+(\d+) \|(@*) *\|$", re.M)
# "   64 -> 127    : 3   |***   |" of libbpf-tools and BCC.
ARROW_ROW = re.compile(r"^ *(\d+) +-> +(\d+) +: +(\d+) +\|([*+]*) *\|$", re.M)
UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def line(pattern):
    """Some line matches, from its first character on; "$" forgives trailing spaces."""
    regex = re.compile("^(?:" + re.sub(r"\$$", r" *$", pattern) + ")", re.M)
    return lambda text: bool(regex.search(text))


def every(*checks):
    """All of them hold."""
    return lambda text: all(check(text) for check in checks)


def _is_power(value):
    return value & (value - 1) == 0


def _bpftrace_rows(text):
    """Yield (low, high or None, count, bar)."""
    for match in BPFTRACE_ROW.finditer(text):
        low = int(match[1]) << UNITS[match[2]]
        high = match[3] and match[3].isdigit() and int(match[3]) << UNITS[match[4]]
        yield low, high or None, int(match[5]), match[6]


def _is_log2(rows):
    """Not empty, each bucket twice its predecessor, a bar where there is a count."""
    rows = list(rows)
    sound = all(_is_power(low) and (high is None or high in (low + 1, 2 * low))
                for low, high, _, _ in rows)
    return sound and any(count and bar for _, _, count, bar in rows)


def bpftrace_hist(heading):
    """bpftrace's hist() below a line that matches: powers of two, not empty."""
    regex = re.compile(rf"^{heading}: *\n((?:[\[(].*\n)+)", re.M)
    return lambda text: any(_is_log2(_bpftrace_rows(match[1]))
                            for match in regex.finditer(text))


def bpftrace_lhist(heading):
    """bpftrace's lhist() below a line that matches: not empty."""
    regex = re.compile(rf"^{heading}: *\n((?:[\[(].*\n)+)", re.M)
    return lambda text: any(count and bar for match in regex.finditer(text)
                            for _, _, count, bar in _bpftrace_rows(match[1]))


def arrow_hist(heading=None):
    """A histogram of libbpf-tools or BCC: powers of two, not empty.

    heading: it stands below a line that matches this.
    """
    def check(text):
        if heading:
            parts = re.split(rf"^.*{heading}.*$", text, flags=re.M)
            return any(_is_arrow_hist(part) for part in parts[1:])
        return _is_arrow_hist(text)
    return check


def _is_arrow_hist(text):
    rows = [(int(low), int(high) + 1, int(count), bar)
            for low, high, count, bar in ARROW_ROW.findall(text)]
    # The first bucket holds 0 and 1.
    return _is_log2((low if low else 1, high, count, bar) for low, high, count, bar in rows)


def load_average(text):
    """loads.bt's figure is the kernel's own, give or take what a second changes."""
    found = re.findall(r"load averages: (\d+)\.(\d{3}) (\d+)\.(\d{3}) (\d+)\.(\d{3})$", text, re.M)
    if not found:
        return False
    with open("/proc/loadavg", encoding="ascii") as file:
        wanted = [float(word) for word in file.read().split()[:3]]
    values = [int(found[-1][at]) + int(found[-1][at + 1]) / 1000 for at in (0, 2, 4)]
    return all(abs(value - want) < 0.3 for value, want in zip(values, wanted))
