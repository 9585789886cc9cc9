#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs upstream's test_verifier and compares what fails with a list.
#
#   run.sh TEST_VERIFIER LIST
#
# LIST holds names of cases that are known to fail, one a line, # for comments.
# Exit status: 0 as listed, 1 something else fails or a listed case passes.

out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
ASAN_OPTIONS=detect_leaks=0 "$1" > "$out" 2>&1

# A case fails when its line, or what follows before the next case, has no OK or SKIP.
awk '
	function end() { if (name != "" && !ok) print name }
	/^#[0-9]+\/[pu] / { end(); name = $0; sub(/^#[0-9]+\/. /, "", name); ok = 0 }
	/ (OK|SKIP)$|SKIP \(|^SKIP|^OK/ { ok = 1 }
	END { end() }' "$out" |
	sed 's: \(FAIL\|Failed to\).*$::' | LC_ALL=C sort > "$out.failed"
grep -v '^#' "$2" | LC_ALL=C sort > "$out.listed"
tail -n 1 "$out"
LC_ALL=C comm -3 "$out.failed" "$out.listed" > "$out.diff"
rc=0
if [ -s "$out.diff" ]; then
	echo "Fails (left) or passes (right) against expectation:"
	cat "$out.diff"
	rc=1
fi
rm -f "$out.failed" "$out.listed" "$out.diff"
exit $rc
