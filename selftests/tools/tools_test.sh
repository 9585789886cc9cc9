#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A few of the tools of "make tools", for every test run: those that are quick, and
# that need no packages but bpftrace and bpftool. table.py has the others.

here=$(dirname "$0")
if ! command -v bpftrace >/dev/null || ! command -v python3 >/dev/null; then
	echo "1..0 # SKIP no bpftrace or no python3"
	exit 4
fi
exec python3 -B "$here/in_guest.py" --ktap tcpconnect.bt \
	"bpftool prog show with run counts" "bpftool map dump"
