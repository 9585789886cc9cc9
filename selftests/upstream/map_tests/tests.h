/* SPDX-License-Identifier: GPL-2.0-only */
/* Upstream's build makes a list of all map_tests/ here; upstream_maps_test.c has its own. */
