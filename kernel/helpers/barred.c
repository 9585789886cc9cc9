// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that tracing programs cannot have: those of locks and timers in the values of
 * maps.  They might run while the same CPU holds the lock.
 */
#include "helpers.h"

const struct bvm_barred bvm_barred_tracing[] = {
	{ BPF_FUNC_spin_lock, "bpf_spin_lock" },
	{ BPF_FUNC_spin_unlock, "bpf_spin_lock" },
	{ BPF_FUNC_timer_init, "bpf_timer" },
	{ BPF_FUNC_timer_set_callback, "bpf_timer" },
	{ BPF_FUNC_timer_start, "bpf_timer" },
	{ BPF_FUNC_timer_cancel, "bpf_timer" },
	{}
};
