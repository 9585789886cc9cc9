# SPDX-License-Identifier: GPL-2.0-only
"""Choose the accelerator by booting a guest, not by looking at /dev/kvm.

/dev/kvm can exist, open and create a VM while no guest boots on it (seen where
the host is itself a guest). QEMU then aborts, or stays paused for ever. So the
only test is a short boot; its verdict is cached below the build directory.
"""
import fcntl
import json
import os
import sys

import machine

PROBE_SECONDS = 15


def _kvm_opens():
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return f"/dev/kvm: {error.strerror}"
    return None


def _probe(arch, boots):
    """Return (accelerator, reason)."""
    if arch != machine.HOST_ARCH:
        return "tcg", f"{arch} is not this machine's architecture"
    reason = _kvm_opens()
    if reason:
        return "tcg", reason
    problem = boots("kvm", PROBE_SECONDS)
    if problem:
        return "tcg", f"/dev/kvm opens, but a probe guest did not boot: {problem}"
    return "kvm", "a probe guest booted"


def choose(arch, build_dir, boots):
    """Return the accelerator for arch, probing at most once a build directory.

    boots(accelerator, seconds) boots a guest; it returns what went wrong, or "".
    """
    path = os.path.join(build_dir, "accel.json")
    with open(path, "a+", encoding="utf-8") as cache:
        # Whoever comes second waits for the first one's verdict.
        fcntl.flock(cache, fcntl.LOCK_EX)
        cache.seek(0)
        try:
            verdicts = json.load(cache)
        except ValueError:
            verdicts = {}
        if arch not in verdicts:
            accelerator, reason = _probe(arch, boots)
            verdicts[arch] = {"accel": accelerator, "reason": reason}
            cache.truncate(0)
            json.dump(verdicts, cache, indent=1)
            cache.write("\n")
            print(f"bvm-vm: {arch} guests use {accelerator}: {reason}",
                  file=sys.stderr)
    return verdicts[arch]["accel"]
