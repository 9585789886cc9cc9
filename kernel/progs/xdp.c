// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_XDP: programs on packets that a driver has received.  They can be loaded and
 * run by BPF_PROG_TEST_RUN, not be attached.
 *
 * User space sees struct xdp_md, the kernel passes struct xdp_buff.  What a test run takes
 * follows Documentation/bpf/bpf_prog_run.rst, selftests/bpf/prog_tests/xdp_context_test_run.c
 * and what the stock kernel does.
 */
#include <linux/array_size.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netdev_rx_queue.h>
#include <net/xdp.h>
#include "../core/core.h"
#include "../helpers/helpers.h"
#include "../helpers/kfunc.h"
#include "../sock_view.h"

/* Packets fit into a page, with room for what a driver has around them. */
#define BVM_XDP_MAX	(PAGE_SIZE - XDP_PACKET_HEADROOM -	\
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

/* All fields are words, read only. */
#define BVM_XDP_FIELD(field, ...) {			\
	.off = offsetof(struct xdp_md, field),		\
	.size = sizeof_field(struct xdp_md, field),	\
	.widths = 4,					\
	__VA_ARGS__					\
}

#define BVM_XDP_POINTER(field, what)			\
	BVM_XDP_FIELD(field, .kind = what, .koff = offsetof(struct xdp_buff, field), \
		      .ksize = sizeof(void *))

/* Of the queue that the packet came in through. */
#define BVM_XDP_QUEUE	.has_via = 1, .via = offsetof(struct xdp_buff, rxq)

static const struct bvm_ctx_field bvm_xdp_ctx[] = {
	BVM_XDP_POINTER(data, BVM_CTX_PKT),
	BVM_XDP_POINTER(data_end, BVM_CTX_PKT_END),
	BVM_XDP_POINTER(data_meta, BVM_CTX_PKT_META),
	BVM_XDP_FIELD(ingress_ifindex, BVM_XDP_QUEUE,
		      .has_via2 = 1, .via2 = offsetof(struct xdp_rxq_info, dev),
		      .koff = offsetof(struct net_device, ifindex),
		      .ksize = sizeof_field(struct net_device, ifindex)),
	BVM_XDP_FIELD(rx_queue_index, BVM_XDP_QUEUE,
		      .koff = offsetof(struct xdp_rxq_info, queue_index),
		      .ksize = sizeof_field(struct xdp_rxq_info, queue_index)),
	/* for programs in a map of devices, of which there is none */
	{ .off = offsetof(struct xdp_md, egress_ifindex), .size = 4, .kind = BVM_CTX_FORBIDDEN },
};

static const char *const bvm_xdp_names[] = { "xdp_md", NULL };

static const struct bvm_helper_set *const bvm_xdp_sets[] = {
	BVM_SETS_SOCK_XDP BVM_SETS_ANY, &bvm_helpers_coarse_time, BVM_SETS_XDP,
	&bvm_helpers_csum,
};

static const struct bvm_helper_set *const bvm_xdp_kfuncs[] = { BVM_KFUNCS_ANY };

/* ------------------------------------------------------------- test run */

/* The caller's context says what of the data are metadata and packet, and where it came in. */
static int bvm_xdp_ctx_in(struct xdp_md *md, const struct bvm_test_run *run)
{
	int err = bvm_test_ctx_in(run, md, sizeof(*md));

	if (err)
		return err;
	if (!run->ctx_in)
		md->data_end = run->data_size_in;
	if (md->data_meta || md->data_end > run->data_size_in || md->data > md->data_end ||
	    xdp_metalen_invalid(md->data))
		return -EINVAL;
	if (md->egress_ifindex || (md->rx_queue_index && !md->ingress_ifindex))
		return -EINVAL;
	return 0;
}

/* The device, with a reference: the loopback one by default. */
static int bvm_xdp_queue(const struct xdp_md *md, struct net_device **devp,
			 struct xdp_rxq_info **rxq)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev;

	if (md->ingress_ifindex) {
		dev = dev_get_by_index(net, md->ingress_ifindex);
		if (!dev)
			return -ENODEV;
	} else {
		dev = net->loopback_dev;
		dev_hold(dev);
	}
	if (md->rx_queue_index >= dev->real_num_rx_queues) {
		dev_put(dev);
		return -EINVAL;
	}
	*devp = dev;
	*rxq = &__netif_get_rx_queue(dev, md->rx_queue_index)->xdp_rxq;
	return 0;
}

/*
 * Results: metadata and packet, and where in them the packet begins.  What there was
 * behind the packet is returned with it, as long as it was not changed in size.
 */
static int bvm_xdp_results(struct bvm_test_run *run, const struct xdp_buff *xdp,
			   struct xdp_md *md)
{
	bool same = xdp->data_meta == xdp->data_hard_start + XDP_PACKET_HEADROOM - md->data &&
		    xdp->data_end == xdp->data_meta + md->data_end;

	md->data = xdp->data - xdp->data_meta;
	md->data_end = xdp->data_end - xdp->data_meta;
	run->data_size_out = same ? run->data_size_in : md->data_end;
	run->data_out = kmemdup(xdp->data_meta, run->data_size_out, GFP_KERNEL);
	run->ctx_size_out = sizeof(*md);
	run->ctx_out = kmemdup(md, sizeof(*md), GFP_KERNEL);
	return run->data_out && run->ctx_out ? 0 : -ENOMEM;
}

static int bvm_xdp_run(struct bvm_prog *prog, struct bvm_test_run *run, struct xdp_md *md,
		       struct xdp_rxq_info *rxq)
{
	/* what is not written to must not show what was in the page before */
	void *page = kzalloc(PAGE_SIZE, GFP_KERNEL);
	struct xdp_buff xdp = {};
	int err;

	if (!page)
		return -ENOMEM;
	xdp_init_buff(&xdp, PAGE_SIZE, rxq);
	xdp_prepare_buff(&xdp, page, XDP_PACKET_HEADROOM - md->data, md->data_end, true);
	xdp.data += md->data;
	memcpy(xdp.data_meta, run->data_in, run->data_size_in);
	err = bvm_test_run_repeat(prog, &xdp, run);
	if (!err)
		err = bvm_xdp_results(run, &xdp, md);
	kfree(page);
	return err;
}

/*
 * -EINVAL: a packet that is too short or too long, or a context that does not fit to it;
 * -E2BIG: an unknown context; -ENODEV; -EINTR; -ENOMEM.
 */
static int bvm_xdp_test_run(struct bvm_prog *prog, struct bvm_test_run *run)
{
	struct xdp_rxq_info *rxq;
	struct net_device *dev;
	struct xdp_md md;
	int err;

	err = bvm_xdp_ctx_in(&md, run);
	if (err)
		return err;
	if (run->data_size_in - md.data < ETH_HLEN || run->data_size_in - md.data > BVM_XDP_MAX)
		return -EINVAL;
	err = bvm_xdp_queue(&md, &dev, &rxq);
	if (err)
		return err;
	err = bvm_xdp_run(prog, run, &md, rxq);
	dev_put(dev);
	return err;
}

/* Return value: what to do with the packet, XDP_*, or any other number. */
const struct bvm_prog_type bvm_xdp_prog = {
	.id = BPF_PROG_TYPE_XDP,
	.name = "xdp",
	.flags = BVM_PROG_NET | BVM_PROG_CTX_ALIGNED | BVM_PROG_PKT_WRITE |
		 BVM_PROG_LOCKS | BVM_PROG_TEST_ONLY | BVM_PROG_SOCKETS,
	.ctx_size = sizeof(struct xdp_md),
	.ctx = bvm_xdp_ctx,
	.nr_ctx = ARRAY_SIZE(bvm_xdp_ctx),
	.ctx_names = bvm_xdp_names,
	.sets = bvm_xdp_sets,
	.nr_sets = ARRAY_SIZE(bvm_xdp_sets),
	.views = bvm_sock_views,
	.nr_views = ARRAY_SIZE(bvm_sock_views),
	.kfuncs = bvm_xdp_kfuncs,
	.nr_kfuncs = ARRAY_SIZE(bvm_xdp_kfuncs),
	.test_args = BVM_TEST_DATA | BVM_TEST_CTX_OUT | BVM_TEST_REPEAT,
	.test_run = bvm_xdp_test_run,
};
