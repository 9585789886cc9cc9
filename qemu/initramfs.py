# SPDX-License-Identifier: GPL-2.0-only
"""A tiny initramfs: PID 1 and the request that tells it what to do."""
import os
import subprocess
import tempfile

SOURCE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "init.c")
CFLAGS = ["-static", "-O2", "-Wall", "-Wextra"]

FILE, DIRECTORY, CHARACTER_DEVICE = 0o100000, 0o040000, 0o020000


def build_init(compiler, build_dir, arch):
    """Compile init.c when it is newer than its program; return the program."""
    program = os.path.join(build_dir, f"init-{arch}")
    if os.path.exists(program) and os.path.getmtime(program) > os.path.getmtime(SOURCE):
        return program
    os.makedirs(build_dir, exist_ok=True)
    # Several guests may start at once: only rename() is visible to the others.
    with tempfile.TemporaryDirectory(dir=build_dir) as scratch:
        fresh = os.path.join(scratch, "init")
        subprocess.run([compiler, *CFLAGS, "-o", fresh, SOURCE], check=True)
        os.replace(fresh, program)
    return program


def request(argv, mounts=(), env=(), cwd=None, tty=None, stdin=False):
    """Encode what init.c's read_request() decodes.

    mounts: (tag, "ro" or "rw", path) rows; tty: (rows, columns) or None.
    """
    rows = [("arg", arg) for arg in argv]
    rows += [("mount", f"{tag} {mode} {path}") for tag, mode, path in mounts]
    rows += [("env", f"{name}={value}") for name, value in env]
    if cwd:
        rows.append(("cwd", cwd))
    if tty:
        rows.append(("tty", f"{tty[0]} {tty[1]}"))
    if stdin:
        rows.append(("stdin", "1"))
    return b"".join(os.fsencode(f"{key}={value}") + b"\0" for key, value in rows)


def _entry(name, mode, data=b"", device=(0, 0)):
    """One member of a cpio archive in the "newc" format."""
    name = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    return _pad(header + name) + _pad(data)


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


def archive(init_program, request_rows):
    """Return the whole initramfs, uncompressed."""
    with open(init_program, "rb") as program:
        init = program.read()
    return b"".join([
        _entry("dev", DIRECTORY | 0o755),
        _entry("dev/console", CHARACTER_DEVICE | 0o600, device=(5, 1)),
        _entry("init", FILE | 0o755, init),
        _entry("request", FILE | 0o400, request_rows),
        _entry("TRAILER!!!", 0),
    ])
