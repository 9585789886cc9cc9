# SPDX-License-Identifier: GPL-2.0-only
#
# What a user types. See "make help"; the work is done by scripts/ and qemu/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

override top := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

# x86 is what the kernel's own make calls it
archs := $(if $(ARCH),$(ARCH:x86=x86_64),x86_64 arm64)
ARCH ?= x86_64
override ARCH := $(patsubst x86,x86_64,$(ARCH))
KERNEL ?= bvm
FLAVOUR ?= base
TARGETS ?= bvm
TEST ?= *
TARGET ?= bpf
MINUTES ?= 10
O ?= $(top)/build
override O := $(abspath $(O))
ifdef KSRC
override KSRC := $(abspath $(KSRC))
endif
export O KSRC CROSS_COMPILE LLVM

ifeq ($(filter $(ARCH),x86_64 arm64),)
$(error ARCH=$(ARCH): x86_64 or arm64)
endif
ifeq ($(filter $(KERNEL),bvm stock),)
$(error KERNEL=$(KERNEL): bvm or stock)
endif
ifeq ($(filter $(FLAVOUR),base debug hardened),)
$(error FLAVOUR=$(FLAVOUR): base, debug or hardened)
endif
ifeq ($(filter $(TARGET),bpf verifier jit),)
$(error TARGET=$(TARGET): bpf, verifier or jit)
endif
ifneq ($(TARGETS),bvm)
$(error TARGETS=$(TARGETS): there is only bvm)
endif

Q := $(if $(filter 1,$(V)),,@)
# As many jobs as there are processors, unless -j says otherwise.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
# What is meant for the kernel's make when it is in the command line here.
pass = $(foreach v,V W C,$(if $($(v)),$(v)=$($(v))))
# A quiet kernel build on a terminal would look like a hang: say CC lines.
build-kernel = +$(Q)MAKE="$(MAKE)" $(top)/scripts/build-kernel
bvm-test = $(Q)$(top)/qemu/bvm-test --test '$(TEST)'
host-cc-arm64 := $(or $(CROSS_COMPILE),aarch64-linux-gnu-)

.PHONY: help setup setup-run setup-tools setup-upstream setup-bench source rootfs latency
.PHONY: tools-programs
.PHONY: run test test-full check kunit kselftest harness fuzz tools upstream bench shell gdb patches
.PHONY: clean

help:
	@echo 'Usage: make TARGET [VARIABLE=value...]'
	@echo
	@echo 'Targets:'
	@echo '  run          set up, build, boot x86-64, trace real events, end by itself'
	@echo '  test         everything a change must pass: both BVM kernels, check,'
	@echo '               KUnit, selftests, the harness itself; DEBUG=1: the debug'
	@echo '               flavour on x86-64 too'
	@echo '  test-full    test, and stock kernels, the debug and hardened flavours'
	@echo '  check        host suites only: no kernel is built, nothing boots'
	@echo '  kunit        KUnit suites in a guest'
	@echo '  kselftest    selftests in a guest'
	@echo '  harness      tests of the harness'
	@echo '  tools        unmodified tools of Debian on stock and on BVM, compared'
	@echo '  upstream     the kernel'"'"'s own BPF selftests on stock and on BVM, compared;'
	@echo '               SUITE=test_verifier, verifier_progs, reg_bounds, scale'
	@echo '  kernel       build one kernel: O/KERNEL-ARCH-FLAVOUR/'
	@echo '  bench        what programs cost on BVM and on stock, as ratios: guest'
	@echo '               instructions on both architectures, nanoseconds here; PAGE=FILE:'
	@echo '               the report goes there as well'
	@echo '  shell        a shell in a guest; Ctrl-] ends the guest'
	@echo '  gdb          a guest that waits, with gdb in front of it'
	@echo '  fuzz         bpf(2) under fire, in the debug flavour: MINUTES=$(MINUTES), SEED=;'
	@echo '               TARGET=verifier: random programs, verified and run, on the host;'
	@echo '               TARGET=jit: run in all ways that there are, with JOBS= processes;'
	@echo '               TARGET=guest: in the kernel of a guest, and here'
	@echo '  patches      the series as mails, in O/patches'
	@echo '  clean        remove O'
	@echo
	@echo 'Variables, with what they are now:'
	@echo '  ARCH=$(ARCH)  (x86_64, arm64)'
	@echo '  KERNEL=$(KERNEL)  (bvm, stock)'
	@echo '  FLAVOUR=$(FLAVOUR)  (base, debug, hardened)'
	@echo '  TEST=$(TEST)  which tests: a shell pattern'
	@echo '  O=$(O)'
	@echo '  KSRC=$(KSRC)  a pristine kernel tree; default: Debian'"'"'s linux-source-6.12'
	@echo '  CROSS_COMPILE= LLVM= V=1 W=1 C=1 -j  as in the kernel'
	@echo
	@echo 'One command in a guest:  qemu/bvm-vm run -- COMMAND   (qemu/bvm-vm run --help)'

# --- what the others stand on

setup:
	$(Q)$(top)/scripts/setup

setup-run setup-tools setup-upstream setup-bench: setup-%:
	$(Q)$(top)/scripts/setup $*

# Heat maps of latencies: programs of our own, with the distribution's libbpf.
latency: setup
	$(Q)$(MAKE) --no-print-directory -s -C $(top)/selftests/latency OUTPUT=$(O)/latency

# What tools look at, and with.
tools-programs: setup-tools source
	+$(Q)$(MAKE) --no-print-directory -s -C $(top)/selftests/tools KSRC=$(O)/src \
		OUTPUT=$(O)/programs

source: setup
	$(Q)$(top)/scripts/apply

rootfs: setup
	$(Q)$(top)/scripts/build-rootfs arm64

# kernel-KERNEL-ARCH-FLAVOUR
kernel-%: source
	$(build-kernel) $(subst -, ,$*) $(jobs) $(pass)

.PHONY: kernel
kernel: kernel-$(KERNEL)-$(ARCH)-$(FLAVOUR)

# The selftests, static: they run in any guest of that architecture.
selftests-%: source
	+$(Q)$(MAKE) --no-print-directory -s -C $(top)/selftests $(jobs) all \
		KSRC=$(O)/src ARCH=$* OUTPUT=$(O)/kselftest-$* \
		CROSS_COMPILE=$(if $(filter arm64,$*),$(host-cc-arm64))

root-x86_64:
root-arm64: rootfs

guest-ready = kernel-$(KERNEL)-$(ARCH)-$(FLAVOUR) root-$(ARCH)
guest-words = $(ARCH):$(KERNEL):$(FLAVOUR)

# --- what a user types

run: setup-run kernel-bvm-x86_64-base latency
	$(Q)$(top)/scripts/run-demo

# DEBUG=1, as .ci/run has it: the debug flavour on x86-64 too
test: kernel-bvm-x86_64-base kernel-bvm-arm64-base rootfs selftests-x86_64 selftests-arm64 \
		$(if $(DEBUG),kernel-bvm-x86_64-debug)
	$(bvm-test) structure check harness guest:x86_64 guest:arm64 \
		$(if $(DEBUG),guest:x86_64:bvm:debug)

test-full: kernel-bvm-x86_64-base kernel-bvm-arm64-base rootfs \
		selftests-x86_64 selftests-arm64 \
		kernel-stock-x86_64-base kernel-stock-arm64-base \
		kernel-bvm-x86_64-debug kernel-bvm-arm64-debug kernel-bvm-x86_64-hardened
	$(bvm-test) structure check harness guest:x86_64 guest:arm64 \
		kselftest:x86_64:stock kselftest:arm64:stock \
		guest:x86_64:bvm:debug guest:arm64:bvm:debug guest:x86_64:bvm:hardened

check: setup
	+$(Q)$(MAKE) --no-print-directory -C $(top)/selftests/host check O=$(O) TEST='$(TEST)'

kunit: $(guest-ready)
	$(bvm-test) kunit:$(guest-words)

kselftest: $(guest-ready) selftests-$(ARCH)
	$(bvm-test) kselftest:$(guest-words)

# Seeds are numbers of rounds as well: the next one is the next round's.
fuzz-flavour = $(if $(filter command%,$(origin FLAVOUR)),$(FLAVOUR),debug)

fuzz: fuzz-$(TARGET)

.PHONY: fuzz-bpf fuzz-verifier fuzz-jit fuzz-guest
fuzz-verifier fuzz-jit: setup
	+$(Q)$(MAKE) --no-print-directory -C $(top)/selftests/host $@ O=$(O) \
		MINUTES=$(MINUTES) SEED=$(SEED)

# Where the fuzzer of execution finds a kernel to compare with.
guest-fuzz-dir = $(O)/$(if $(filter arm64,$(ARCH)),arm64/)host/guest
fuzz-guest: kernel-bvm-$(ARCH)-base root-$(ARCH)
	+$(Q)$(MAKE) --no-print-directory -C $(top)/selftests/host guest_fuzz-$(ARCH) O=$(O)
	$(Q)$(top)/qemu/bvm-vm run --arch $(ARCH) --kernel bvm --flavour base \
		--share $(guest-fuzz-dir) --timeout 0 -- $(guest-fuzz-dir)/guest_fuzz \
		--seconds $$(($(MINUTES) * 60)) $(if $(SEED),--seed $(SEED))

fuzz-bpf: kernel-$(KERNEL)-$(ARCH)-$(fuzz-flavour) root-$(ARCH) selftests-$(ARCH)
	$(Q)$(top)/qemu/bvm-vm run --arch $(ARCH) --kernel $(KERNEL) --flavour $(fuzz-flavour) \
		--mem 3072 \
		--share $(O)/kselftest-$(ARCH) --timeout 0 -- \
		$(O)/kselftest-$(ARCH)/fuzz/bpf_fuzz --minutes $(MINUTES) \
		$(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))

harness: $(guest-ready)
	$(bvm-test) harness

# Both kernels, unless KERNEL= names one.
tools-kernels := $(if $(filter file,$(origin KERNEL)),stock bvm,$(KERNEL))
tools: setup-tools latency tools-programs $(tools-kernels:%=kernel-%-$(ARCH)-base) root-$(ARCH)
	$(Q)$(top)/scripts/run-tools --arch $(ARCH) --test '$(TEST)' $(tools-kernels:%=--kernel %)

# What the stock kernel answered is kept: with KERNEL=bvm it is built once, for its types.
upstream: setup-upstream $(tools-kernels:%=kernel-%-x86_64-base) \
		$(if $(wildcard $(O)/stock-x86_64-base/vmlinux),,kernel-stock-x86_64-base)
	$(Q)$(top)/scripts/build-upstream $(jobs)
	$(Q)$(top)/scripts/run-upstream --test '$(TEST)' $(tools-kernels:%=--kernel %) \
		$(SUITE:%=--suite %)

# Both architectures, unless ARCH= names one.
bench: setup-bench $(foreach a,$(archs),bench-programs-$(a) \
		kernel-stock-$(a)-base kernel-bvm-$(a)-base)
	$(Q)$(top)/scripts/bench $(archs:%=--arch %) $(if $(PAGE),--page '$(PAGE)')

bench-programs-%: setup-bench root-%
	+$(Q)$(MAKE) --no-print-directory -s -C $(top)/selftests/bench ARCH=$* \
		OUTPUT=$(O)/bench/$* SYSROOT=$(O)/rootfs-$*

shell: $(guest-ready)
	$(Q)$(top)/qemu/bvm-vm run --tty --arch $(ARCH) --kernel $(KERNEL) \
		--flavour $(FLAVOUR) -- sh -l

gdb: $(guest-ready)
	$(Q)$(top)/qemu/bvm-vm run --gdb --arch $(ARCH) --kernel $(KERNEL) \
		--flavour $(FLAVOUR) -- sleep 1000000

patches: setup
	$(Q)$(top)/scripts/make-patches

clean:
	$(Q)rm -rf $(O)
