# SPDX-License-Identifier: GPL-2.0-only
"""What PID 1 is handed, without a guest."""
import os
import shutil
import subprocess
import sys
import tempfile

import initramfs

BVM_VM = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
                      "bvm-vm")


def test_rows():
    """Arguments may hold anything but NUL."""
    rows = initramfs.request(["sh", "-c", "a=b\nc 'd'"], mounts=[("t", "rw", "/m n")],
                             cwd="/", tty=(24, 80))
    assert rows.split(b"\0") == [b"arg=sh", b"arg=-c", b"arg=a=b\nc 'd'",
                                 b"mount=t rw /m n", b"cwd=/", b"tty=24 80", b""]


def test_archive_is_a_cpio():
    """cpio(1) reads what we write."""
    if not shutil.which("cpio"):
        return
    with tempfile.NamedTemporaryFile() as program:
        program.write(b"#!program")
        program.flush()
        data = initramfs.archive(program.name, b"arg=true\0")
    listed = subprocess.run(["cpio", "-t", "--quiet"], input=data, check=True,
                            stdout=subprocess.PIPE).stdout.split()
    assert listed == [b"dev", b"dev/console", b"init", b"request"], listed


def test_usage_errors():
    """What cannot be is refused with 2, before anything is started."""
    for arguments in (["--icount", "--smp", "2"], ["--icount", "--accel", "kvm"],
                      ["--share", "/nonexistent"], ["--kernel", "/nonexistent"],
                      ["--arch", "vax"], ["--nosuch"]):
        child = subprocess.run([sys.executable, BVM_VM, "run", *arguments, "--", "true"],
                               check=False, stderr=subprocess.DEVNULL)
        assert child.returncode == 2, (arguments, child.returncode)
