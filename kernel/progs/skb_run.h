/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF_PROG_TEST_RUN of programs that run on a packet.
 */
#ifndef _BVM_SKB_RUN_H
#define _BVM_SKB_RUN_H

struct bvm_prog;
struct bvm_test_run;

int bvm_skb_test_run(struct bvm_prog *prog, struct bvm_test_run *run);
int bvm_frame_test_run(struct bvm_prog *prog, struct bvm_test_run *run);

#endif /* _BVM_SKB_RUN_H */
