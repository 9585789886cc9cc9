#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs host test programs, two at a time, and prints one KTAP report.
# RUN: what runs them.  Exit status: 0 all pass, 1 a test failed.

out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 OUT="$out" RUN="${RUN-}"

printf '%s\n' "$@" | xargs -P 2 -n 1 sh -c '
	name=$(basename "$0" _test)
	start=$(date +%s%N)
	timeout 300 $RUN "$0" > "$OUT/$name.log" 2>&1
	echo $? > "$OUT/$name.rc"
	echo $((($(date +%s%N) - start) / 1000000)) > "$OUT/$name.ms"'

echo "KTAP version 1"
echo "1..$#"
n=0
bad=0
for bin in "$@"; do
	name=$(basename "$bin" _test)
	rc=$(cat "$out/$name.rc")
	n=$((n + 1))
	sed 's/^/    /' "$out/$name.log"
	if [ "$rc" = 0 ]; then
		echo "ok $n $name # $(cat "$out/$name.ms") ms"
	else
		echo "not ok $n $name # exit status $rc"
		bad=1
	fi
done

# A case that was planned but never ran (a crash) has failed.
cat "$out"/*.log | awk '
	/^1\.\./ { planned += substr($0, 4) }
	/^not ok [0-9]+ / { failed++; next }
	/^ok [0-9]+ .*# SKIP/ { skipped++; next }
	/^ok [0-9]+ / { passed++ }
	END {
		lost = planned - passed - failed - skipped
		printf "%d passed, %d failed, %d skipped\n", passed, failed + lost, skipped
	}'
exit $bad
