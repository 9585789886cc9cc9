# SPDX-License-Identifier: GPL-2.0-only
"""The frequency of the time stamp counter that an x86 guest reads under TCG.

QEMU hands the host's counter through, and says nowhere how fast it runs. The
guest would measure it against an emulated timer, which fails on a busy host:
its clock then advances in jiffies. So measure here and tell the guest.
"""
import ctypes
import mmap
import time

# rdtsc; shl rdx, 32; or rax, rdx; ret
RDTSC = b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3"
INTERVAL_SECONDS = 0.02
ICOUNT_KHZ = 1000000    # shift=0: one instruction is one nanosecond


def _sample(rdtsc):
    """Return (nanoseconds, ticks) read as closely together as can be."""
    tries = []
    for _ in range(50):
        before = time.monotonic_ns()
        ticks = rdtsc()
        after = time.monotonic_ns()
        tries.append((after - before, (before + after) // 2, ticks))
    return min(tries)[1:]


def host_khz():
    """Return the host's frequency in kHz, or None where it cannot be measured."""
    try:
        code = mmap.mmap(-1, mmap.PAGESIZE,
                         prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return None
    code.write(RDTSC)
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(address)
    start_ns, start_ticks = _sample(rdtsc)
    time.sleep(INTERVAL_SECONDS)
    end_ns, end_ticks = _sample(rdtsc)
    return (end_ticks - start_ticks) * 1000000 // (end_ns - start_ns)
