// SPDX-License-Identifier: GPL-2.0-only
#include <sys/mman.h>
#include "verif.h"
#include "../../kernel/btf/btf.h"
#include "../../kernel/helpers/dynptr.h"
#include "../../kernel/helpers/helpers.h"
#include "../../kernel/helpers/kfunc.h"
#include "../lib/btf_blob.h"

/* ------------------------------------------------------------------ maps */

extern const struct bvm_map_type bvm_array_map, bvm_percpu_array_map, bvm_hash_map,
	bvm_lru_hash_map, bvm_percpu_hash_map;

/* Bugs that are planted, one bit each; see plants.h. */
u64 verif_plants;

static int toy_check(const struct bvm_map_spec *spec)
{
	return 0;
}

static struct bvm_map *toy_alloc(const struct bvm_map_spec *spec)
{
	return kzalloc(sizeof(struct bvm_map), GFP_KERNEL);
}

static void toy_free(struct bvm_map *map)
{
	kfree(map);
}

/* Types that programs can refer to but whose elements they cannot look up. */
#define TOY_MAP(name_, id_, caps_)							\
	static const struct bvm_map_type name_ = {					\
		.id = id_, .name = #name_, .caps = caps_,				\
		.check = toy_check, .alloc = toy_alloc, .free = toy_free,		\
	}
TOY_MAP(toy_perf, BPF_MAP_TYPE_PERF_EVENT_ARRAY, BVM_MAP_PERF_OUTPUT);
TOY_MAP(toy_stack_trace, BPF_MAP_TYPE_STACK_TRACE, 0);
TOY_MAP(toy_prog_array, BPF_MAP_TYPE_PROG_ARRAY, BVM_MAP_FD_VALUES | BVM_MAP_TAIL_CALL);
TOY_MAP(toy_ringbuf, BPF_MAP_TYPE_RINGBUF, BVM_MAP_RINGBUF);
TOY_MAP(toy_queue, BPF_MAP_TYPE_QUEUE, BVM_MAP_QUEUE);

/* All of what addresses in an arena can reach is there, and is that of all arenas. */
static bool arena_base(const struct bvm_map *map, struct bvm_arena_base *base)
{
	static char *mem;

	if (!mem)
		mem = mmap(NULL, BIT_ULL(32) + 2 * 0x10000UL, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	*base = (struct bvm_arena_base){ (unsigned long)mem + 0x10000UL, BIT_ULL(40) };
	return mem != MAP_FAILED;
}

static void *arena_direct(struct bvm_map *map, u32 off)
{
	return (void *)(BIT_ULL(40) + off);
}

static const struct bvm_map_type toy_arena = {
	.id = BPF_MAP_TYPE_ARENA, .name = "toy_arena", .caps = BVM_MAP_ARENA,
	.check = toy_check, .alloc = toy_alloc, .free = toy_free, .arena = arena_base,
	.direct = arena_direct,
};

/* A map of maps whose elements are all the same map. */
static void *of_maps_lookup(struct bvm_map *map, const void *key)
{
	return get_unaligned((const u32 *)key) < map->max_entries ? (void *)map->inner : NULL;
}

static const struct bvm_map_type toy_of_maps = {
	.id = BPF_MAP_TYPE_ARRAY_OF_MAPS, .name = "toy_of_maps",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_OF_MAPS | BVM_MAP_FD_VALUES,
	.check = toy_check, .alloc = toy_alloc, .free = toy_free, .lookup = of_maps_lookup,
};

/* A map of sockets: the same one under every key, until another one is put there. */
static void *socks_lookup(struct bvm_map *map, const void *key)
{
	static u64 sock[4];

	return get_unaligned((const u32 *)key) < map->max_entries ? sock : NULL;
}

static long socks_update(struct bvm_map *map, const void *key, const void *sk, u64 flags)
{
	/* it has the fields of one */
	return *(const u64 *)(sk + 24) ? -EINVAL : 0;
}

static long socks_delete(struct bvm_map *map, const void *key)
{
	return -ENOENT;
}

static const struct bvm_map_type toy_socks = {
	.id = BPF_MAP_TYPE_SOCKMAP, .name = "toy_socks",
	.caps = BVM_MAP_LOOKUP | BVM_MAP_UPDATE | BVM_MAP_DELETE | BVM_MAP_SOCKETS,
	.check = toy_check, .alloc = toy_alloc, .free = toy_free, .lookup = socks_lookup,
	.update = socks_update, .delete = socks_delete, .view = &verif_sock,
};

static const struct bvm_map_type *const map_types[] = {
	&bvm_array_map, &bvm_percpu_array_map, &bvm_hash_map, &bvm_lru_hash_map,
	&bvm_percpu_hash_map, &toy_perf, &toy_stack_trace, &toy_prog_array, &toy_ringbuf,
	&toy_arena, &toy_queue, &toy_of_maps, &toy_socks,
};

struct bvm_map *verif_map(u32 type, u32 key_size, u32 value_size, u32 max_entries, u32 flags)
{
	struct bvm_map_spec spec = {
		.type = type, .key_size = key_size, .value_size = value_size,
		.max_entries = max_entries, .flags = flags, .numa_node = NUMA_NO_NODE,
	};
	struct bvm_map *map;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(map_types); i++) {
		if (map_types[i]->id != type)
			continue;
		if (map_types[i]->check(&spec))
			return NULL;
		map = map_types[i]->alloc(&spec);
		if (IS_ERR_OR_NULL(map))
			return NULL;
		map->type = map_types[i];
		map->key_size = key_size;
		map->value_size = value_size;
		map->max_entries = max_entries;
		map->flags = flags;
		map->numa_node = NUMA_NO_NODE;
		strscpy(map->name, "test");
		return map;
	}
	return NULL;
}

struct bvm_map *verif_map_of(struct bvm_map *inner)
{
	struct bvm_map *map = verif_map(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0);

	map->inner = inner;
	return map;
}

void verif_map_free(struct bvm_map *map)
{
	map->type->free(map);
}

/* --------------------------------------------------------------- helpers */

u64 verif_seed = 1;

u64 verif_random(void)
{
	/* Marsaglia's xorshift64 */
	verif_seed ^= verif_seed << 13;
	verif_seed ^= verif_seed >> 7;
	verif_seed ^= verif_seed << 17;
	return verif_seed;
}

static u64 do_lookup(u64 map, u64 key, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *m = (struct bvm_map *)map;

	return (u64)m->type->lookup(m, (void *)key);
}

static u32 lookup_in_ir(const struct bvm_inline *call, struct bvm_ir *out)
{
	struct bvm_map *m = call->map;

	return m && m->type->lookup_in_ir ? m->type->lookup_in_ir(m, out) : 0;
}

static u64 do_update(u64 map, u64 key, u64 value, u64 flags, u64 r5)
{
	struct bvm_map *m = (struct bvm_map *)map;

	return m->type->update(m, (void *)key, (void *)value, flags);
}

static u64 do_delete(u64 map, u64 key, u64 r3, u64 r4, u64 r5)
{
	struct bvm_map *m = (struct bvm_map *)map;

	return m->type->delete(m, (void *)key);
}

static u64 do_random(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return (u32)verif_random();
}

static u64 do_number(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return verif_random();
}

/* Writes all of the memory, as a helper may. */
static u64 do_fill(u64 dst, u64 size, u64 r3, u64 r4, u64 r5)
{
	memset((void *)dst, verif_random(), size);
	return 0;
}

/* The same, and says how much of it counts, or that it failed. */
static u64 do_fill_length(u64 dst, u64 size, u64 r3, u64 r4, u64 r5)
{
	do_fill(dst, size, r3, r4, r5);
	return verif_random() % 4 ? verif_random() % (size + 1) : -EFAULT;
}

u64 verif_heard;

/* Reads all of the memory, as a helper may. */
static u64 do_sum(u64 mem, u64 size)
{
	u64 i, sum = 0;

	for (i = 0; i < size; i++) {
		sum += ((const u8 *)mem)[i];
		verif_heard = (verif_heard ^ ((const u8 *)mem)[i]) * 0x100000001b3ULL;
	}
	return sum;
}

static u64 do_output(u64 ctx, u64 map, u64 flags, u64 data, u64 size)
{
	return do_sum(data, size) & 1;
}

static u64 do_trace(u64 fmt, u64 size, u64 r3, u64 r4, u64 r5)
{
	return do_sum(fmt, size) & 1;
}

static u64 do_csum_diff(u64 from, u64 from_size, u64 to, u64 to_size, u64 seed)
{
	return do_sum(from, from_size) + do_sum(to, to_size);
}

static u64 do_load_bytes(u64 ctx, u64 off, u64 to, u64 size, u64 r5)
{
	return do_fill(to, size, 0, 0, 0);
}

static u64 do_strtol(u64 buf, u64 size, u64 flags, u64 res, u64 r5)
{
	*(s64 *)res = verif_random();
	return do_sum(buf, size) & 1;
}

/* Records that were handed out; [verif_held] is the first that is free. */
static struct {
	u64 addr;
	u64 size;
} records[64];
u32 verif_held;
bool verif_busy;

static u64 do_reserve(u64 map, u64 size, u64 flags, u64 r4, u64 r5)
{
	void *mem;

	if (size > 4096 || verif_held == ARRAY_SIZE(records) || !(verif_random() % 8))
		return 0;
	WRITE_ONCE(verif_busy, true);
	mem = malloc(size);
	WRITE_ONCE(verif_busy, false);
	do_fill((u64)mem, size, 0, 0, 0);
	records[verif_held].addr = (u64)mem;
	records[verif_held++].size = size;
	return (u64)mem;
}

bool verif_record(u64 addr, u64 size)
{
	u32 i;

	for (i = 0; i < verif_held; i++)
		if (addr >= records[i].addr && addr + size <= records[i].addr + records[i].size)
			return true;
	return false;
}

u64 verif_record_at(u32 i, u64 *size)
{
	if (size)
		*size = records[i].size;
	return records[i].addr;
}

/* A record that is none is a double free, which the sanitizer finds. */
static u64 do_submit(u64 mem, u64 flags, u64 r3, u64 r4, u64 r5)
{
	u32 i;

	WRITE_ONCE(verif_busy, true);
	for (i = 0; i < verif_held; i++)
		if (records[i].addr == mem) {
			do_sum(mem, records[i].size);
			records[i] = records[--verif_held];
		}
	free((void *)mem);
	WRITE_ONCE(verif_busy, false);
	return 0;
}

static u64 do_reserve_dynptr(u64 map, u64 size, u64 flags, u64 ptr, u64 r5)
{
	struct bvm_dynptr *dynptr = (struct bvm_dynptr *)ptr;

	bvm_dynptr_set(dynptr, flags ? NULL : (void *)do_reserve(map, size, 0, 0, 0), size);
	return dynptr->base ? 0 : (u64)-EINVAL;
}

static u64 do_submit_dynptr(u64 ptr, u64 flags, u64 r3, u64 r4, u64 r5)
{
	struct bvm_dynptr *dynptr = (struct bvm_dynptr *)ptr;

	if (dynptr->base)
		do_submit((u64)dynptr->base, 0, 0, 0, 0);
	bvm_dynptr_clear(dynptr);
	return 0;
}

static const struct bvm_object toy_dynptr = { .name = "dynptr_ringbuf", .slots = 2 };

static u64 do_ring_output(u64 map, u64 data, u64 size, u64 flags, u64 r5)
{
	return do_sum(data, size) & 1;
}

static u64 do_pop(u64 map, u64 value, u64 r3, u64 r4, u64 r5)
{
	return do_fill(value, ((struct bvm_map *)map)->value_size, 0, 0, 0);
}

static u64 do_push(u64 map, u64 value, u64 flags, u64 r4, u64 r5)
{
	return do_sum(value, ((struct bvm_map *)map)->value_size) & 1;
}

static u64 do_strncmp(u64 s1, u64 size, u64 s2, u64 r4, u64 r5)
{
	return (u64)(s64)strncmp((const char *)s1, (const char *)s2, size);
}

static u64 do_task_stack(u64 task, u64 mem, u64 size, u64 flags, u64 r5)
{
	return do_fill(mem, size, 0, 0, 0);
}

/* Fails: there is nothing to go on in. */
static u64 do_tail_call(u64 ctx, u64 map, u64 index, u64 r4, u64 r5)
{
	return 0;
}

static const struct bvm_callback loop_callback = {
	.arg = { BVM_CB_INDEX, BVM_CB_STACK }, .ret_max = 1,
};

static u64 each_begin(u64 map, u64 cursor, u64 ctx, u64 flags, u64 r5)
{
	memset((void *)cursor, 0, sizeof(struct bvm_cursor));
	return flags ? -EINVAL : 0;
}

static u64 each_next(u64 cursor, u64 map, u64 r3, u64 r4, u64 r5)
{
	struct bvm_cursor *c = (void *)cursor;
	bool more = ((struct bvm_map *)map)->type->each((void *)map, c);

	c->count += more;
	return more;
}

static u64 each_end(u64 cursor, u64 map, u64 r3, u64 r4, u64 r5)
{
	return ((struct bvm_cursor *)cursor)->count;
}

static const struct bvm_callback each_callback = {
	.arg = { BVM_CB_MAP, BVM_CB_MAP_KEY, BVM_CB_MAP_VALUE, BVM_CB_STACK }, .ret_max = 1,
	.next = each_next, .end = each_end,
};

static const struct bvm_callback vma_callback = {
	.arg = { BVM_CB_BTF, BVM_CB_RET_BTF, BVM_CB_STACK }, .ret_max = 1,
	.next = each_next, .end = each_end,
};

/* Two samples. */
static u64 drain_next(u64 cursor, u64 map, u64 r3, u64 r4, u64 r5)
{
	static u64 sample[2][2];
	struct bvm_cursor *c = (void *)cursor;

	bvm_dynptr_set((void *)&c->pos[1], sample[c->count & 1], sizeof(sample[0]));
	c->arg[0] = (u64)&c->pos[1];
	return c->count++ < 2;
}

static const struct bvm_callback drain_callback = {
	.arg = { BVM_CB_DYNPTR, BVM_CB_STACK }, .ret_max = 1,
	.next = drain_next, .end = each_end,
};

static const struct bvm_object toy_sample = { .name = "dynptr_local", .slots = 2 };

/* A socket: a word that is there as it is, and half of one that is converted. */
static const struct bvm_ctx_field sock_fields[] = {
	{ .off = 0, .size = 4, .widths = 1 | 2 | 4, .koff = 8, .ksize = 2 },
	{ .off = 4, .size = 8, .widths = 4, .direct = 1, .koff = 16 },
};

static const struct bvm_ctx_field small_fields[] = {
	{ .off = 0, .size = 4, .widths = 4, .koff = 8, .ksize = 2 },
};

const struct bvm_view verif_sock = {
	.name = "sock", .or_null = "sock_or_null", .size = 12, .field = sock_fields,
	.nr_fields = ARRAY_SIZE(sock_fields),
};

const struct bvm_view verif_any_sock = {
	.name = "sock_common", .or_null = "sock_common_or_null", .size = 12,
	.field = small_fields, .nr_fields = ARRAY_SIZE(small_fields),
};

const struct bvm_view *const verif_views[2] = { &verif_any_sock, &verif_sock };

static u64 do_sock(u64 ctx, u64 r2, u64 r3, u64 r4, u64 r5)
{
	static u64 sock[4];

	return (u64)sock;
}

static const struct bvm_helper base_helpers[] = {
	{ BPF_FUNC_sk_lookup_tcp, "sk_lookup_tcp", do_sock, BVM_RET_VIEW_OR_NULL, {}, 0,
	  BVM_HELPER_ACQUIRE, .view = &verif_sock },
	{ BPF_FUNC_skc_lookup_tcp, "skc_lookup_tcp", do_sock, BVM_RET_VIEW_OR_NULL, {}, 0,
	  BVM_HELPER_ACQUIRE, .view = &verif_any_sock },
	{ BPF_FUNC_sk_release, "sk_release", do_number, BVM_RET_INTEGER, { BVM_ARG_VIEW }, 0,
	  BVM_HELPER_RELEASE },
	{ BPF_FUNC_user_ringbuf_drain, "user_ringbuf_drain", each_begin, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
	    BVM_ARG_ANYTHING }, BVM_MAP_RINGBUF, .callback = &drain_callback,
	  .object = &toy_sample },
	{ BPF_FUNC_for_each_map_elem, "for_each_map_elem", each_begin, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
	    BVM_ARG_ANYTHING }, BVM_MAP_FOR_EACH, .callback = &each_callback },
	{ BPF_FUNC_find_vma, "find_vma", each_begin, BVM_RET_INTEGER,
	  { BVM_ARG_BTF, BVM_ARG_ANYTHING, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
	    BVM_ARG_ANYTHING }, .btf_type = "task_struct", .ret_btf_type = "request",
	  .callback = &vma_callback },
	{ BPF_FUNC_loop, "loop", NULL, BVM_RET_INTEGER,
	  { BVM_ARG_ANYTHING, BVM_ARG_FUNC, BVM_ARG_STACK | BVM_ARG_MAYBE_NULL,
	    BVM_ARG_ANYTHING }, 0, BVM_HELPER_LOOP, .callback = &loop_callback },
	{ BPF_FUNC_map_lookup_elem, "map_lookup_elem", do_lookup, BVM_RET_MAP_VALUE_OR_NULL,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY }, BVM_MAP_LOOKUP, BVM_HELPER_TAKES_PKT,
	  .in_ir = lookup_in_ir },
	{ BPF_FUNC_map_update_elem, "map_update_elem", do_update, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY, BVM_ARG_MAP_VALUE, BVM_ARG_ANYTHING },
	  BVM_MAP_UPDATE, BVM_HELPER_MAP_WRITE | BVM_HELPER_TAKES_PKT },
	{ BPF_FUNC_map_delete_elem, "map_delete_elem", do_delete, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_KEY }, BVM_MAP_DELETE,
	  BVM_HELPER_MAP_WRITE | BVM_HELPER_TAKES_PKT },
	{ BPF_FUNC_get_prandom_u32, "get_prandom_u32", do_random, BVM_RET_INTEGER },
	{ BPF_FUNC_ktime_get_ns, "ktime_get_ns", do_number, BVM_RET_INTEGER },
	{ BPF_FUNC_ktime_get_boot_ns, "ktime_get_boot_ns", do_number, BVM_RET_INTEGER },
	{ BPF_FUNC_get_smp_processor_id, "get_smp_processor_id", do_number, BVM_RET_INTEGER },
	{ BPF_FUNC_get_current_pid_tgid, "get_current_pid_tgid", do_number, BVM_RET_INTEGER },
	{ BPF_FUNC_jiffies64, "jiffies64", do_number, BVM_RET_INTEGER },
	{ BPF_FUNC_trace_printk, "trace_printk", do_trace, BVM_RET_INTEGER,
	  { BVM_ARG_MEM, BVM_ARG_SIZE }, 0, BVM_HELPER_GPL },
	{ BPF_FUNC_probe_read_kernel, "probe_read_kernel", do_fill, BVM_RET_INTEGER,
	  { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING }, 0, BVM_HELPER_GPL },
	{ BPF_FUNC_probe_read_kernel_str, "probe_read_kernel_str", do_fill_length, BVM_RET_LENGTH,
	  { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING }, 0, BVM_HELPER_GPL },
	{ BPF_FUNC_probe_read, "probe_read", do_fill, BVM_RET_INTEGER,
	  { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING }, 0, BVM_HELPER_GPL },
	{ BPF_FUNC_get_current_comm, "get_current_comm", do_fill, BVM_RET_INTEGER,
	  { BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE } },
	{ BPF_FUNC_perf_event_output, "perf_event_output", do_output, BVM_RET_INTEGER,
	  { BVM_ARG_CTX, BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_MEM, BVM_ARG_SIZE_OR_ZERO },
	  BVM_MAP_PERF_OUTPUT, BVM_HELPER_GPL },
	{ BPF_FUNC_strtol, "strtol", do_strtol, BVM_RET_INTEGER,
	  { BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_ANYTHING, BVM_ARG_LONG_OUT } },
	{ BPF_FUNC_ringbuf_reserve, "ringbuf_reserve", do_reserve, BVM_RET_MEM_OR_NULL,
	  { BVM_ARG_MAP_PTR, BVM_ARG_CONST_SIZE, BVM_ARG_ANYTHING }, BVM_MAP_RINGBUF,
	  BVM_HELPER_ACQUIRE },
	{ BPF_FUNC_ringbuf_submit, "ringbuf_submit", do_submit, BVM_RET_VOID,
	  { BVM_ARG_ACQUIRED, BVM_ARG_ANYTHING }, 0, BVM_HELPER_RELEASE },
	{ BPF_FUNC_ringbuf_discard, "ringbuf_discard", do_submit, BVM_RET_VOID,
	  { BVM_ARG_ACQUIRED, BVM_ARG_ANYTHING }, 0, BVM_HELPER_RELEASE },
	{ BPF_FUNC_ringbuf_reserve_dynptr, "ringbuf_reserve_dynptr", do_reserve_dynptr,
	  BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING, BVM_ARG_ANYTHING, BVM_ARG_DYNPTR_NEW },
	  BVM_MAP_RINGBUF, BVM_HELPER_ACQUIRE, .object = &toy_dynptr },
	{ BPF_FUNC_ringbuf_submit_dynptr, "ringbuf_submit_dynptr", do_submit_dynptr,
	  BVM_RET_VOID, { BVM_ARG_DYNPTR_HELD, BVM_ARG_ANYTHING }, 0, BVM_HELPER_RELEASE },
	{ BPF_FUNC_ringbuf_discard_dynptr, "ringbuf_discard_dynptr", do_submit_dynptr,
	  BVM_RET_VOID, { BVM_ARG_DYNPTR_HELD, BVM_ARG_ANYTHING }, 0, BVM_HELPER_RELEASE },
	{ BPF_FUNC_ringbuf_output, "ringbuf_output", do_ring_output, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING },
	  BVM_MAP_RINGBUF },
	{ BPF_FUNC_map_push_elem, "map_push_elem", do_push, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE, BVM_ARG_ANYTHING }, BVM_MAP_QUEUE,
	  BVM_HELPER_MAP_WRITE },
	{ BPF_FUNC_map_pop_elem, "map_pop_elem", do_pop, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE_OUT }, BVM_MAP_QUEUE, BVM_HELPER_MAP_WRITE },
	{ BPF_FUNC_map_peek_elem, "map_peek_elem", do_pop, BVM_RET_INTEGER,
	  { BVM_ARG_MAP_PTR, BVM_ARG_MAP_VALUE_OUT }, BVM_MAP_QUEUE },
	{ BPF_FUNC_strncmp, "strncmp", do_strncmp, BVM_RET_INTEGER,
	  { BVM_ARG_MEM, BVM_ARG_SIZE, BVM_ARG_STRING } },
	{ BPF_FUNC_tail_call, "tail_call", do_tail_call, BVM_RET_VOID,
	  { BVM_ARG_CTX, BVM_ARG_MAP_PTR, BVM_ARG_ANYTHING }, BVM_MAP_TAIL_CALL,
	  BVM_HELPER_TAIL_CALL | BVM_HELPER_MOVES_PKT },
	{ BPF_FUNC_get_current_task_btf, "get_current_task_btf", do_number, BVM_RET_BTF,
	  .btf_type = "task_struct" },
	{ BPF_FUNC_get_task_stack, "get_task_stack", do_task_stack, BVM_RET_INTEGER,
	  { BVM_ARG_BTF, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING },
	  .btf_type = "task_struct" },
	{ BPF_FUNC_csum_diff, "csum_diff", do_csum_diff, BVM_RET_INTEGER,
	  { BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO,
	    BVM_ARG_MEM | BVM_ARG_MAYBE_NULL, BVM_ARG_SIZE_OR_ZERO, BVM_ARG_ANYTHING }, 0,
	  BVM_HELPER_TAKES_PKT },
};

/* ----------------------------------------------------------------- types */

enum {
	T_LONG = 1, T_INT, T_THREAD, T_TASK_PTR, T_TASK, T_LONG_PTR, T_VOID_PTR, T_REQUEST_PTR,
	T_REQUEST, T_USER, T_USER_PTR, T_DERIVED, T_DERIVED_PTR, T_PROTO,
	T_REGS, T_REGS_PTR, T_FLAVOUR, T_FLAVOUR_PTR, T_FWD, T_FWD_PTR,
	P_VOID, P_INT, P_REQUEST, P_REGS, P_TASK, P_FLAVOUR, P_LONG, P_FWD, P_THREAD, P_RESULT,
	P_TWO, P_SIX,
	T_THREAD_PTR, T_N1, T_N2, T_N3, T_N4, T_N5, T_N4_PTR, T_N5_PTR,
	K_ACQUIRE, K_FROM_PID, K_RELEASE, K_OPTIONAL, K_THREAD, K_N4, K_N5, K_MEM, K_CONST,
	__T_MAX
};

static_assert((int)__T_MAX == (int)VERIF_STATIC);

static const char type_names[] =
	"\0long\0int\0thread\0task_struct\0request\0user\0derived\0a\0b\0parent\0pid\0tgid\0"
	"bpf_user_pt_regs_t\0task_struct___old\0unseen\0arg:ctx\0arg:trusted\0arg:nonnull\0"
	"arg:nullable\0arg:arena\0other\0nested\0b__nullable\0b__sz\0b__k\0"
#define X(name) #name "\0"
	VERIF_KFUNCS(X);
#undef X
#define NAME(n)		name_of("\0" #n, sizeof("\0" #n))
#define TAG_NAME(n)	name_of("\0arg:" #n, sizeof("\0arg:" #n))

static u32 name_of(const char *name, u32 len)
{
	u32 i;

	for (i = 0; memcmp(type_names + i, name, len); i++)
		;
	return i + 1;
}

#define PROTO(n)	TYPE(0, BTF_KIND_FUNC_PROTO, 0, n, T_INT)
#define FUNC(proto)	TYPE(NAME(a), BTF_KIND_FUNC, 0, BTF_FUNC_GLOBAL, proto)
#define KPROTO(n, ret)	TYPE(0, BTF_KIND_FUNC_PROTO, 0, n, ret)
#define KERNEL_FUNC(name, proto) TYPE(NAME(name), BTF_KIND_FUNC, 0, BTF_FUNC_STATIC, proto)
#define NESTED(inner)	TYPE(NAME(nested), BTF_KIND_STRUCT, 0, 1, 4), NAME(a), inner, 0
#define TAG(name, func)	TYPE(name, BTF_KIND_DECL_TAG, 0, 0, VERIF_##func)

/*
 * struct task_struct { struct thread { long a; int b; }; struct task_struct *parent;
 * int pid, tgid; }, struct request { struct task_struct *a; long b; }, and
 * struct derived { struct task_struct a; long b; }; the attach target is
 * void f(void *__data, struct task_struct *, long, long *, struct request *,
 * struct task_struct __user *, struct derived *).  Behind that, the functions VERIF_*, and
 * those of the kernel that are described by their types.
 */
static bool make_btf(struct bvm_btf *btf)
{
	static struct blob blob;
	const u32 types[] = {
		INT_TYPE(NAME(long), BTF_INT_SIGNED, 0, 64, 8),
		INT_TYPE(NAME(int), BTF_INT_SIGNED, 0, 32, 4),
		TYPE(NAME(thread), BTF_KIND_STRUCT, 0, 2, 16),
		NAME(a), T_LONG, 0, NAME(b), T_INT, 64,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_TASK),
		TYPE(NAME(task_struct), BTF_KIND_STRUCT, 0, 4, 32),
		NAME(a), T_THREAD, 0, NAME(parent), T_TASK_PTR, 128, NAME(pid), T_INT, 192,
		NAME(tgid), T_INT, 224,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_LONG),
		TYPE(0, BTF_KIND_PTR, 0, 0, 0),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_REQUEST),
		TYPE(NAME(request), BTF_KIND_STRUCT, 0, 2, 16),
		NAME(a), T_TASK_PTR, 0, NAME(b), T_LONG, 64,
		TYPE(NAME(user), BTF_KIND_TYPE_TAG, 0, 0, T_TASK),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_USER),
		TYPE(NAME(derived), BTF_KIND_STRUCT, 0, 2, 40),
		NAME(a), T_TASK, 0, NAME(b), T_LONG, 256,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_DERIVED),
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 7, 0),
		0, T_VOID_PTR, 0, T_TASK_PTR, 0, T_LONG, 0, T_LONG_PTR, 0, T_REQUEST_PTR, 0,
		T_USER_PTR, 0, T_DERIVED_PTR,
		TYPE(NAME(bpf_user_pt_regs_t), BTF_KIND_TYPEDEF, 0, 0, T_REQUEST),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_REGS),
		TYPE(NAME(task_struct___old), BTF_KIND_STRUCT, 0, 0, 8),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_FLAVOUR),
		TYPE(NAME(unseen), BTF_KIND_FWD, 0, 0, 0),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_FWD),
		PROTO(1), NAME(a), T_VOID_PTR,
		PROTO(1), NAME(a), T_INT,
		PROTO(1), NAME(a), T_REQUEST_PTR,
		PROTO(1), NAME(a), T_REGS_PTR,
		PROTO(1), NAME(a), T_TASK_PTR,
		PROTO(1), NAME(a), T_FLAVOUR_PTR,
		PROTO(1), NAME(a), T_LONG_PTR,
		PROTO(1), NAME(a), T_FWD_PTR,
		PROTO(1), NAME(a), T_THREAD,
		TYPE(0, BTF_KIND_FUNC_PROTO, 0, 1, 0), NAME(a), T_INT,
		PROTO(2), NAME(a), T_INT, NAME(b), T_REQUEST_PTR,
		PROTO(6), NAME(a), T_INT, NAME(a), T_INT, NAME(a), T_INT, NAME(a), T_INT,
		NAME(a), T_INT, NAME(a), T_INT,
		TYPE(0, BTF_KIND_PTR, 0, 0, T_THREAD),
		NESTED(T_INT), NESTED(T_N1), NESTED(T_N2), NESTED(T_N3), NESTED(T_N4),
		TYPE(0, BTF_KIND_PTR, 0, 0, T_N4), TYPE(0, BTF_KIND_PTR, 0, 0, T_N5),
		KPROTO(1, T_TASK_PTR), NAME(a), T_TASK_PTR,
		KPROTO(1, T_TASK_PTR), NAME(a), T_INT,
		KPROTO(1, 0), NAME(a), T_TASK_PTR,
		KPROTO(1, 0), NAME(b__nullable), T_TASK_PTR,
		KPROTO(1, 0), NAME(a), T_THREAD_PTR,
		KPROTO(1, 0), NAME(a), T_N4_PTR,
		KPROTO(1, 0), NAME(a), T_N5_PTR,
		KPROTO(2, 0), NAME(a), T_VOID_PTR, NAME(b__sz), T_INT,
		KPROTO(1, 0), NAME(b__k), T_LONG,
		/* VERIF_STATIC and so on */
		TYPE(NAME(a), BTF_KIND_FUNC, 0, BTF_FUNC_STATIC, P_INT), FUNC(P_INT),
		FUNC(P_REQUEST), FUNC(P_REQUEST), FUNC(P_REGS), FUNC(P_VOID), FUNC(P_REQUEST),
		FUNC(P_LONG), FUNC(P_TASK), FUNC(P_FLAVOUR), FUNC(P_REQUEST), FUNC(P_VOID),
		FUNC(P_FWD), FUNC(P_THREAD), FUNC(P_RESULT), FUNC(P_TWO), FUNC(P_SIX),
		FUNC(P_INT), FUNC(P_REQUEST),
		TAG(TAG_NAME(nonnull), NONNULL), 0, TAG(TAG_NAME(ctx), TAGGED), 0,
		TAG(TAG_NAME(ctx), TAGGED_STRUCT), 0, TAG(TAG_NAME(ctx), TAGGED_U64), 0,
		TAG(TAG_NAME(trusted), TASK), 0, TAG(TAG_NAME(trusted), TASK_NULL), 0,
		TAG(TAG_NAME(nullable), TASK_NULL), 0, TAG(TAG_NAME(trusted), REQUEST), 0,
		TAG(TAG_NAME(nonnull), TAGGED_INT), 0, TAG(TAG_NAME(arena), ARENA), 0,
		TAG(NAME(other), MEM), 0,
		KERNEL_FUNC(task_acquire, K_ACQUIRE), KERNEL_FUNC(task_copy, K_ACQUIRE),
		KERNEL_FUNC(task_from_pid, K_FROM_PID), KERNEL_FUNC(task_release, K_RELEASE),
		KERNEL_FUNC(task_trusted, K_RELEASE), KERNEL_FUNC(task_rcu, K_RELEASE),
		KERNEL_FUNC(task_any, K_RELEASE), KERNEL_FUNC(task_optional, K_OPTIONAL),
		KERNEL_FUNC(take_thread, K_THREAD), KERNEL_FUNC(take_deep, K_N4),
		KERNEL_FUNC(take_deeper, K_N5), KERNEL_FUNC(take_request, P_REQUEST),
		KERNEL_FUNC(take_void, P_VOID), KERNEL_FUNC(take_mem, K_MEM),
		KERNEL_FUNC(take_regs, P_REGS), KERNEL_FUNC(take_const, K_CONST),
		KERNEL_FUNC(destroy, P_INT), KERNEL_FUNC(take_struct, P_THREAD),
		KERNEL_FUNC(take_sleep, P_INT),
	};

	blob_make(&blob, types, sizeof(types), type_names, sizeof(type_names));
	return !bvm_btf_parse(btf, blob.data, blob.size, NULL, NULL);
}

static const struct bvm_btf *verif_btf(void)
{
	static struct bvm_btf btf;

	return btf.end || make_btf(&btf) ? &btf : NULL;
}

void verif_map_pointers(struct bvm_map *map)
{
	verif_map_kptrs(map, verif_btf(), T_TASK, T_REQUEST);
}

static const struct bvm_helper skb_helpers[] = {
	{ BPF_FUNC_skb_load_bytes, "skb_load_bytes", do_load_bytes, BVM_RET_INTEGER,
	  { BVM_ARG_CTX, BVM_ARG_ANYTHING, BVM_ARG_UNINIT_MEM, BVM_ARG_SIZE } },
};

const struct bvm_helper_set verif_base_set = { base_helpers, ARRAY_SIZE(base_helpers) };
const struct bvm_helper_set verif_skb_set = { skb_helpers, ARRAY_SIZE(skb_helpers) };
static const struct bvm_helper_set *const base_sets[] = {
	&verif_base_set, &bvm_helpers_dynptr,
};

static const struct bvm_helper_set *const skb_sets[] = {
	&verif_base_set, &verif_skb_set, &bvm_helpers_dynptr,
};

static const struct bvm_helper_set *const kfunc_sets[] = { BVM_KFUNCS_ANY };

/* --------------------------------------------------------- program types */

#define SKB_FIELD(field)							\
	{ .off = offsetof(struct __sk_buff, field), .size = 4, .widths = 7,	\
	  .koff = offsetof(struct __sk_buff, field), .ksize = 4 }

static const struct bvm_ctx_field skb_ctx[] = {
	SKB_FIELD(len), SKB_FIELD(pkt_type), SKB_FIELD(mark), SKB_FIELD(queue_mapping),
	SKB_FIELD(protocol), SKB_FIELD(vlan_present), SKB_FIELD(vlan_tci),
	SKB_FIELD(vlan_proto), SKB_FIELD(priority), SKB_FIELD(ingress_ifindex),
	SKB_FIELD(ifindex), SKB_FIELD(tc_index), SKB_FIELD(hash), SKB_FIELD(napi_id),
	SKB_FIELD(gso_segs), SKB_FIELD(gso_size),
	{ .off = offsetof(struct __sk_buff, cb), .size = sizeof_field(struct __sk_buff, cb),
	  .widths = 15, .stores = 15, .direct = 1, .koff = offsetof(struct __sk_buff, cb) },
};

static u64 load_pkt(u64 ctx, u64 off, u64 size, u64 r4, u64 r5)
{
	return off < 32 ? verif_random() & (BIT_ULL(8 * size) - 1) : (u64)-EFAULT;
}

const struct bvm_prog_type verif_socket_filter = {
	.id = BPF_PROG_TYPE_SOCKET_FILTER,
	.name = "socket_filter",
	.flags = BVM_PROG_LD_PKT,
	.ctx_size = sizeof(struct __sk_buff),
	.ctx = skb_ctx,
	.nr_ctx = ARRAY_SIZE(skb_ctx),
	VERIF_VIEWS,
	.sets = skb_sets,
	.nr_sets = ARRAY_SIZE(skb_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
	.ld_pkt = load_pkt,
};

static const struct bvm_ctx_field regs_ctx[] = {
	{ .off = 0, .size = 168, .widths = 15, .direct = 1 },
};

static const char *const regs_names[] = { "bpf_user_pt_regs_t", NULL };

static const struct bvm_barred barred[] = { { BPF_FUNC_timer_init, "bpf_timer" }, {} };

const struct bvm_prog_type verif_kprobe = {
	.id = BPF_PROG_TYPE_KPROBE, .name = "kprobe", .flags = BVM_PROG_TRACING,
	.barred = barred,
	.ctx_size = 168, .ctx = regs_ctx, .nr_ctx = 1, .ctx_names = regs_names,
	VERIF_VIEWS,
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
};

static const struct bvm_ctx_field trace_ctx[] = {
	{ .off = 8, .size = 4088, .widths = 15, .direct = 1 },
};

const struct bvm_prog_type verif_tracepoint = {
	.id = BPF_PROG_TYPE_TRACEPOINT, .name = "tracepoint",
	.flags = BVM_PROG_TRACING | BVM_PROG_CTX_ALIGNED | BVM_PROG_CTX_ANY,
	.ctx_size = 4096, .ctx = trace_ctx, .nr_ctx = 1,
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
};

static const struct bvm_ctx_field perf_ctx[] = {
	{ .off = 0, .size = 168, .widths = 8, .direct = 1 },
	{ .off = 168, .size = 8, .widths = 15, .direct = 1 },
	{ .off = 176, .size = 8, .widths = 15, .direct = 1 },
};

const struct bvm_prog_type verif_perf_event = {
	.id = BPF_PROG_TYPE_PERF_EVENT, .name = "perf_event", .flags = BVM_PROG_TRACING,
	.ctx_size = 184, .ctx = perf_ctx, .nr_ctx = ARRAY_SIZE(perf_ctx),
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
};

static const struct bvm_ctx_field raw_tp_w_ctx[] = {
	{ .off = 0, .size = 8, .widths = 8, .kind = BVM_CTX_TP_BUFFER, .direct = 1 },
	{ .off = 8, .size = 88, .widths = 15, .direct = 1 },
};

const struct bvm_prog_type verif_raw_tp_w = {
	.id = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, .name = "raw_tracepoint_writable",
	.flags = BVM_PROG_TRACING, .ctx_size = 96, .ctx = raw_tp_w_ctx,
	.nr_ctx = ARRAY_SIZE(raw_tp_w_ctx),
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
};

static const struct bvm_ctx_field tp_btf_ctx[] = {
	{ .off = 0, .size = 96, .widths = 15, .direct = 1 },
};

const struct bvm_prog_type verif_tp_btf = {
	.id = BPF_PROG_TYPE_TRACING, .name = "tracing",
	.flags = BVM_PROG_TRACING | BVM_PROG_BTF_CTX | BVM_PROG_CTX_U64,
	.ctx_size = 96, .ctx = tp_btf_ctx, .nr_ctx = ARRAY_SIZE(tp_btf_ctx),
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
};

const struct bvm_prog_type verif_ranged = {
	.id = 1000, .name = "ranged",
	.ctx_size = 168, .ctx = regs_ctx, .nr_ctx = 1,
	.sets = base_sets, .nr_sets = ARRAY_SIZE(base_sets),
	.kfuncs = kfunc_sets, .nr_kfuncs = ARRAY_SIZE(kfunc_sets),
	.ret_min = 0, .ret_max = 1,
};

/* --------------------------------------------------------------- loading */

struct buffer_sink {
	struct bvm_log_sink sink;
	char *buf;
};

static int buffer_write(struct bvm_log_sink *sink, u32 off, const char *text, u32 len)
{
	memcpy(container_of(sink, struct buffer_sink, sink)->buf + off, text, len);
	return 0;
}

static int buffer_read(struct bvm_log_sink *sink, u32 off, char *text, u32 len)
{
	memcpy(text, container_of(sink, struct buffer_sink, sink)->buf + off, len);
	return 0;
}

static const char * const kfunc_name[] = {
#define X(name) #name,
	"", VERIF_KFUNCS(X)
#undef X
};

u32 verif_kfunc(const char *name)
{
	u32 i = NR_KFUNCS;

	while (--i && strcmp(kfunc_name[i], name))
		;
	return i;
}

const char *verif_kfunc_name(u32 id)
{
	return id < NR_KFUNCS ? kfunc_name[id] : "";
}

static u64 do_kfunc(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

/* What is not here has no flags. */
static const u32 kfunc_flags[NR_KFUNCS] = {
	[KF_task_acquire] = BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL | BVM_HELPER_RCU,
	[KF_task_copy] = BVM_HELPER_ACQUIRE | BVM_HELPER_TRUSTED,
	[KF_task_from_pid] = BVM_HELPER_ACQUIRE | BVM_HELPER_RET_NULL,
	[KF_task_release] = BVM_HELPER_RELEASE,
	[KF_task_trusted] = BVM_HELPER_TRUSTED,
	[KF_task_rcu] = BVM_HELPER_RCU,
	[KF_task_optional] = BVM_HELPER_TRUSTED,
	[KF_destroy] = BVM_HELPER_DESTRUCTIVE,
	[KF_take_sleep] = BVM_HELPER_SLEEPS,
};

/* Those after the one that is not for programs are described by their types, or have a row. */
static void describe_kfunc(struct bvm_kfunc *kfunc)
{
	int id = bvm_btf_find(verif_btf(), kfunc->name, BTF_KIND_FUNC);
	struct bvm_helper *func = &kfunc->described;

	func->name = kfunc->name;
	func->fn = do_kfunc;
	func->flags = kfunc_flags[kfunc->id];
	if (id > 0 && !bvm_proto_describe(verif_btf(), id, func, &kfunc->proto))
		kfunc->func = func;
}

static void find_kfuncs(struct verif *v)
{
	u32 i;

	for (i = 1; i < NR_KFUNCS; i++) {
		v->kfuncs[i] = (struct bvm_kfunc){
			i, 0, kfunc_name[i], bvm_kfunc_find(v->type, kfunc_name[i]),
		};
		if (i > KF_no_kfunc && !v->kfuncs[i].func)
			describe_kfunc(&v->kfuncs[i]);
	}
}

int verif_load(struct verif *v)
{
	struct buffer_sink sink = { { buffer_write, buffer_read }, v->log };
	struct bvm_verify_args args = {
		.type = v->type, .insns = v->insns, .len = v->len, .maps = v->maps,
		.nr_maps = v->nr_maps, .load_flags = v->flags, .gpl = !v->not_gpl,
		.claim = v->claim,
		.kernel_btf = verif_btf, .accepted = v->accepted, .btf = verif_btf(),
		.func_info = v->func_info, .nr_func_info = v->nr_func_info,
		.kfuncs = v->kfuncs, .nr_kfuncs = NR_KFUNCS, .denied = BVM_HELPER_DESTRUCTIVE,
	};
	struct bvm_log log;
	int err;

	if (v->type->flags & BVM_PROG_BTF_CTX) {
		args.attach_btf = verif_btf();
		args.attach_btf_id = T_PROTO;
		args.attach_name = "f";
	}
	find_kfuncs(v);
	v->insn = NULL;
	v->facts.insn = NULL;
	err = bvm_log_init(&log, v->level, v->log_size, v->log ? &sink.sink : NULL);
	if (err)
		return err;
	v->insn = kvcalloc(v->len, sizeof(*v->insn), GFP_KERNEL);
	v->facts.insn = kvcalloc(v->len, sizeof(*v->facts.insn), GFP_KERNEL);
	args.insn = v->insn;
	args.log = &log;
	err = -ENOMEM;
	if (v->insn && v->facts.insn)
		err = bvm_verify_encoding(v->insns, v->len, v->insn, &log);
	if (!err)
		err = bvm_verify(&args, &v->facts);
	v->log_err = bvm_log_finish(&log, &v->true_size);
	return err;
}

struct bvm_ir_prog *verif_lower(const struct verif *v)
{
	struct bvm_lower_args args = {
		.type = v->type, .insn = v->insn, .len = v->len, .maps = v->maps,
		.nr_maps = v->nr_maps, .facts = &v->facts,
		.kfuncs = v->kfuncs, .nr_kfuncs = NR_KFUNCS,
		.passes = v->passes,
	};

	return bvm_lower(&args);
}

void verif_free(struct verif *v)
{
	kvfree(v->insn);
	kvfree(v->facts.insn);
	bvm_claims_free(v->facts.claims, v->len);
	v->facts.claims = NULL;
}
