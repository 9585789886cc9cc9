// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which helpers a type of program may call: exactly those of offered.def, on the stock
 * kernel and, but for what is named there, on BVM.
 */
#include "lib/harness.h"
#include "lib/bpf_sys.h"

static const struct {
	char letter;
	__u32 type;
} types[] = {
	{ 's', BPF_PROG_TYPE_SOCKET_FILTER },
	{ 'k', BPF_PROG_TYPE_KPROBE },
	{ 't', BPF_PROG_TYPE_TRACEPOINT },
	{ 'p', BPF_PROG_TYPE_PERF_EVENT },
	{ 'r', BPF_PROG_TYPE_RAW_TRACEPOINT },
	{ 'r', BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE },
	{ 'c', BPF_PROG_TYPE_SCHED_CLS },
	{ 'x', BPF_PROG_TYPE_XDP },
};

static const struct {
	int id;
	const char *name;
	const char *stock;
	const char *absent;
} helpers[] = {
#define OFFERED(name_, stock_, absent_) \
	{ BPF_FUNC_##name_, #name_, stock_, absent_ },
#include "offered.def"
#undef OFFERED
};

/* May a program of that type call it?  Its arguments need not be right for that. */
static bool offered(__u32 type, int id)
{
	const struct bpf_insn insns[] = { BPF_EMIT_CALL(id), RETURN(0) };
	static char log[4096];
	union bpf_attr attr;
	int fd;

	prog_attr(&attr, type, insns, ARRAY_SIZE(insns));
	attr.log_level = 1;
	attr.log_buf = ptr_to_u64(log);
	attr.log_size = sizeof(log);
	log[0] = 0;
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd >= 0)
		close(fd);
	return !strstr(log, "unknown func") && !strstr(log, "invalid func") &&
	       !strstr(log, "cannot use helper");
}

static bool expected(char letter, int id, bool bvm)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (helpers[i].id == id)
			return strchr(helpers[i].stock, letter) &&
			       !(bvm && strchr(helpers[i].absent, letter));
	return false;
}

static const char *name_of(int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (helpers[i].id == id)
			return helpers[i].name;
	return "another helper";
}

TEST(helpers_of_types)
{
	bool bvm = kernel_is_bvm(), got;

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		/* one more than there are */
		for (int id = 1; id <= __BPF_FUNC_MAX_ID; id++) {
			got = offered(types[t].type, id);
			EXPECT_EQ(expected(types[t].letter, id, bvm), got) {
				TH_LOG("type %c, helper %d, %s", types[t].letter, id, name_of(id));
			}
		}
	}
}

TEST_HARNESS_MAIN
