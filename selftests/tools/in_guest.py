# SPDX-License-Identifier: GPL-2.0-only
"""In a guest: run tools one after the other, make events, judge what they print.

usage: python3 in_guest.py [--disk DEVICE] [--headers BUILD SOURCE] [--build DIR]
                           [--ktap] NAME...

For each tool two lines on stdout: "run NAME", and "result JSON", an object with
the name, whether it passed, why not, the seconds it took and what it printed.
Exit status 0 unless this program itself failed. With --ktap: KTAP, and 1 if a
tool failed.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import termios
import threading
import time

import load
import table

# What a tool holds open once its programs are in place.
BPF_FILES = re.compile(r"bpf|perf_event")
# A tool is in place when it holds a program and that list rests this long.
REST_SECONDS = 0.7
# How long events are made for a tool that prints when it is interrupted.
EVENTS_SECONDS = 4
# How long it may take to end once interrupted. bpftrace 0.17 only notices a SIGINT
# that comes while it waits, so it gets another from time to time.
END_SECONDS = 60
INTERRUPT_AGAIN_SECONDS = 3
OUTPUT_KEPT = 4 << 20


class Process:
    """A command whose output goes to a terminal: no tool buffers that."""

    def __init__(self, command):
        self.output = bytearray()
        master, slave = os.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave,
                                      stderr=slave, start_new_session=True)
        os.close(slave)
        self.reader = threading.Thread(target=self._read, args=(master,))
        self.reader.start()

    def _read(self, master):
        try:
            while data := os.read(master, 65536):
                self.output += data
                del self.output[:-OUTPUT_KEPT]
        except OSError:     # EIO: every holder of the other end has gone
            pass
        os.close(master)

    def text(self):
        """What it has printed so far."""
        return bytes(self.output).decode(errors="replace")

    def running(self):
        """It has not ended."""
        return self.child.poll() is None

    def bpf_files(self):
        """Its open files that have to do with BPF."""
        directory = f"/proc/{self.child.pid}/fd"
        try:
            names = [os.readlink(f"{directory}/{fd}") for fd in os.listdir(directory)]
        except OSError:
            return []
        return sorted(name for name in names if BPF_FILES.search(name))

    def wait_in_place(self, deadline):
        """Wait until its programs are attached; it may end meanwhile."""
        before, since = None, time.monotonic()
        while self.running() and time.monotonic() < deadline:
            now = self.bpf_files()
            if now != before:
                before, since = now, time.monotonic()
            elif "anon_inode:bpf-prog" in now and time.monotonic() > since + REST_SECONDS:
                return
            time.sleep(0.1)

    def wait(self, seconds):
        """Wait for its end; return whether it came."""
        try:
            self.child.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def stop(self):
        """Interrupt it; return whether it ended of that, and not of SIGKILL."""
        give_up = time.monotonic() + END_SECONDS
        ended = not self.running()
        while not ended and time.monotonic() < give_up:
            self.child.send_signal(signal.SIGINT)
            ended = self.wait(INTERRUPT_AGAIN_SECONDS)
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.reader.join()
        return ended


def fill(words, pid, build):
    """Put the process id and the build directory in."""
    return [word.replace("{pid}", str(pid)).replace("{build}", build) for word in words]


def make_events(tool):
    """All of them, once."""
    for event in tool.loads:
        event()


def watch(tool, process, deadline):
    """Make events until the tool shows one, ends, or time is up."""
    process.wait_in_place(deadline)
    interrupt = time.monotonic() + EVENTS_SECONDS
    while process.running() and time.monotonic() < deadline:
        make_events(tool)
        time.sleep(0.1)
        if tool.at_end and time.monotonic() > interrupt:
            return
        if not tool.at_end and tool.expect(process.text()):
            return


def run_once(tool, process, deadline):
    """Let a command do its work."""
    while process.running() and time.monotonic() < deadline:
        time.sleep(0.05)


def judge(tool, process, ended, expired):
    """Return why it failed, or nothing."""
    status = process.child.returncode
    if tool.expect(process.text()):
        if not ended:
            return f"did not end within {END_SECONDS} s of SIGINT"
        if tool.once and status:
            return f"exit status {status}"
        return ""
    if expired:
        return f"the event did not appear within {tool.seconds} s"
    return f"the event did not appear; exit status {status}"


def run_tool(tool, build):
    """Return (why it failed or "", output)."""
    beside = None
    if tool.beside:
        beside = Process(tool.beside)
        beside.wait_in_place(time.monotonic() + tool.seconds)
        make_events(tool)
    deadline = time.monotonic() + tool.seconds
    process = Process(fill(tool.command, os.getpid(), build))
    try:
        (run_once if tool.once else watch)(tool, process, deadline)
        expired = process.running() and time.monotonic() >= deadline
    finally:
        ended = process.stop()
        if beside:
            beside.stop()
    output = process.text()
    if beside:
        output += "".join(f"beside: {line}\n" for line in beside.text().splitlines())
    return judge(tool, process, ended, expired), output


class Headers:
    """The kernel's headers where BCC looks for them, and only while it looks.

    bpftrace would prefer them to BTF.
    """

    def __init__(self, paths):
        self.paths = paths

    def __enter__(self):
        if self.paths:
            os.makedirs("/lib/modules", exist_ok=True)
            load.call("mount", "-t", "tmpfs", "headers", "/lib/modules")
            here = f"/lib/modules/{os.uname().release}"
            os.mkdir(here)
            for name, path in zip(("build", "source"), self.paths):
                os.symlink(path, f"{here}/{name}")

    def __exit__(self, *_):
        if self.paths:
            load.call("umount", "/lib/modules")


def say_json(_, result):
    """For scripts/run-tools."""
    print("result", json.dumps(result), flush=True)


def say_ktap(number, result):
    """For a test."""
    for text in result["output"].splitlines():
        print(f"# {text}")
    verdict, why = ("ok", "") if result["passed"] else ("not ok", f" # {result['why']}")
    print(f"{verdict} {number} {result['name']}{why}", flush=True)


def main():
    """Run the tools; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disk", default="/dev/vda")
    parser.add_argument("--headers", nargs=2, metavar=("BUILD", "SOURCE"))
    parser.add_argument("--build", default="")
    parser.add_argument("--ktap", action="store_true")
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    tools = [tool for tool in table.TOOLS if tool.name in options.names]
    load.set_up([event for tool in tools for event in tool.loads], options.disk)
    load.take_name()
    say = say_ktap if options.ktap else say_json
    print(f"KTAP version 1\n1..{len(tools)}" if options.ktap else "start", flush=True)
    failed = 0
    for number, tool in enumerate(tools, 1):
        if not options.ktap:
            print(f"run {tool.name}", flush=True)
        with open("/dev/kmsg", "w", encoding="ascii") as log:
            log.write(f"<4>bvm-test: {tool.name}\n")
        start = time.monotonic()
        with Headers(options.headers if tool.headers else None):
            why, output = run_tool(tool, options.build)
        failed += bool(why)
        say(number, {"name": tool.name, "passed": not why, "why": why,
                     "seconds": round(time.monotonic() - start, 1), "output": output})
    return int(options.ktap and failed > 0)


if __name__ == "__main__":
    sys.exit(main())
