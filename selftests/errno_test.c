// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2) given one wrong thing at a time: errno/table.def is the table, this
 * file runs it.
 *
 * Each row starts from a command that would succeed, changes one thing, and
 * names the errno.  The table says what the stock kernel does; where BVM
 * differs, errno/differences.list says so and why, and there a row that agrees
 * after all is as wrong as a row that differs unlisted.
 *
 * Besides KTAP it prints a line "# errno COMMAND ROW GOT" for each row, from
 * which scripts/compare-errno makes its table.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "lib/events.h"

#define MAX_INSNS	256
#define BAD_POINTER	8	/* nothing is mapped in the first page */

/* the state that a row changes before the call */
struct call {
	int cmd;
	union {
		union bpf_attr a;
		char bytes[8192];
	};
	__u32 size;		/* passed to bpf(2) */
	bool null_attr;
	bool drop_caps;
	__u64 caps;		/* kept, if @drop_caps */
	int event;		/* >= 0: not bpf(2), but PERF_EVENT_IOC_SET_BPF of event_fd */
	int event_fd;

	/* what there is: values of 8 bytes, 4 elements, key 1 exists */
	int array, hash, perf_array, full, read_only, write_only;
	int queue, ringbuf, lpm;	/* empty; lpm is for IPv4 prefixes */
	int prog, kprobe, tracepoint;
	int null;		/* /dev/null */
	__u32 key;
	__u64 value;
	struct {
		__u32 prefixlen;
		__u8 data[4];
	} lpm_key;
	char data[128];
	char large[65536];
	char info[1024];
	struct bpf_insn insns[MAX_INSNS];
	char log[4096];
};

#define INSNS(...)							\
do {									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
	memcpy(c->insns, __insns, sizeof(__insns));			\
	c->a.insn_cnt = ARRAY_SIZE(__insns);				\
} while (0)

#define KEEP_CAPS(MASK)							\
do {									\
	c->drop_caps = true;						\
	c->caps = (MASK);						\
} while (0)

#define CAP(NAME)	(1ULL << (NAME))

/* a key of an LPM trie */
#define LPM_KEY(BITS)							\
do {									\
	c->lpm_key.prefixlen = (BITS);					\
	c->a.key = ptr_to_u64(&c->lpm_key);				\
} while (0)

/* ------------------------------------------- commands that would succeed */

static void base_any(struct call *c)
{
	c->cmd = BPF_MAP_LOOKUP_ELEM;
	c->a.map_fd = c->hash;
	c->a.key = ptr_to_u64(&c->key);
	c->a.value = ptr_to_u64(&c->value);
}

static void base_map_create(struct call *c)
{
	c->cmd = BPF_MAP_CREATE;
	c->a.map_type = BPF_MAP_TYPE_ARRAY;
	c->a.key_size = 4;
	c->a.value_size = 8;
	c->a.max_entries = 4;
}

static void base_map_lookup(struct call *c)
{
	base_any(c);
}

static void base_map_update(struct call *c)
{
	base_any(c);
	c->cmd = BPF_MAP_UPDATE_ELEM;
}

static void base_map_delete(struct call *c)
{
	base_any(c);
	c->cmd = BPF_MAP_DELETE_ELEM;
	c->a.value = 0;
}

static void base_map_next_key(struct call *c)
{
	base_any(c);
	c->cmd = BPF_MAP_GET_NEXT_KEY;
	c->key = 77;	/* not there: the first */
}

static void base_map_take(struct call *c)
{
	base_any(c);
	c->cmd = BPF_MAP_LOOKUP_AND_DELETE_ELEM;
}

static void base_prog_load(struct call *c)
{
	c->cmd = BPF_PROG_LOAD;
	prog_attr(&c->a, BPF_PROG_TYPE_SOCKET_FILTER, c->insns, 0);
	INSNS(RETURN(0));
}

static void base_test_run(struct call *c)
{
	c->cmd = BPF_PROG_TEST_RUN;
	c->a.test.prog_fd = c->prog;
	c->a.test.data_in = ptr_to_u64(c->data);
	c->a.test.data_size_in = sizeof(c->data);
}

static void base_prog_next_id(struct call *c)
{
	c->cmd = BPF_PROG_GET_NEXT_ID;
}

static void base_map_next_id(struct call *c)
{
	c->cmd = BPF_MAP_GET_NEXT_ID;
}

static void base_prog_fd_by_id(struct call *c)
{
	struct bpf_prog_info info;

	get_prog_info(c->prog, &info);
	c->cmd = BPF_PROG_GET_FD_BY_ID;
	c->a.prog_id = info.id;
}

static void base_map_fd_by_id(struct call *c)
{
	struct bpf_map_info info;

	get_map_info(c->hash, &info);
	c->cmd = BPF_MAP_GET_FD_BY_ID;
	c->a.map_id = info.id;
}

static void base_obj_info(struct call *c)
{
	c->cmd = BPF_OBJ_GET_INFO_BY_FD;
	c->a.info.bpf_fd = c->prog;
	c->a.info.info = ptr_to_u64(c->info);
	c->a.info.info_len = sizeof(struct bpf_prog_info);
}

/* a kprobe's event, a kprobe's program; the fd to attach is event_fd */
static void base_set_bpf(struct call *c)
{
	c->event = kprobe_open(OPEN_FUNCTION, false);
	c->event_fd = c->kprobe;
}

static int software_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000,
		.disabled = 1,
	};

	return perf_event_open(&attr, -1, 0);
}

/* commands of which only the refusals are of interest: rows fill in everything */
static void base_other(struct call *c)
{
}

/* ------------------------------------------------------------------ rows */

struct row {
	const char *command, *name;
	int want;
	void (*base)(struct call *c);
	void (*change)(struct call *c);
};

#define ROW(CMD, NAME, ERRNO, ...)					\
static void change_ ## CMD ## _ ## NAME(struct call *c)			\
{									\
	__VA_ARGS__;							\
}
#include "errno/table.def"
#undef ROW

static const struct row rows[] = {
#define ROW(CMD, NAME, ERRNO, ...)					\
	{ #CMD, #NAME, ERRNO, base_ ## CMD, change_ ## CMD ## _ ## NAME },
#include "errno/table.def"
#undef ROW
};

struct difference {
	const char *command, *name;
	int got;
	const char *reason;
};

static const struct difference differences[] = {
#define DIFFERS(CMD, NAME, ERRNO, REASON)	{ #CMD, #NAME, ERRNO, REASON },
#include "errno/differences.list"
#undef DIFFERS
};

static const struct difference *find_difference(const struct row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(differences); i++) {
		if (!strcmp(differences[i].command, row->command) &&
		    !strcmp(differences[i].name, row->name))
			return &differences[i];
	}
	return NULL;
}

static void set_up(struct call *c)
{
	static const struct bpf_insn insns[] = { RETURN(0) };

	memset(c, 0, sizeof(*c));
	c->size = sizeof(c->a);
	c->event = -1;
	c->key = 1;
	c->array = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4);
	c->hash = map_create(BPF_MAP_TYPE_HASH, 4, 8, 4);
	c->full = map_create(BPF_MAP_TYPE_HASH, 4, 8, 1);
	c->read_only = map_create_flags(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_RDONLY);
	c->write_only = map_create_flags(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_WRONLY);
	c->perf_array = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4);
	c->queue = map_create(BPF_MAP_TYPE_QUEUE, 0, 8, 4);
	c->ringbuf = map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
	c->lpm = map_create_flags(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 4, BPF_F_NO_PREALLOC);
	map_update(c->hash, &c->key, &c->value, BPF_ANY);
	map_update(c->full, &c->key, &c->value, BPF_ANY);
	c->prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_SIZE(insns));
	c->kprobe = prog_load(BPF_PROG_TYPE_KPROBE, insns, ARRAY_SIZE(insns));
	c->tracepoint = prog_load(BPF_PROG_TYPE_TRACEPOINT, insns, ARRAY_SIZE(insns));
	c->null = open("/dev/null", O_RDWR);
}

/*
 * In a process of its own, so that capabilities, descriptors and what the row
 * changes in *c do not stay; of the maps, only an element of one can change.
 */
static void run_row(const struct row *row, struct call *c, int *got)
{
	pid_t child;

	map_update(c->hash, &c->key, &c->value, BPF_ANY);
	*got = -ECHILD;
	child = fork();
	if (!child) {
		row->base(c);
		row->change(c);
		if (c->drop_caps)
			keep_caps(c->caps);
		if (c->event >= 0)
			*got = event_ioctl(c->event, PERF_EVENT_IOC_SET_BPF, c->event_fd);
		else
			*got = sys_bpf_size(c->cmd, c->null_attr ? NULL : c->bytes, c->size);
		if (*got > 0)
			*got = 0;
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static const char *errno_name(int error)
{
	const char *name = strerrorname_np(-error);

	return error == -ENOTSUPP ? "ENOTSUPP" : name ? name : "?";
}

/* a line of differences.list that says nothing: no such row, or the same errno */
static bool list_is_sound(void)
{
	bool sound = true;

	for (size_t i = 0; i < ARRAY_SIZE(differences); i++) {
		const struct difference *d = &differences[i];
		const struct row *row = NULL;

		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			if (find_difference(&rows[j]) == d)
				row = &rows[j];
		}
		if (!row || row->want == d->got || !*d->reason) {
			ksft_print_msg("differences.list: %s %s\n", d->command, d->name);
			sound = false;
		}
	}
	return sound;
}

int main(void)
{
	static struct call c;
	int *got = mmap(NULL, sizeof(*got), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool bvm = kernel_is_bvm();

	ksft_print_header();
	if (geteuid() != 0)
		ksft_exit_skip("not root\n");
	set_up(&c);
	ksft_set_plan(ARRAY_SIZE(rows) + 1);
	ksft_test_result(list_is_sound(), "differences.list\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const struct difference *d = bvm ? find_difference(row) : NULL;
		int want = d ? -d->got : -row->want;

		run_row(row, &c, got);
		ksft_print_msg("errno %s %s %s\n", row->command, row->name, errno_name(*got));
		if (*got != want)
			ksft_print_msg("expected %s\n", errno_name(want));
		ksft_test_result(*got == want, "%s %s\n", row->command, row->name);
	}
	ksft_finished();
}
