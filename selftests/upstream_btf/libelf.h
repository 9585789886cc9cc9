/* SPDX-License-Identifier: GPL-2.0-only */
#include "test_progs.h"
