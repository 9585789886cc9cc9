// SPDX-License-Identifier: GPL-2.0-only
/*
 * What programs see of sockets: struct bpf_sock, read where the kernel keeps it.
 */
#include <linux/array_size.h>
#include <net/sock.h>
#include "sock_view.h"

#define SOCK_FIELD(field, ...)	{ .off = offsetof(struct bpf_sock, field), __VA_ARGS__ }

#define WORD	.size = 4, .widths = 4
#define PARTS	.size = 4, .widths = 1 | 2 | 4

#ifdef CONFIG_IPV6
#define AT_SRC_IP6	.direct = 1, .koff = offsetof(struct sock, sk_v6_rcv_saddr)
#define AT_DST_IP6	.direct = 1, .koff = offsetof(struct sock, sk_v6_daddr)
#else
#define AT_SRC_IP6	.ksize = 0
#define AT_DST_IP6	.ksize = 0
#endif

static_assert(sizeof_field(struct sock, sk_family) == 2);
static_assert(sizeof_field(struct sock, sk_num) == 2);
static_assert(sizeof_field(struct sock, sk_dport) == 2);
static_assert(sizeof_field(struct sock, sk_state) == 1);
static_assert(sizeof_field(struct sock, sk_type) == 2);
static_assert(sizeof_field(struct sock, sk_protocol) == 2);
static_assert(sizeof_field(struct bpf_sock, src_ip6) == 16);

/* What all sockets have comes first: those as well that only wait, or are not whole yet. */
static const struct bvm_ctx_field sock_fields[] = {
	SOCK_FIELD(bound_dev_if, WORD, .koff = offsetof(struct sock, sk_bound_dev_if), .ksize = 4),
	SOCK_FIELD(family, PARTS, .koff = offsetof(struct sock, sk_family), .ksize = 2),
	SOCK_FIELD(src_ip4, PARTS, .koff = offsetof(struct sock, sk_rcv_saddr), .ksize = 4),
	SOCK_FIELD(src_ip6, .size = 16, .widths = 1 | 2 | 4, AT_SRC_IP6),
	SOCK_FIELD(src_port, PARTS, .koff = offsetof(struct sock, sk_num), .ksize = 2),
	SOCK_FIELD(dst_port, .size = 2, .widths = 1 | 2,
		   .koff = offsetof(struct sock, sk_dport), .ksize = 2),
	SOCK_FIELD(dst_ip4, PARTS, .koff = offsetof(struct sock, sk_daddr), .ksize = 4),
	SOCK_FIELD(dst_ip6, .size = 16, .widths = 1 | 2 | 4, AT_DST_IP6),
	SOCK_FIELD(state, PARTS, .koff = offsetof(struct sock, sk_state), .ksize = 1),
	SOCK_FIELD(type, PARTS, .koff = offsetof(struct sock, sk_type), .ksize = 2),
	SOCK_FIELD(protocol, PARTS, .koff = offsetof(struct sock, sk_protocol), .ksize = 2),
	SOCK_FIELD(mark, WORD, .koff = offsetof(struct sock, sk_mark), .ksize = 4),
	SOCK_FIELD(priority, WORD, .koff = offsetof(struct sock, sk_priority), .ksize = 4),
};

#define NR_COMMON	9

const struct bvm_view bvm_sock_common_view = {
	.name = "sock_common",
	.or_null = "sock_common_or_null",
	.size = sizeof(struct bpf_sock),
	.field = sock_fields,
	.nr_fields = NR_COMMON,
};

const struct bvm_view bvm_sock_view = {
	.name = "sock",
	.or_null = "sock_or_null",
	.size = sizeof(struct bpf_sock),
	.field = sock_fields,
	.nr_fields = ARRAY_SIZE(sock_fields),
};

const struct bvm_view *const bvm_sock_views[BVM_SOCK_VIEWS] = {
	&bvm_sock_common_view, &bvm_sock_view,
};
