/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Subtests in upstream's map_tests/.  Where upstream's build makes a list for the body
 * of main(), included with DEFINE_TEST defined, there are only declarations.
 */
#ifndef _BVM_UPSTREAM_MAP_TESTS_H
#define _BVM_UPSTREAM_MAP_TESTS_H

void test_array_map_batch_ops(void);
void test_htab_map_batch_ops(void);
void test_lpm_trie_map_batch_ops(void);
void test_lpm_trie_map_get_next_key(void);
void test_map_in_map_batch_ops_array(void);
void test_map_in_map_batch_ops_hash(void);

#endif /* _BVM_UPSTREAM_MAP_TESTS_H */
