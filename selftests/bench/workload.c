// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes the events that the handlers see, in a fixed number: files, processes,
 * threads that wake each other, signals, connections over the loopback device, a disk,
 * page faults.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define FILES		200
#define PROCESSES	10
#define WAKEUPS		200
#define SIGNALS		200
#define CONNECTIONS	40
#define MESSAGES	5
#define BLOCKS		100
#define PAGES		200
#define BLOCK		4096

static const char *disk;
static void *block;

/* A descriptor, or what a system call returned. */
static int need(int value, const char *what)
{
	if (value < 0)
		fail(what, errno);
	return value;
}

void workload_init(const char *path)
{
	int fd = need(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	need(ioctl(fd, SIOCSIFFLAGS, &up), "the loopback device");
	close(fd);
	disk = path;
	if (posix_memalign(&block, BLOCK, BLOCK))
		fail("memory", ENOMEM);
}

static void files(void)
{
	char text[256] = "";
	int i, fd;

	for (i = 0; i < FILES; i++) {
		fd = need(open("/tmp/bench.file", O_RDWR | O_CREAT, 0600), "/tmp/bench.file");
		need(write(fd, text, sizeof(text)), "write");
		need(lseek(fd, 0, SEEK_SET), "lseek");
		need(read(fd, text, sizeof(text)), "read");
		close(fd);
	}
}

static void processes(void)
{
	int i, status;
	pid_t pid;

	for (i = 0; i < PROCESSES; i++) {
		pid = need(vfork(), "vfork");
		if (!pid) {
			execl("/bin/true", "true", "one", "two", NULL);
			_exit(127);
		}
		waitpid(pid, &status, 0);
	}
}

static int ping[2], pong[2];

static void *answer(void *unused)
{
	char c;
	int i;

	for (i = 0; i < WAKEUPS; i++) {
		need(read(ping[0], &c, 1), "read");
		need(write(pong[1], &c, 1), "write");
	}
	return NULL;
}

static void wakeups(void)
{
	pthread_t thread;
	char c = 0;
	int i, err;

	need(pipe(ping), "pipe");
	need(pipe(pong), "pipe");
	err = pthread_create(&thread, NULL, answer, NULL);
	if (err)
		fail("pthread_create", err);
	for (i = 0; i < WAKEUPS; i++) {
		need(write(ping[1], &c, 1), "write");
		need(read(pong[0], &c, 1), "read");
	}
	pthread_join(thread, NULL);
	for (i = 0; i < 2; i++) {
		close(ping[i]);
		close(pong[i]);
	}
}

static void signals(void)
{
	int i;

	for (i = 0; i < SIGNALS; i++)
		kill(getpid(), 0);
}

static void connections(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	int server, client, peer, i, m;
	char text[64] = "";

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = need(socket(AF_INET, SOCK_STREAM, 0), "socket");
	need(bind(server, (void *)&to, len), "bind");
	need(listen(server, 8), "listen");
	need(getsockname(server, (void *)&to, &len), "getsockname");
	for (i = 0; i < CONNECTIONS; i++) {
		client = need(socket(AF_INET, SOCK_STREAM, 0), "socket");
		need(connect(client, (void *)&to, len), "connect");
		peer = need(accept(server, NULL, NULL), "accept");
		for (m = 0; m < MESSAGES; m++) {
			need(send(client, text, sizeof(text), 0), "send");
			need(recv(peer, text, sizeof(text), MSG_WAITALL), "recv");
		}
		close(client);
		close(peer);
	}
	close(server);
}

static void blocks(void)
{
	int fd = need(open(disk, O_RDONLY | O_DIRECT), disk), i;

	for (i = 0; i < BLOCKS; i++)
		need(pread(fd, block, BLOCK, i * BLOCK), "pread");
	close(fd);
}

static void faults(void)
{
	size_t size = PAGES * 4096;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (area == MAP_FAILED)
		fail("mmap", errno);
	for (i = 0; i < size; i += 4096)
		area[i] = 1;
	munmap(area, size);
}

void workload(void)
{
	files();
	processes();
	wakeups();
	signals();
	connections();
	blocks();
	faults();
}
