# SPDX-License-Identifier: GPL-2.0-only
"""Run one command in one guest: start QEMU, carry streams, judge the end."""
import ctypes
import dataclasses
import fcntl
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

import initramfs
import machine
import splat
import tsc

EXIT_INFRASTRUCTURE = 2
EXIT_PANIC = 3
EXIT_SPLAT = 5
EXIT_TIMEOUT = 124

# Port numbers as in init.c; port 0 is reserved for a console.
PORTS = {"ctl": 1, "out": 2, "err": 3, "in": 4}
TRAILER = re.compile(rb"^exit (\d+) (\d+) (\d+)$", re.MULTILINE)

# A panic is printed before pvpanic ends QEMU; should it not, do not wait long.
PANIC_GRACE_SECONDS = 5
# Output that the trailer announced and that is still on its way.
DRAIN_SECONDS = 5
CONSOLE_PIPE_BYTES = 1 << 20

# On a terminal of its own, the guest gets every key but this one: Ctrl-].
ESCAPE = b"\x1d"

PR_SET_PDEATHSIG = 1


@dataclasses.dataclass
class Config:
    """What to boot and how. Paths are absolute."""
    arch: str
    image: str
    build_dir: str
    root: str = "/"
    mem: int = 1024             # MiB
    smp: int = 2
    accel: str = "tcg"
    icount: bool = False
    timeout: float = 300        # seconds, boot included; 0 for none
    append: str = ""
    shares: tuple = ()          # (path, "ro" or "rw", where in the guest)
    env: tuple = ()             # (name, value)
    verbose: bool = False
    quiet: bool = False         # a probe: nobody wants to hear QEMU complain
    gdb_socket: str = ""
    drives: tuple = ()          # files, seen as /dev/vda...
    log: str = ""               # keep the console's log here


@dataclasses.dataclass
class Outcome:
    """How a guest ended. phases: seconds from start to init and to the command."""
    status: int
    reason: str
    console: bytes
    phases: dict


def kernel_command_line(config):
    """Everything after the image: console, panic policy, the user's own."""
    row = machine.MACHINES[config.arch]
    words = [f"console={row.console}", f"loglevel={7 if config.verbose else 5}",
             "panic=-1", "oops=panic", "nokaslr", "kunit.enable=0", row.append,
             _clock(config), config.append]
    return " ".join(word for word in words if word)


def _clock(config):
    """Under TCG an x86 guest must be told how fast its clock is (see tsc.py)."""
    if config.arch != "x86_64" or config.accel == "kvm":
        return ""
    if config.icount:
        # Calibrating the local APIC's timer spins on "pause", which is slow here.
        return f"tsc_early_khz={tsc.ICOUNT_KHZ} nolapic_timer"
    khz = tsc.host_khz() if machine.HOST_ARCH == "x86_64" else None
    return f"tsc_early_khz={khz}" if khz else ""


def qemu_command(config, fds, initrd):
    """The whole QEMU command line. fds: our channels' names to descriptors."""
    row = machine.MACHINES[config.arch]
    command = [
        row.qemu, "-nodefaults", "-no-user-config", "-display", "none",
        "-M", row.machine, "-m", str(config.mem), "-smp", row.smp.format(n=config.smp),
        "-no-reboot", "-action", "panic=exit-failure", "-device", "pvpanic-pci",
        "-kernel", config.image, "-initrd", initrd,
        "-append", kernel_command_line(config),
        # Not a socket: a UART drops characters when that is full.
        "-chardev", f"file,id=console,path=/dev/fd/{fds['console']}",
        "-serial", "chardev:console",
        # First of the virtio devices: its index is in the ports' names.
        "-device", "virtio-serial-pci", "-device", "virtio-rng-pci",
    ]
    if config.accel == "kvm":
        command += ["-accel", "kvm", "-cpu", "host"]
    else:
        # In several threads, QEMU 7.2 lets a CPU run text that another one is
        # patching: Linux panics at random (Documentation/testing.rst).
        command += ["-accel", "tcg,thread=single", "-cpu", row.tcg_cpu]
    if config.icount:
        command += ["-icount", "shift=0"]
    for name, number in PORTS.items():
        command += ["-chardev", f"socket,id={name},fd={fds[name]}",
                    "-device", f"virtserialport,chardev={name},nr={number}"]
    for tag, path, mode, _ in _exports(config):
        readonly = ",readonly=on" if mode == "ro" else ""
        command += ["-fsdev", f"local,id={tag},path={path},security_model=none,"
                              f"multidevs=remap{readonly}",
                    "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
    for number, path in enumerate(config.drives):
        command += ["-drive", f"if=none,id=drive{number},format=raw,file={path}",
                    "-device", f"virtio-blk-pci,drive=drive{number}"]
    if config.gdb_socket:
        command += ["-S", "-gdb", f"unix:{config.gdb_socket},server=on,wait=off"]
    return command


def _exports(config):
    """Rows (tag, host path, mode, guest path) for 9p; the root comes first."""
    rows = [("root", config.root, "ro", "/")]
    for number, (path, mode, where) in enumerate(config.shares):
        rows.append((f"share{number}", path, mode, where))
    return rows


def _die_with_parent():
    """In the child: QEMU must never outlive its runner, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Guest:
    """One running guest. Use run()."""

    def __init__(self, config, argv, stdin=None, tty=None, cwd=None, sinks=None):
        """stdin: a descriptor or None; tty: (rows, columns) or None.

        sinks: {"out": function(bytes), "err": ...}; default: our own streams.
        """
        self.config = config
        self.stdin = stdin
        self.escape = ESCAPE if tty else None
        self.sinks = sinks or {"out": _writer(1), "err": _writer(2)}
        self.received = {"out": 0, "err": 0}
        self.console = bytearray()
        self.control = bytearray()
        self.phases = {}
        self.request = initramfs.request(
            argv, cwd=cwd, tty=tty, stdin=stdin is not None,
            mounts=[(tag, mode, where)
                    for tag, _, mode, where in _exports(config)[1:]],
            env=config.env)
        self.trailer = None
        self.deadline = None
        self.started = None
        self.qemu = None
        self.feeder = None
        self.channels = {}
        self.selector = selectors.DefaultSelector()

    def run(self):
        """Boot, carry streams until the end, and return an Outcome."""
        with tempfile.TemporaryDirectory(prefix="bvm-vm.") as scratch:
            try:
                self._start(scratch)
                expired = self._loop()
            finally:
                self._stop()
        return self._judge(expired)

    # --- start and stop

    def _start(self, scratch):
        config = self.config
        init = initramfs.build_init(machine.MACHINES[config.arch].cc,
                                    config.build_dir, config.arch)
        initrd = os.path.join(scratch, "initramfs")
        with open(initrd, "wb") as output:
            output.write(initramfs.archive(init, self.request))
        theirs = {}
        for name in PORTS:
            self.channels[name], theirs[name] = socket.socketpair()
        console, theirs["console"] = os.pipe()
        fcntl.fcntl(console, fcntl.F_SETPIPE_SZ, CONSOLE_PIPE_BYTES)
        self.channels["console"] = open(console, "rb", buffering=0)
        theirs["console"] = open(theirs["console"], "wb", buffering=0)
        fds = {name: end.fileno() for name, end in theirs.items()}
        command = qemu_command(config, fds, initrd)
        if config.verbose:
            print("bvm-vm:", " ".join(command), file=sys.stderr)
        self.started = time.monotonic()
        if config.timeout:
            self.deadline = self.started + config.timeout
        self.qemu = subprocess.Popen(
            command, stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if config.quiet else None, pass_fds=list(fds.values()),
            start_new_session=True, preexec_fn=_die_with_parent)
        for end in theirs.values():
            end.close()

    def _stop(self):
        if self.feeder:
            os.kill(self.feeder, signal.SIGKILL)
            os.waitpid(self.feeder, 0)
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
        # What QEMU wrote before it went is still in the channels.
        for name in ("console", "out", "err"):
            while name in self.channels and self._read(name):
                pass
        for end in self.channels.values():
            end.close()
        self.selector.close()

    # --- the loop

    def _loop(self):
        """Carry streams until the guest has ended; true when time was up."""
        pidfd = os.pidfd_open(self.qemu.pid)
        try:
            self.selector.register(pidfd, selectors.EVENT_READ, "qemu")
            for name in ("console", "ctl", "out", "err"):
                self.selector.register(self.channels[name], selectors.EVENT_READ, name)
            self._watch_stdin()
            while not self._complete():
                left = None
                if self.deadline is not None:
                    left = self.deadline - time.monotonic()
                    if left <= 0:
                        return self.trailer is None
                for key, _ in self.selector.select(left):
                    if key.data == "qemu":
                        self.qemu.wait()
                        return False
                    self._ready(key)
            return False
        finally:
            os.close(pidfd)

    def _watch_stdin(self):
        """Keys come through the loop; a file or a pipe gets a process of its own.

        A guest that does not read must not block us, and epoll refuses files.
        """
        if self.stdin is None:
            return
        if self.escape:
            self.selector.register(self.stdin, selectors.EVENT_READ, "stdin")
            return
        self.feeder = os.fork()
        if self.feeder == 0:
            try:
                _die_with_parent()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                while data := os.read(self.stdin, 65536):
                    self.channels["in"].sendall(data)
                self.channels["in"].shutdown(socket.SHUT_WR)
            finally:
                os._exit(0)

    def _ready(self, key):
        if key.data == "stdin":
            self._read_stdin()
        elif not self._read(key.data):
            self.selector.unregister(key.fileobj)

    def _read_stdin(self):
        data = os.read(self.stdin, 4096)
        if self.escape and self.escape in data:
            raise KeyboardInterrupt
        if data:
            self.channels["in"].sendall(data)
        else:
            self.selector.unregister(self.stdin)
            self.channels["in"].shutdown(socket.SHUT_WR)

    def _read(self, name):
        """Take what a channel has; false once it is closed."""
        try:
            data = os.read(self.channels[name].fileno(), 65536)
        except ConnectionError:
            data = b""
        if name == "console":
            self._take_console(data)
        elif name == "ctl":
            self._take_control(data)
        elif data:
            self.received[name] += len(data)
            self.sinks[name](data)
        return bool(data)

    def _take_console(self, data):
        self.console += data
        if self.config.verbose:
            os.write(2, data)
        if splat.is_panic(data) or splat.is_panic(self.console[-4096:]):
            self._hurry(PANIC_GRACE_SECONDS)

    def _take_control(self, data):
        self.control += data
        now = time.monotonic() - self.started
        for word in (b"init\n", b"run\n"):
            if word in data:
                self.phases[word.decode().strip()] = now
        match = TRAILER.search(self.control)
        if match and not self.trailer:
            self.phases["exit"] = now
            self.trailer = [int(group) for group in match.groups()]
            self._hurry(DRAIN_SECONDS)

    def _hurry(self, seconds):
        soon = time.monotonic() + seconds
        if self.deadline is None or soon < self.deadline:
            self.deadline = soon

    def _complete(self):
        if not self.trailer:
            return False
        _, out, err = self.trailer
        return self.received["out"] >= out and self.received["err"] >= err

    # --- the verdict

    def _judge(self, expired):
        log = bytes(self.console)
        splats = splat.scan(log)
        if splat.is_panic(log) or (not self.trailer and self.qemu.returncode == 1):
            return self._outcome(EXIT_PANIC, "the guest kernel panicked")
        if expired:
            return self._outcome(EXIT_TIMEOUT,
                                 f"no end within {self.config.timeout:g} s")
        if not self.trailer:
            return self._outcome(EXIT_INFRASTRUCTURE,
                                 "the guest ended without a result "
                                 f"(QEMU's status: {self.qemu.returncode})")
        status = self.trailer[0]
        if splats:
            test = splat.running_test(log, splats[0])
            during = f" during {test}" if test else ""
            return self._outcome(status or EXIT_SPLAT,
                                 f"kernel splat{during}: {splats[0]}")
        return self._outcome(status, "")

    def _outcome(self, status, reason):
        return Outcome(status, reason, bytes(self.console), self.phases)


def _writer(descriptor):
    def write(data):
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view):]
    return write
