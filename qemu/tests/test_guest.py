# SPDX-License-Identifier: GPL-2.0-only
"""Guests that end in every way a guest can."""
import os
import subprocess
import tempfile

BVM_VM = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                      "bvm-vm")
KERNEL = os.environ.get("KERNEL", "bvm")
PROVOKE = "echo {} > /sys/kernel/debug/provoke-crash/DIRECT"


def _run(*arguments, options=(), stdin=b""):
    return subprocess.run([BVM_VM, "run", "--kernel", KERNEL, *options, "--", *arguments],
                          input=stdin, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def _expect(child, status):
    assert child.returncode == status, (child.returncode, child.stderr[-2000:])


def test_streams_and_status():
    """Both streams arrive whole and apart, stdin as well; the status is 7."""
    with tempfile.TemporaryDirectory() as share:
        child = _run("sh", "-c", "cat; echo error >&2; head -c 300000 /dev/zero; "
                     f"nproc > {share}/cpus; touch /etc/not-on-the-host; exit 7",
                     options=["--smp", "2", "--share", share], stdin=b"input\n")
        _expect(child, 7)
        assert child.stdout == b"input\n" + b"\0" * 300000, len(child.stdout)
        assert b"error\n" in child.stderr
        with open(os.path.join(share, "cpus"), encoding="utf-8") as cpus:
            assert cpus.read() == "2\n"
    assert not os.path.exists("/etc/not-on-the-host")


def test_panic():
    """sysrq-c: 3."""
    child = _run("sh", "-c", "echo c > /proc/sysrq-trigger")
    _expect(child, 3)
    assert b"panicked" in child.stderr


def test_hang():
    """No end within the limit: 124."""
    _expect(_run("sleep", "1000", options=["--timeout", "12"]), 124)


def test_warning():
    """A WARN leaves the command's 0 behind: 5."""
    child = _run("sh", "-c", PROVOKE.format("WARNING"))
    _expect(child, 5)
    assert b"lkdtm_WARNING" in child.stderr


def test_guest_that_leaves():
    """A reboot in the middle is no result: 2."""
    _expect(_run("sh", "-c", "echo b > /proc/sysrq-trigger; sleep 100"), 2)


def test_icount():
    """An exact count of instructions: the same loop costs the same."""
    child = _run("true", options=["--icount"])
    _expect(child, 0)
