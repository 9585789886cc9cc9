// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of a test guest: build the root, run one command, report its status.
 *
 * Static, so that the same source serves every architecture without a root
 * file system of its own. The host puts /request into the initramfs next to
 * this program (see qemu/initramfs.py for its rows) and listens on four
 * virtio-serial ports. Results never go over the console: printk shares it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Port numbers, as in qemu/guest.py. */
#define PORT_CTL	"/dev/vport0p1"
#define PORT_OUT	"/dev/vport0p2"
#define PORT_ERR	"/dev/vport0p3"
#define PORT_IN		"/dev/vport0p4"

#define P9_OPTIONS	"trans=virtio,version=9p2000.L,msize=524288"
/* The host's files: data is cached, names and sizes are asked for. */
#define P9_READ_ONLY	P9_OPTIONS ",cache=readahead"
/* Shared directories: as above, and files can be mapped writable. */
#define P9_READ_WRITE	P9_OPTIONS ",cache=mmap"

#define PORT_WAIT_MS	10000
#define MAX_ARGS	1024
#define MAX_MOUNTS	16

/* What the host asked for. All strings point into the request's buffer. */
struct request {
	char *argv[MAX_ARGS + 1];
	int argc;
	char *mounts[MAX_MOUNTS];
	int nr_mounts;
	char *cwd;
	char *tty;		/* "ROWS COLS" when the command wants a terminal */
	int has_stdin;
};

static int ctl = -1;

static void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int fd, n;

	va_start(ap, fmt);
	n = snprintf(line, sizeof(line), "<4>bvm-init: ");
	n += vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, line, strnlen(line, sizeof(line))) < 0)
		perror("kmsg");
	close(fd);
}

/* The host sees a guest that ends without a trailer as an infrastructure error. */
static void __attribute__((noreturn)) give_up(const char *what)
{
	say("%s: %s", what, strerror(errno));
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void write_all(int fd, const char *buf, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, buf, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf += n;
		len -= n;
	}
}

/* Create every missing directory on the way to @path. */
static void make_dirs(const char *path)
{
	char buf[4096];
	char *p;

	snprintf(buf, sizeof(buf), "%s", path);
	for (p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(buf, 0755);
		*p = '/';
	}
	mkdir(buf, 0755);
}

static void must_mount(const char *src, const char *dst, const char *type,
		       unsigned long flags, const char *data)
{
	make_dirs(dst);
	if (mount(src, dst, type, flags, data))
		give_up(dst);
}

/* Absent in some configurations, and then no one misses them. */
static void may_mount(const char *src, const char *dst, const char *type)
{
	if (access(dst, F_OK))
		make_dirs(dst);
	mount(src, dst, type, 0, NULL);
}

/* The host's root, read-only, under a tmpfs that takes every write. */
static void enter_root(void)
{
	must_mount("root", "/lower", "9p", MS_RDONLY, P9_READ_ONLY);
	must_mount("rw", "/rw", "tmpfs", 0, "mode=0755,size=75%");
	make_dirs("/rw/upper");
	make_dirs("/rw/work");
	must_mount("overlay", "/root", "overlay", 0,
		   "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
	if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL))
		give_up("/root/dev");
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		give_up("switch root");
}

static void mount_kernel_file_systems(void)
{
	must_mount("proc", "/proc", "proc", 0, NULL);
	must_mount("sysfs", "/sys", "sysfs", 0, NULL);
	must_mount("run", "/run", "tmpfs", 0, "mode=0755");
	make_dirs("/dev/pts");
	make_dirs("/dev/shm");
	must_mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666,mode=0620,gid=5");
	must_mount("shm", "/dev/shm", "tmpfs", 0, "mode=1777");
	may_mount("debugfs", "/sys/kernel/debug", "debugfs");
	may_mount("tracefs", "/sys/kernel/tracing", "tracefs");
	may_mount("securityfs", "/sys/kernel/security", "securityfs");
	may_mount("bpf", "/sys/fs/bpf", "bpf");
	may_mount("cgroup2", "/sys/fs/cgroup", "cgroup2");
	if (symlink("/proc/self/fd", "/dev/fd") ||
	    symlink("/proc/self/fd/0", "/dev/stdin") ||
	    symlink("/proc/self/fd/1", "/dev/stdout") ||
	    symlink("/proc/self/fd/2", "/dev/stderr"))
		say("/dev/fd: %s", strerror(errno));
}

/* One row of the request: "TAG MODE PATH", MODE being ro or rw. */
static void mount_share(char *row)
{
	char *tag = strsep(&row, " ");
	char *mode = strsep(&row, " ");
	int rw;

	if (!mode || !row) {
		errno = EINVAL;
		give_up("mount row");
	}
	rw = !strcmp(mode, "rw");
	must_mount(tag, row, "9p", rw ? 0 : MS_RDONLY, rw ? P9_READ_WRITE : P9_READ_ONLY);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		say("lo: %s", strerror(errno));
	close(fd);
}

/* Ports appear a moment after the driver has probed. */
static int open_port(const char *path, int flags)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	int fd, i;

	for (i = 0; i < PORT_WAIT_MS; i++) {
		fd = open(path, flags | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		nanosleep(&ms, NULL);
	}
	give_up(path);
}

static char *read_file(const char *path, size_t *len)
{
	struct stat st;
	char *buf;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		give_up(path);
	buf = malloc(st.st_size + 1);
	if (!buf || read(fd, buf, st.st_size) != st.st_size)
		give_up(path);
	buf[st.st_size] = '\0';
	close(fd);
	*len = st.st_size;
	return buf;
}

/* Rows are "key=value", each ended by a NUL, so that values can hold anything. */
static void read_request(struct request *req)
{
	size_t len;
	char *row = read_file("/request", &len);
	char *end = row + len;
	char *value;

	for (; row < end; row = value + strlen(value) + 1) {
		value = strchr(row, '=');
		if (!value)
			break;
		*value++ = '\0';
		if (!strcmp(row, "arg") && req->argc < MAX_ARGS)
			req->argv[req->argc++] = value;
		else if (!strcmp(row, "mount") && req->nr_mounts < MAX_MOUNTS)
			req->mounts[req->nr_mounts++] = value;
		else if (!strcmp(row, "env"))
			putenv(value);
		else if (!strcmp(row, "cwd"))
			req->cwd = value;
		else if (!strcmp(row, "tty"))
			req->tty = value;
		else if (!strcmp(row, "stdin"))
			req->has_stdin = 1;
		else
			say("unknown or excessive row: %s", row);
	}
	if (!req->argc) {
		errno = EINVAL;
		give_up("/request");
	}
}

static void __attribute__((noreturn)) run(const struct request *req)
{
	int status;

	if (req->cwd && chdir(req->cwd))
		errno = 0;	/* an arm64 root lacks the host's directories */
	execvp(req->argv[0], req->argv);
	status = errno == ENOENT ? 127 : 126;
	fprintf(stderr, "%s: %s\n", req->argv[0], strerror(errno));
	exit(status);
}

static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Start the command with pipes; the ports themselves cannot be opened twice. */
static pid_t spawn_piped(const struct request *req, int *out, int *err)
{
	int o[2], e[2], in;
	pid_t pid;

	if (pipe2(o, O_CLOEXEC) || pipe2(e, O_CLOEXEC))
		give_up("pipe");
	in = req->has_stdin ? open_port(PORT_IN, O_RDONLY) : open("/dev/null", O_RDONLY);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (!pid) {
		setsid();
		unblock_signals();
		dup2(in, 0);
		dup2(o[1], 1);
		dup2(e[1], 2);
		run(req);
	}
	close(in);
	close(o[1]);
	close(e[1]);
	*out = o[0];
	*err = e[0];
	return pid;
}

/* Start the command on a pseudo terminal of its own. */
static pid_t spawn_tty(const struct request *req, int *master)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int slave;
	pid_t pid;

	if (sscanf(req->tty, "%hu %hu", &size.ws_row, &size.ws_col) != 2)
		say("terminal size: %s", req->tty);
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || grantpt(*master) || unlockpt(*master))
		give_up("pty");
	ioctl(*master, TIOCSWINSZ, &size);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (!pid) {
		setsid();
		unblock_signals();
		slave = open(ptsname(*master), O_RDWR);
		ioctl(slave, TIOCSCTTY, 0);
		dup2(slave, 0);
		dup2(slave, 1);
		dup2(slave, 2);
		run(req);
	}
	return pid;
}

struct stream {
	int from;
	int to;
	unsigned long long bytes;
};

/* Copy what is there; a stream that has ended gets from = -1. */
static void copy_some(struct stream *s)
{
	static char buf[65536];
	ssize_t n = read(s->from, buf, sizeof(buf));

	if (n > 0) {
		write_all(s->to, buf, n);
		s->bytes += n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		close(s->from);
		s->from = -1;
	}
}

static void drain(struct stream *s)
{
	if (s->from < 0)
		return;
	fcntl(s->from, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd p = { .fd = s->from, .events = POLLIN };

		if (s->from < 0 || poll(&p, 1, 0) <= 0)
			return;
		copy_some(s);
	}
}

/* Reap everything; true once the command itself has ended. */
static int reap(pid_t command, int *status)
{
	int st, done = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &st, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		*status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
		done = 1;
	}
	return done;
}

static int serve(pid_t command, int sigfd, struct stream *s, int nr)
{
	struct signalfd_siginfo info;
	struct pollfd p[4];
	int i, status = 0;

	for (;;) {
		for (i = 0; i < nr; i++)
			p[i] = (struct pollfd){ .fd = s[i].from, .events = POLLIN };
		p[nr] = (struct pollfd){ .fd = sigfd, .events = POLLIN };
		if (poll(p, nr + 1, -1) < 0 && errno != EINTR)
			give_up("poll");
		for (i = 0; i < nr; i++)
			if (p[i].revents)
				copy_some(&s[i]);
		if (!p[nr].revents || read(sigfd, &info, sizeof(info)) < 0)
			continue;
		if (reap(command, &status))
			return status;
	}
}

/*
 * The byte counts tell the host when it has everything; it then ends QEMU,
 * which is quicker than a power-off. Should it not, end by ourselves.
 */
static void __attribute__((noreturn)) report(int status, unsigned long long out,
					     unsigned long long err)
{
	char line[128];
	int n;

	sync();
	n = snprintf(line, sizeof(line), "exit %d %llu %llu\n", status, out, err);
	write_all(ctl, line, n);
	sleep(10);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

int main(void)
{
	struct stream s[3] = { { .from = -1 }, { .from = -1 }, { .from = -1 } };
	struct request req = { 0 };
	int sigfd, status, nr = 2, i;
	sigset_t chld;
	pid_t pid;

	must_mount("dev", "/dev", "devtmpfs", 0, NULL);
	read_request(&req);
	ctl = open_port(PORT_CTL, O_RDWR);
	write_all(ctl, "init\n", 5);
	s[0].to = open_port(PORT_OUT, O_WRONLY);
	s[1].to = open_port(PORT_ERR, O_WRONLY);
	enter_root();
	mount_kernel_file_systems();
	for (i = 0; i < req.nr_mounts; i++)
		mount_share(req.mounts[i]);
	loopback_up();
	if (sethostname("bvm", 3))
		say("hostname: %s", strerror(errno));

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sigfd = signalfd(-1, &chld, SFD_CLOEXEC);
	if (sigfd < 0)
		give_up("signalfd");

	if (req.tty) {
		pid = spawn_tty(&req, &s[0].from);
		s[2].from = open_port(PORT_IN, O_RDONLY);
		s[2].to = s[0].from;
		nr = 3;
	} else {
		pid = spawn_piped(&req, &s[0].from, &s[1].from);
	}
	write_all(ctl, "run\n", 4);
	status = serve(pid, sigfd, s, nr);
	drain(&s[0]);
	drain(&s[1]);
	report(status, s[0].bytes, s[1].bytes);
}
