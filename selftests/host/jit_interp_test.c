// SPDX-License-Identifier: GPL-2.0-only
/* What interp_test.c asks of the interpreter, of machine code. */
#include "jit_run.h"
#include "interp_test.c"
