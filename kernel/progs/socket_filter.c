// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_SOCKET_FILTER: programs on the packets that a socket receives.
 *
 * User space sees struct __sk_buff, the kernel passes struct sk_buff; each field that
 * a socket filter may use is a row below.
 */
#include <linux/array_size.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"
#include "skb_ctx.h"
#include "skb_run.h"

static const struct bvm_ctx_field bvm_skb_ctx[] = {
	BVM_SKB_FIELDS,
	BVM_SKB_FIELD(mark, BVM_SKB_AT(mark)),
	BVM_SKB_FIELD(queue_mapping, BVM_SKB_AT(queue_mapping)),
	BVM_SKB_FIELD(priority, BVM_SKB_AT(priority)),
	BVM_SKB_FIELD(tc_index, BVM_SKB_AT_TC_INDEX),
	BVM_SKB_FIELD(gso_segs, BVM_SKB_AT_SHARED(gso_segs)),
	BVM_SKB_FIELD(gso_size, BVM_SKB_AT_SHARED(gso_size)),
};

static const char *const bvm_skb_names[] = { "__sk_buff", NULL };

static const struct bvm_helper_set *const bvm_skb_sets[] = {
	BVM_SETS_ANY, &bvm_helpers_coarse_time, BVM_SETS_SKB,
};

static const struct bvm_helper_set *const bvm_socket_filter_kfuncs[] = { BVM_KFUNCS_ANY };

/* Return value: bytes of the packet to keep, 0 drops it. */
const struct bvm_prog_type bvm_socket_filter_prog = {
	.id = BPF_PROG_TYPE_SOCKET_FILTER,
	.name = "socket_filter",
	.flags = BVM_PROG_LD_PKT | BVM_PROG_CTX_ALIGNED | BVM_PROG_SOCKETS,
	.ctx_size = sizeof(struct __sk_buff),
	.ctx = bvm_skb_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_skb_ctx),
	.ctx_names = bvm_skb_names,
	.sets = bvm_skb_sets,
	.nr_sets = ARRAY_SIZE(bvm_skb_sets),
	.views = bvm_sock_views,
	.nr_views = ARRAY_SIZE(bvm_sock_views),
	.kfuncs = bvm_socket_filter_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_socket_filter_kfuncs),
	.test_args = BVM_TEST_DATA | BVM_TEST_CTX_OUT | BVM_TEST_REPEAT,
	.test_run = bvm_skb_test_run,
	.ld_pkt = bvm_skb_load,
};
