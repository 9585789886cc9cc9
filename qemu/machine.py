# SPDX-License-Identifier: GPL-2.0-only
"""The machines a guest can be: one row an architecture."""
import dataclasses
import os


@dataclasses.dataclass(frozen=True)
class Machine:
    """What QEMU and the compilers need to know about one architecture."""
    qemu: str           # program
    machine: str        # -M
    smp: str            # -smp for n CPUs
    tcg_cpu: str        # -cpu without hardware virtualisation
    image: str          # boot image, below the kernel's build directory
    console: str        # console= for the kernel
    append: str         # the rest of the kernel's command line
    cc: str             # compiler for the static PID 1


MACHINES = {
    # No ACPI: nothing here needs it, and its tables cost boot time. vmlinux is
    # booted directly (PVH), so that TCG need not emulate a decompressor.
    "x86_64": Machine(
        qemu="qemu-system-x86_64",
        machine="q35,acpi=off,smbus=off,sata=off,vmport=off",
        # The MP table that SeaBIOS writes has one row a socket.
        smp="{n},sockets={n}",
        tcg_cpu="max",
        image="vmlinux",
        console="ttyS0",
        append="reboot=t no_timer_check tsc=reliable",
        cc="gcc",
    ),
    # The architected algorithm of pointer authentication is slow to emulate.
    "arm64": Machine(
        qemu="qemu-system-aarch64",
        machine="virt,gic-version=max",
        smp="{n}",
        tcg_cpu="max,pauth-impdef=on",
        image="arch/arm64/boot/Image",
        console="ttyAMA0",
        append="",
        cc="aarch64-linux-gnu-gcc",
    ),
}

# As uname(2) says it, for the machine we are on.
HOST_ARCH = {"x86_64": "x86_64", "aarch64": "arm64"}.get(os.uname().machine)
