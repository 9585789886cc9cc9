// SPDX-License-Identifier: GPL-2.0-only
/* The vectors again: what was accepted runs as machine code. */
#include "jit_run.h"
#include "vectors_test.c"
