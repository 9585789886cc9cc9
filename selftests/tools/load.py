# SPDX-License-Identifier: GPL-2.0-only
"""What happens in the guest while a tool watches: one function an event.

Each makes its event once and leaves nothing behind. Names, ports and numbers
are like nothing else in the guest, so that the event in the output is this one.
Processes are called COMM.
"""
import ctypes
import mmap
import os
import platform
import pty
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import traceback

COMM = "bvm-load"
FILE = "/run/bvm-marker-file"
DISK = "/run/bvm-disk"
DISK_FILE = f"{DISK}/bvm-marker-block"
ARGUMENT = "bvm-marker-exec"
HOST = "bvm-marker.invalid"
UNIX = b"bvm-marker-unix"
BASH = "echo bvm-marker-bash"
MOUNT = "/run/bvm-marker-mount"
SHORT_FILE = "bvm-short-lived"
PORT = 10101            # connections on the loopback device
LOSSY_PORT = 10102      # connections whose packets get lost
LISTEN_PORT = 10103
BACKLOG = 7
LOCAL, REMOTE = "10.66.0.1", "10.66.0.2"
UID = 54321
EXIT_CODE = 7
SIGNAL = signal.SIGUSR1
NAP_SECONDS = 0.020
MEMORY_LEFT_KIB = 64 << 10

MAP_NORESERVE = 0x4000
CLONE_NEWNET = 0x40000000
PR_SET_NAME = 15
SYS_NANOSLEEP = {"x86_64": 35, "aarch64": 101}
O_DIRECT_BYTES = 65536

libc = ctypes.CDLL(None, use_errno=True)


class TimeSpec(ctypes.Structure):
    """struct timespec of a 64-bit kernel."""
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


def call(*argv):
    """Run a program that must succeed; its output only matters if it does not."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(argv)}: {done.stdout.strip()}")


def checked(result, what):
    """A function of libc succeeded."""
    if result < 0:
        raise OSError(ctypes.get_errno(), what)


def in_child(function):
    """Run it in a process of its own; return the process's status."""
    pid = os.fork()
    if not pid:
        try:
            function()
            os._exit(0)
        except BaseException:   # pylint: disable=broad-except
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(pid, 0)[1]


def take_name():
    """Be called COMM."""
    checked(libc.prctl(PR_SET_NAME, COMM.encode(), 0, 0, 0), "prctl")


# --- set up once

def set_up_libraries():
    """bpftrace finds libraries in the cache, which an extracted root has not."""
    if not os.path.exists("/etc/ld.so.cache"):
        call("ldconfig")


def set_up_disk(device):
    """Mount the disk, which has an ext4 on it."""
    os.makedirs(DISK, exist_ok=True)
    call("mount", "-t", "ext4", device, DISK)


def set_up_network():
    """A second network namespace behind a pair of veth, with a listener in it."""
    call("ip", "netns", "add", "bvm")
    call("ip", "link", "add", "bvm0", "type", "veth", "peer", "name", "bvm1",
         "netns", "bvm")
    for netns, device, address in ((), "bvm0", LOCAL), (("-n", "bvm"), "bvm1", REMOTE):
        call("ip", *netns, "address", "add", f"{address}/24", "dev", device)
        call("ip", *netns, "link", "set", device, "up")


def set_up(loads, device):
    """What these need."""
    if exhaust_memory in loads:
        # Of those that are killed, neither we nor the tools are among the first.
        _write("/proc/self/oom_score_adj", "-900")
    if look_up in loads or tls in loads:
        set_up_libraries()
    if {block_io, dirty_and_sync} & set(loads):
        set_up_disk(device)
    if retransmit in loads:
        set_up_network()


# --- files, processes

def files():
    """Create, write, open for reading, stat."""
    with open(FILE, "w", encoding="ascii") as file:
        file.write("content\n")
    with open(FILE, encoding="ascii") as file:
        file.read()
    os.stat(FILE)
    os.statvfs(FILE)


def short_file():
    """A file that lives a moment."""
    path = f"/run/{SHORT_FILE}"
    with open(path, "w", encoding="ascii"):
        time.sleep(0.01)
    os.unlink(path)


def execute():
    """Run a program."""
    call("/bin/true", ARGUMENT)


def leave():
    """End a process with an unusual status."""
    in_child(lambda: os._exit(EXIT_CODE))


def kill():
    """Send a signal to a process that ignores it."""
    signal.signal(SIGNAL, signal.SIG_IGN)
    os.kill(os.getpid(), SIGNAL)


def become_user():
    """Change the user id, in a child."""
    in_child(lambda: os.setuid(UID))


def change_root():
    """Ask for a capability that nothing else here asks for."""
    in_child(lambda: os.chroot("/"))


def nap():
    """nanosleep(2) itself: glibc's function of that name calls clock_nanosleep(2)."""
    span = TimeSpec(0, int(NAP_SECONDS * 1e9))
    checked(libc.syscall(SYS_NANOSLEEP[platform.machine()], ctypes.byref(span), None),
            "nanosleep")


def spin():
    """More processes that want a CPU than there are, for a while."""
    def busy():
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass
    pids = []
    for _ in range(4):
        pid = os.fork()
        if not pid:
            busy()
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


def thread():
    """Start a thread."""
    worker = threading.Thread(target=time.sleep, args=(0.01,))
    worker.start()
    worker.join()


def out_of_memory():
    """A child that wants more than its control group has."""
    root = "/sys/fs/cgroup"
    group = f"{root}/bvm-oom"
    _write(f"{root}/cgroup.subtree_control", "+memory")
    os.makedirs(group, exist_ok=True)
    _write(f"{group}/memory.max", "8M")

    def eat():
        _write("/proc/self/oom_score_adj", "0")
        _write(f"{group}/cgroup.procs", str(os.getpid()))
        bytearray(os.urandom(1) * (64 << 20))
    in_child(eat)
    os.rmdir(group)


def exhaust_memory():
    """A child that wants more than there is; others' memory is reclaimed first.

    There is little, because the kernel is told to keep most of it free: to take
    hundreds of megabytes a page at a time is slow when emulated.
    """
    reserve = "/proc/sys/vm/min_free_kbytes"
    with open(reserve, encoding="ascii") as file:
        before = file.read()
    with open("/proc/meminfo", encoding="ascii") as file:
        available = int(re.search(r"^MemAvailable: +(\d+)", file.read(), re.M)[1])

    def eat():
        _write("/proc/self/oom_score_adj", "1000")
        size = 8 << 30
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS |
                           MAP_NORESERVE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        libc.memset(ctypes.c_void_p(start), 1, ctypes.c_size_t(size))
    # What the child had must not end in lists of each CPU: those are long with
    # such a reserve, and what is in them counts as gone.
    _write("/proc/sys/vm/percpu_pagelist_high_fraction", "100000")
    _write(reserve, str(available - MEMORY_LEFT_KIB))
    try:
        in_child(eat)
    finally:
        _write(reserve, before)


def mount():
    """Mount and unmount."""
    os.makedirs(MOUNT, exist_ok=True)
    checked(libc.mount(b"bvm-marker", MOUNT.encode(), b"tmpfs", 0, None), "mount")
    checked(libc.umount(MOUNT.encode()), "umount")


def shell():
    """Type a command into an interactive bash."""
    pid, terminal = pty.fork()
    if not pid:
        os.execv("/bin/bash", ["bash", "--norc", "-i"])
    os.write(terminal, f"{BASH}\nexit\n".encode())
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:     # EIO: the other end is closed
        pass
    os.close(terminal)
    os.waitpid(pid, 0)


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


# --- the disk

def block_io():
    """Write to the disk past the page cache, and read back."""
    fd = os.open(DISK_FILE, os.O_RDWR | os.O_CREAT | os.O_DIRECT, 0o600)
    with mmap.mmap(-1, O_DIRECT_BYTES) as buffer:
        for number in range(8):
            os.pwritev(fd, [buffer], number * O_DIRECT_BYTES)
        for number in range(8):
            os.preadv(fd, [buffer], number * O_DIRECT_BYTES)
    os.close(fd)


def dirty_and_sync():
    """Write through the page cache, and read, fsync(2) and sync(2)."""
    with open(DISK_FILE, "wb+") as file:
        file.write(b"x" * 300000)
        file.flush()
        os.fsync(file.fileno())
        file.write(b"x" * 300000)
        file.seek(0)
        file.read()
    os.sync()


# --- network

def connections():
    """Connect, exchange, close; on both ends it is us."""
    with socket.create_server(("127.0.0.1", PORT), backlog=BACKLOG) as server:
        with socket.create_connection(("127.0.0.1", PORT)) as client:
            peer, _ = server.accept()
            with peer:
                for _ in range(4):
                    client.sendall(b"x" * 4096)
                    peer.recv(65536)
                    peer.sendall(b"x" * 4096)
                    client.recv(65536)


def listen():
    """A socket that listens on a port of its own."""
    with socket.create_server(("127.0.0.1", LISTEN_PORT), backlog=BACKLOG):
        pass


def _server_over_there(ready):
    """In a thread of its own: listen in the other namespace."""
    with open("/run/netns/bvm", encoding="ascii") as netns:
        checked(libc.setns(netns.fileno(), CLONE_NEWNET), "setns")
    ready.append(socket.create_server((REMOTE, LOSSY_PORT), backlog=BACKLOG))


def retransmit():
    """Send what gets lost on its way, and again until it does not."""
    ready = []
    worker = threading.Thread(target=_server_over_there, args=(ready,))
    worker.start()
    worker.join()
    with ready[0] as server, socket.create_connection((REMOTE, LOSSY_PORT)) as client:
        peer, _ = server.accept()
        with peer:
            call("tc", "qdisc", "add", "dev", "bvm0", "root", "netem", "loss", "100%")
            client.sendall(b"lost")
            time.sleep(0.5)
            call("tc", "qdisc", "del", "dev", "bvm0", "root")
            peer.recv(16)


def look_up():
    """Ask for a host that cannot exist."""
    try:
        socket.getaddrinfo(HOST, None)
    except socket.gaierror:
        pass


def unix_socket():
    """Send over a local stream socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(UNIX)
        theirs.recv(64)


def tls():
    """A TLS handshake that needs no certificate, over a socket pair."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    for context in (server, client):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0")
    ours, theirs = socket.socketpair()

    def answer():
        with server.wrap_socket(theirs, server_side=True) as end:
            end.recv(16)
    worker = threading.Thread(target=answer)
    worker.start()
    with client.wrap_socket(ours) as end:
        end.sendall(b"hello")
    worker.join()
