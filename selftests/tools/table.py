# SPDX-License-Identifier: GPL-2.0-only
"""The tools: one row each, in the order in which they run."""
import dataclasses
import re

import load
from expect import (arrow_hist, bpftrace_hist, bpftrace_lhist, every, line,
                    load_average)

COMM = load.COMM
LOOPBACK = re.escape("127.0.0.1")
LOCAL, REMOTE = re.escape(load.LOCAL), re.escape(load.REMOTE)

# What a process that a bpftool command looks at has: a program on a
# tracepoint, a hash map that gets entries, and a perf event.
WATCHED = ("bpftrace", "-e", "tracepoint:syscalls:sys_enter_openat { @opens[comm] = count(); }")


@dataclasses.dataclass(frozen=True)
class Tool:
    """One tool, what happens while it watches, and what it must print."""
    name: str
    command: tuple          # {pid}: the process that makes the events
    loads: tuple            # functions of load.py
    expect: object          # function from the output to True or False
    limit: int = 60         # seconds it may take to show the event
    at_end: bool = False    # prints when it is interrupted
    once: bool = False      # ends by itself, and well
    beside: tuple = ()      # a command that runs at the same time
    broken: str = ""        # why it does not work on the stock kernel
    works_on_bvm: bool = False  # although it is broken there
    data: bool = False      # prints for programs, not for people
    headers: bool = False   # compiles against the kernel's headers
    arches: tuple = ("x86_64",)

    @property
    def seconds(self):
        """How long to wait; not long for what will not come."""
        hopeless = self.broken and not self.works_on_bvm
        return min(self.limit, 15) if hopeless else self.limit


def script(name, loads, expect, **more):
    """A row for a script of Debian's package bpftrace."""
    more.setdefault("arches", ("x86_64", "arm64"))
    return Tool(f"{name}.bt", ("bpftrace", f"/usr/sbin/{name}.bt"), loads, expect, **more)


def libbpf(name, loads, expect, *arguments, **more):
    """A row for a program of Debian's package libbpf-tools."""
    return Tool(name, (f"/usr/sbin/{name}", *arguments), loads, expect, **more)


def bcc(name, loads, expect, *arguments, **more):
    """A row for a program of Debian's package bpfcc-tools."""
    return Tool(f"{name}-bpfcc", (f"/usr/sbin/{name}-bpfcc", *arguments), loads, expect,
                limit=420, headers=True, **more)


def bpftool(name, expect, *, shell="", **more):
    """A row for a command of bpftool; shell: around it, when it needs something."""
    more.setdefault("arches", ("x86_64", "arm64"))
    return Tool(f"bpftool {name}", ("sh", "-ec", shell or f"bpftool {name}"), (load.files,),
                expect, once=True, **more)


def absent(function, what="traces"):
    """Why a tool written for an older kernel is broken."""
    return f"{what} {function}, which Linux 6.12 has not"


NO_XFS = "no XFS in this kernel"
NO_BTRFS = "no Btrfs in this kernel"
NO_NFS = "no NFS in this kernel"

SCRIPTS = (
    script("opensnoop", (load.files,), line(rf"\d+ +{COMM} +\d+ +0 {load.FILE}$"),
           arches=("x86_64",)),
    script("bitesize", (load.block_io,), bpftrace_hist(rf"@\[{COMM}\]"), at_end=True),
    script("tcpretrans", (load.retransmit,),
           line(rf"[\d:]+ +\d+ +{LOCAL}:\d+ +{REMOTE}:{load.LOSSY_PORT} +ESTABLISHED$")),
    script("bashreadline", (load.shell,), line(rf"[\d:]+ +\d+ +{load.BASH}$")),
    script("biolatency", (load.block_io,), bpftrace_hist("@usecs"), at_end=True),
    script("biosnoop", (load.block_io,), line(rf"\d+ +vda +{COMM} +\d+ +\d+$")),
    script("biostacks", (load.block_io,), bpftrace_hist(r"@usecs\[\n(?: .*\n)*\]"), at_end=True),
    script("capable", (load.change_root,),
           line(rf"[\d:]+ +0 +\d+ +{COMM} +18 +CAP_SYS_CHROOT +\d$")),
    script("cpuwalk", (load.spin,), bpftrace_lhist("@cpu"), at_end=True),
    script("dcsnoop", (load.files,), line(rf"\d+ +\d+ +{COMM} +[RM] bvm-marker-file$")),
    script("execsnoop", (load.execute,), line(rf"\d+ +\d+ +/bin/true {load.ARGUMENT}$")),
    script("gethostlatency", (load.look_up,), line(rf"[\d:]+ +\d+ +{COMM} +\d+ {load.HOST}$")),
    script("killsnoop", (load.kill,), line(rf"[\d:]+ +\d+ +{COMM} +{load.SIGNAL.value} +\d+ +0$")),
    script("loads", (load.spin,), load_average),
    script("mdflush", (load.dirty_and_sync,), line(rf".*{COMM}"), broken="no md in this kernel"),
    script("naptime", (load.nap,), line(rf"[\d:]+ +\d+ +\S+ +\d+ +{COMM} +0\.020$")),
    script("oomkill", (load.out_of_memory,),
           line(rf'[\d:]+ Triggered by PID \d+ \("{COMM}"\), '
                rf'OOM kill of PID \d+ \("{COMM}"\), \d+ pages')),
    script("pidpersec", (load.execute,), line(r"[\d:]+ PIDs/sec: @: [1-9]\d*$")),
    script("runqlat", (load.spin,), bpftrace_hist("@usecs"), at_end=True,
           headers=True, limit=240),
    script("runqlen", (load.spin,), bpftrace_lhist("@runqlen"), at_end=True,
           broken="reads sched_entity.cfs_rq, of which FAIR_GROUP_SCHED is not in this kernel"),
    script("setuids", (load.become_user,),
           line(rf"[\d:]+ +\d+ +{COMM} +0 +setuid +uid={load.UID} \(0\)$")),
    script("ssllatency", (load.tls,), bpftrace_lhist(r"@hist\[SSL_do_handshake\]"), at_end=True),
    script("sslsnoop", (load.tls,), line(rf"\d+ +\d+ +{COMM} +\d+ +1 SSL_do_handshake$")),
    script("statsnoop", (load.files,), line(rf"\d+ +{COMM} +0 {load.FILE}$")),
    script("swapin", (load.spin,), line(rf"@\[{COMM}"), broken=absent("swap_readpage")),
    script("syncsnoop", (load.dirty_and_sync,),
           line(rf"[\d:]+ +\d+ +{COMM} +tracepoint:syscalls:sys_enter_sync$")),
    script("syscount", (load.files, load.connections),
           every(line(r"@syscall\[\d+\]: [1-9]"), line(r"@process\[\S+\]: [1-9]")), at_end=True),
    script("tcpaccept", (load.connections,),
           line(rf"[\d:]+ +\d+ +{COMM} +{LOOPBACK} +\d+ +{LOOPBACK} +{load.PORT} "
                rf"+\d+/{load.BACKLOG}$")),
    script("tcpconnect", (load.connections,),
           line(rf"[\d:]+ +\d+ +{COMM} +{LOOPBACK} +\d+ +{LOOPBACK} +{load.PORT} *$")),
    script("tcpdrop", (load.retransmit,),
           line(rf"[\d:]+ +\d+ +\S+ +{LOCAL}:\d+ +{REMOTE}:{load.LOSSY_PORT} +ESTABLISHED"),
           headers=True, limit=240),
    script("tcplife", (load.connections,),
           line(rf"\d+ +{COMM} +{LOOPBACK} +\d+ +{LOOPBACK} +{load.PORT} +\d+ +\d+ +\d+$")),
    script("tcpsynbl", (load.connections,), bpftrace_hist(rf"@backlog\[{load.BACKLOG}\]"),
           at_end=True),
    script("threadsnoop", (load.thread,), line(rf"\d+ +\d+ +{COMM} "),
           broken="traces libpthread, which is part of libc now"),
    script("undump", (load.unix_socket,),
           line(rf"[\d:]+ +{COMM} +\d+ +{len(load.UNIX)} +{load.UNIX.decode()}$")),
    script("vfscount", (load.files,), line(r"@\[vfs_open\]: [1-9]"), at_end=True, limit=180),
    script("vfsstat", (load.files,), line(r"@\[vfs_open\]: [1-9]"), works_on_bvm=True,
           broken="bpftrace 0.17 attaches an ordinary kprobe program through kprobe.multi"),
    script("writeback", (load.dirty_and_sync,), line(r"[\d:]+ +\d+:\d+ +\d+ +sync +\d+\.\d{3}$")),
    script("xfsdist", (load.files,), bpftrace_hist(r"@us\[.*\]"), at_end=True, broken=NO_XFS),
)

LIBBPF = (
    libbpf("opensnoop", (load.files,), line(rf"\d+ +{COMM} +\d+ +0 +{load.FILE}$")),
    libbpf("biolatency", (load.block_io,), arrow_hist("usecs"), "1"),
    libbpf("runqlat", (load.spin,), arrow_hist("usecs"), "1"),
    libbpf("bashreadline", (load.shell,), line(rf"[\d:]+ +\d+ +{load.BASH}$")),
    libbpf("bindsnoop", (load.listen,), line(rf".*{COMM}.* {load.LISTEN_PORT}"),
           broken="reads inet_sock.freebind, which is elsewhere since Linux 6.6"),
    libbpf("biopattern", (load.block_io,), line(r"vda +\d+ +\d+ +[1-9]\d* +\d+$"), "1"),
    libbpf("biosnoop", (load.block_io,), line(rf".*{COMM} .*vda"),
           broken="stock's verifier refuses its block_rq_complete program"),
    libbpf("biostacks", (load.block_io,), arrow_hist("usecs"), "1",
           broken="attaches fentry to an inline function"),
    libbpf("biotop", (load.block_io,), line(rf"\d+ +{COMM} .*vda"), "-C", "1"),
    libbpf("bitesize", (load.block_io,), arrow_hist(f"Process Name = '?{COMM}"), "1"),
    libbpf("btrfsdist", (load.dirty_and_sync,), arrow_hist("usecs"), "1", broken=NO_BTRFS),
    libbpf("btrfsslower", (load.dirty_and_sync,), line(rf".*{COMM}"), "-m", "0", broken=NO_BTRFS),
    libbpf("cachestat", (load.dirty_and_sync,), line(r" +\d+ +\d+ +\d+"), "1",
           broken=absent("account_page_dirtied")),
    libbpf("capable", (load.change_root,), line(rf".* {COMM} +18 +CAP_SYS_CHROOT")),
    libbpf("cpudist", (load.spin,), arrow_hist("usecs"), "1"),
    libbpf("cpufreq", (load.spin,), arrow_hist(), "-d", "2", broken="no cpufreq in this kernel"),
    libbpf("drsnoop", (load.exhaust_memory,), line(rf"[\d:]+ +{COMM} +\d+ +[\d.]+ +\d+")),
    libbpf("execsnoop", (load.execute,), line(rf"true +\d+ +\d+ +0 /bin/true {load.ARGUMENT}")),
    libbpf("exitsnoop", (load.leave,),
           line(rf"{COMM} +\d+ +\d+ +\d+ +[\d.]+ +code {load.EXIT_CODE}$")),
    libbpf("ext4dist", (load.dirty_and_sync,), arrow_hist("operation = '?fsync"), "1"),
    libbpf("ext4slower", (load.dirty_and_sync,),
           line(rf"[\d:]+ +{COMM} +\d+ +F .*bvm-marker-block"),
           "-m", "0"),
    libbpf("filelife", (load.short_file,),
           line(rf"[\d:]+ +\d+ +{COMM} +0\.\d+ +{load.SHORT_FILE}$"),
           broken="sees no event"),
    libbpf("filetop", (load.dirty_and_sync,), line(rf"\d+ +{COMM} .*bvm-marker-block$"), "-C", "1"),
    libbpf("fsdist", (load.dirty_and_sync,), arrow_hist("operation = '?fsync"), "-t", "ext4", "1"),
    libbpf("fsslower", (load.dirty_and_sync,), line(rf"[\d:]+ +{COMM} +\d+ +F .*bvm-marker-block"),
           "-t", "ext4", "-m", "0"),
    libbpf("funclatency", (load.files,), arrow_hist("nsec"), "-i", "1", "vfs_read"),
    libbpf("gethostlatency", (load.look_up,), line(rf"[\d:]+ +\d+ +{COMM} +[\d.]+ +{load.HOST}$")),
    libbpf("hardirqs", (load.block_io,), line(r"virtio\S+ +[1-9]\d*$"), "1"),
    libbpf("javagc", (load.files,), line(r".* [1-9]\d*$"), "-p", "{pid}", broken="no Java here"),
    libbpf("killsnoop", (load.kill,), line(rf"[\d:]+ +\d+ +{COMM} +{load.SIGNAL.value} +\d+ +0$")),
    libbpf("klockstat", (load.files,),
           line(r" +\w[\w.]*\+0x[0-9a-f]+ +[\d.]+ \ws +[1-9]\d* +[\d.]+ \ws"), "-d", "3"),
    libbpf("ksnoop", (load.files,), line(rf".*vfs_open"), "trace", "vfs_open"),
    libbpf("llcstat", (load.spin,), line(rf".*{COMM}"), "2", broken="no hardware counters"),
    libbpf("mdflush", (load.dirty_and_sync,), line(rf".*{COMM}"), broken="no md in this kernel"),
    libbpf("mountsnoop", (load.mount,), line(rf'{COMM} .*mount\("bvm-marker", "{load.MOUNT}"')),
    libbpf("nfsdist", (load.dirty_and_sync,), arrow_hist("usecs"), "1", broken=NO_NFS),
    libbpf("nfsslower", (load.dirty_and_sync,), line(rf".*{COMM}"), "-m", "0", broken=NO_NFS),
    libbpf("numamove", (load.spin,), line(r"[\d:]+ +[1-9]\d* +\d+$"),
           broken=absent("migrate_misplaced_page")),
    libbpf("offcputime", (load.nap,), line(rf" +- +{COMM} \(\d+\)$"), "-p", "{pid}", "2"),
    libbpf("oomkill", (load.out_of_memory,),
           line(rf'[\d:]+ Triggered by PID \d+ \("{COMM}"\), OOM kill of PID \d+ \("{COMM}"\)')),
    libbpf("readahead", (load.dirty_and_sync,), arrow_hist(), "-d", "2",
           broken="traces do_page_cache_ra, which has no code of its own"),
    libbpf("runqlen", (load.spin,), arrow_hist("runqlen"), "1",
           broken="as runqlen.bt"),
    libbpf("runqslower", (load.spin,), line(rf"[\d:]+ +{COMM} +\d+ +[1-9]\d*$"), "1"),
    libbpf("sigsnoop", (load.kill,), line(rf"[\d:]+ +\d+ +{COMM} +{load.SIGNAL.value} +\d+ +0$")),
    libbpf("slabratetop", (load.files,), line(r".*kmalloc"), "-C", "1",
           broken=absent("kmem_cache_alloc")),
    libbpf("softirqs", (load.spin,), line(r"timer +[1-9]\d*$"), "1"),
    libbpf("solisten", (load.listen,), line(rf"\d+ +{COMM} .* {load.LISTEN_PORT} ")),
    libbpf("statsnoop", (load.files,), line(rf"\d+ +{COMM} .*{load.FILE}$"),
           broken="loads no program"),
    libbpf("syscount", (load.files,), line(r"(openat|read|close) +[1-9]\d*$"), "-i", "1"),
    libbpf("tcpconnect", (load.connections,),
           line(rf"\d+ +{COMM} +4 +{LOOPBACK} +{LOOPBACK} +{load.PORT}")),
    libbpf("tcpconnlat", (load.connections,),
           line(rf"\d+ +{COMM} +4 +{LOOPBACK} +{LOOPBACK} +{load.PORT} +[\d.]+")),
    libbpf("tcplife", (load.connections,),
           line(rf"\d+ +{COMM} +{LOOPBACK} +\d+ +{LOOPBACK} +{load.PORT} ")),
    libbpf("tcprtt", (load.connections,), arrow_hist("usecs"), "-i", "1"),
    libbpf("tcpstates", (load.connections,),
           line(rf"\S+ +\d+ +{COMM} +{LOOPBACK} +\d+ +{LOOPBACK} +{load.PORT} "
                "+CLOSE +-> SYN_SENT")),
    libbpf("tcpsynbl", (load.connections,), arrow_hist(rf"backlog_max = {load.BACKLOG}"), "1"),
    libbpf("tcptop", (load.connections,),
           line(rf"\d+ +{COMM} +{LOOPBACK}:\d+ +{LOOPBACK}:{load.PORT} +[1-9]"), "-C", "1"),
    libbpf("tcptracer", (load.connections,),
           line(rf"C +\d+ +{COMM} +4 +{LOOPBACK} +{LOOPBACK} +\d+ +{load.PORT}")),
    libbpf("vfsstat", (load.files,), line(r"[\d:]+:? +[1-9]\d* "), "1"),
    libbpf("wakeuptime", (load.nap,), line(rf".*{COMM}"), "-p", "{pid}", "2"),
    libbpf("xfsdist", (load.dirty_and_sync,), arrow_hist("usecs"), "1", broken=NO_XFS),
    libbpf("xfsslower", (load.dirty_and_sync,), line(rf".*{COMM}"), "-m", "0", broken=NO_XFS),
)

PROGRAM = r"\d+: tracepoint +name sys_enter_opena +tag [0-9a-f]{16} +gpl"
COMM_BYTES = " ".join(f"{byte:02x}" for byte in COMM.encode())

BPFTOOL = (
    bpftool("prog show", every(line(PROGRAM), line(r"\s+xlated [1-9]\d*B .* map_ids \d+")),
            beside=WATCHED),
    bpftool("prog show with run counts", line(rf"{PROGRAM} +run_time_ns [1-9]\d* +run_cnt [1-9]"),
            shell="sysctl -qw kernel.bpf_stats_enabled=1; ls >/dev/null; bpftool prog show; "
                  "sysctl -qw kernel.bpf_stats_enabled=0", beside=WATCHED),
    bpftool("prog dump xlated", line(r" *0: \([0-9a-f]{2}\) "),
            shell="bpftool prog dump xlated name sys_enter_opena", beside=WATCHED),
    bpftool("prog pin", line(PROGRAM),
            shell="pin=/sys/fs/bpf/bvm-program; bpftool prog pin name sys_enter_opena $pin; "
                  "bpftool prog show pinned $pin; rm $pin", beside=WATCHED),
    bpftool("map show", line(r"\d+: percpu_hash +name AT_opens "), beside=WATCHED),
    bpftool("map dump", every(line(f"{COMM_BYTES} +00"), line(r"Found [1-9]\d* element")),
            shell="bpftool map dump name AT_opens", beside=WATCHED),
    bpftool("map update", line("key: 01 00 00 00 +value: 0a 00 00 00$"),
            shell="map=/sys/fs/bpf/bvm-map; "
                  "bpftool map create $map type hash key 4 value 4 entries 8 name bvm_map; "
                  "bpftool map update pinned $map key 1 0 0 0 value 10 0 0 0; "
                  "bpftool map lookup pinned $map key 1 0 0 0; "
                  "bpftool map delete pinned $map key 1 0 0 0; rm $map"),
    bpftool("link show", line(r"\d+: perf_event +prog \d+"), beside=("/usr/sbin/opensnoop",),
            arches=("x86_64",)),
    bpftool("perf show", line(r"pid \d+ +fd \d+: prog_id \d+ +tracepoint +sys_enter_openat"),
            beside=WATCHED),
    bpftool("btf list", line(r"1: name \[vmlinux\] +size [1-9]\d*B")),
    bpftool("btf dump", line(r"\[\d+\] STRUCT 'task_struct' size=\d+"),
            shell="bpftool btf dump id 1 | grep task_struct"),
    bpftool("feature probe kernel", every(line("bpf\\(\\) syscall restricted"),
                                          line("eBPF program_type kprobe is available"),
                                          line("eBPF map_type hash is available"))),
)

# spin.bpf.c, and the kernel's own bpftool: Debian's has no disassembler.
LOAD_SPIN = "bpftool prog load {build}/programs/spin.bpf.o /sys/fs/bpf/bvm-spin; "
REMOVE_SPIN = "; rm /sys/fs/bpf/bvm-spin"
IMAGE = "bpf_prog_[0-9a-f]{16}_"

IMAGES = (
    bpftool("prog dump jited",
            every(line(rf"{IMAGE}bvm_spin:"), line(rf"{IMAGE}stir:"),
                  line(r"; number \^= number >> 17; \[file:\S*spin.bpf.c line_num:\d+ "),
                  line(r" *[0-9a-f]+:\s+shr +\$0x11,%")),
            shell=LOAD_SPIN + "{build}/programs/bpftool/bpftool prog dump jited pinned "
                  "/sys/fs/bpf/bvm-spin linum" + REMOVE_SPIN, arches=("x86_64",)),
    Tool("perf record",
         ("sh", "-ec", "cd /run; head -c 64 /dev/zero >bvm-data; "
          "perf record -q -a -e cpu-clock -F 1000 -o bvm-perf sh -c '" + LOAD_SPIN +
          "bpftool prog run pinned /sys/fs/bpf/bvm-spin data_in bvm-data repeat 9999'; "
          "perf script -i bvm-perf --show-bpf-events | grep -iF bpf_; "
          "rm bvm-data bvm-perf" + REMOVE_SPIN),
         (load.files,), every(line(rf".*PERF_RECORD_KSYMBOL addr .* name {IMAGE}bvm_spin$"),
                              line(r".*PERF_RECORD_BPF_EVENT type 1, "),
                              line(rf" +bpftool .* cpu-clock.* [0-9a-f]+ {IMAGE}bvm_spin")),
         limit=180, once=True),
)

BCC = (
    bcc("opensnoop", (load.files,), line(rf"\d+ +{COMM} +\d+ +0 +{load.FILE}$")),
    bcc("biolatency", (load.block_io,), arrow_hist("usecs"), "1"),
    bcc("runqlat", (load.spin,), arrow_hist("usecs"), "1"),
    bcc("tcpretrans", (load.retransmit,),
        line(rf"[\d:]+ +\d+ +4 +{LOCAL}:\d+ +R> +{REMOTE}:{load.LOSSY_PORT} +ESTABLISHED$"),
        broken="BCC 0.26's own bpf.h is too old for Linux 6.12's net/tcp.h"),
)

# Our own, selftests/latency.
OURS = (
    Tool("latency", ("{build}/latency/latency", "5"), (load.spin, load.block_io),
         every(line(r"run-queue,\d+,\d+,[1-9]\d*$"), line(r"block-io,\d+,\d+,[1-9]\d*$")),
         data=True),
)

TOOLS = SCRIPTS + LIBBPF + BPFTOOL + IMAGES + OURS + BCC
