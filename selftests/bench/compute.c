// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that only compute: an object file of them, each run on the same packet.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "bench.h"
#include "packet.h"

#define REPEAT	50
#define LOADS	2

static struct bpf_object *load(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	int err;

	if (!object)
		fail(path, errno);
	err = bpf_object__load(object);
	if (err)
		fail(path, err);
	return object;
}

void bench_compute(const char *path)
{
	unsigned char packet[INPUT_SIZE];
	struct bpf_object *object;
	struct bpf_program *prog;
	__u32 result;
	int i;

	fill_packet(packet);
	for (i = 1; i < LOADS; i++)
		bpf_object__close(load(path));
	object = load(path);
	bpf_object__for_each_program(prog, object) {
		int fd = bpf_program__fd(prog);
		struct measured row = {
			.suite = "compute", .name = bpf_program__name(prog), .ops = 1,
			.load = load_time(bpf_program__name(prog)),
		};

		row.insns = run_time(fd, packet, sizeof(packet), REPEAT, &result);
		row.check = result;
		prog_sizes(fd, &row.image, &row.xlated);
		write_image(fd, row.name);
		report(&row);
	}
	bpf_object__close(object);
}
