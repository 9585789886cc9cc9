# SPDX-License-Identifier: GPL-2.0-only
"""Upstream's cases: which there are, what type of program each is, what it pins.

Read from what list_cases and list_programs print, which have it from upstream's
own table and from libbpf; nothing here knows a case by its name.
"""
import dataclasses
import fnmatch
import re

# Kinds of scope; a case outside has none.
TYPES = "tracing, socket filters"
GENERIC = "xdp and sched_cls"
PACKET = "the same, with packet pointers"
SCOPES = (TYPES, GENERIC, PACKET)

IN_SCOPE = {"socket_filter", "kprobe", "tracepoint", "raw_tracepoint", "perf_event", "syscall",
            "raw_tracepoint_writable"}
TRACING_IN_SCOPE = {"trace_raw_tp", "trace_fentry", "trace_fexit", "modify_return"}

# xdp and sched_cls are types that load and run, no more: programs that ask for a network stack
# are none of them. Helpers that belong to it, and the fields that are pointers into it.
NETWORK_HELPER = re.compile(
    r"^(?:sk_|skb_|skc_|xdp_|sock_|tcp_|csum_|l3_|l4_|clone_redirect|redirect|fib_lookup|"
    r"get_listener_sock|get_socket_|set_hash|get_hash|get_route|check_mtu|ct_|dynptr_from_)")
NETWORK_FIELDS = {"sched_cls": {168}, "xdp": set()}
PACKET_FIELDS = {"sched_cls": {76, 80, 140}, "xdp": {0, 4, 8}}
NETWORK_MAPS = re.compile(r"sock|xsk|devmap|cpumap|storage|struct_ops|arena")

TRACE = re.compile(r"mark_precise|regs=\S* stack=|propagating|parent state regs=")
COUNT = re.compile(r"processed \d+ insns")


@dataclasses.dataclass
class Case:
    """One case. group: what can be asked for apart from others."""
    name: str
    kind: str               # type of program, with the attach type where that matters
    scope: str = ""
    group: str = ""
    pins: str = ""          # what of the stock kernel it fixes besides a verdict
    number: int = -1


def scope(kind, attach="", helpers=(), fields=(), maps=()):
    """Return one of SCOPES, or nothing."""
    if kind in IN_SCOPE or kind == "tracing" and attach in TRACING_IN_SCOPE:
        return TYPES
    if kind not in PACKET_FIELDS:
        return ""
    fields = set(fields)
    if any(map(NETWORK_HELPER.search, helpers)) or any(map(NETWORK_MAPS.search, maps)) or \
       NETWORK_FIELDS[kind] & fields:
        return ""
    return PACKET if PACKET_FIELDS[kind] & fields else GENERIC


def pins(texts, rewritten, counted=False):
    """Return what a test fixes that is no contract, by the texts it expects."""
    if any(map(TRACE.search, texts)):
        return "pins precision trace"
    if rewritten:
        return "pins rewritten instructions"
    if counted or any(map(COUNT.search, texts)):
        return "pins exact instruction counts"
    return ""


def unique(cases):
    """Number those of the same name."""
    seen = {}
    for case in cases:
        seen[case.name] = seen.get(case.name, 0) + 1
        if seen[case.name] > 1:
            case.name += f" #{seen[case.name]}"
    return cases


def _words(text):
    return [word for word in text.split(",") if word]


def verifier_cases(text):
    """Return the cases of test_verifier, from list_cases."""
    cases = []
    for line in text.splitlines():
        number, kind, helpers, fields, maps, fixes, expected, name = line.split("\t")
        fields = map(int, _words(fields))
        # Packet pointers are not told apart here: few cases have them.
        found = scope(kind, "trace_fentry", _words(helpers), fields, _words(maps))
        cases.append(Case(name.strip(), kind, GENERIC if found == PACKET else found,
                          number, pins([expected], fixes == "insns", fixes == "count"),
                          int(number)))
    return unique(cases)


class _Program:
    """A program of an object, as test_loader sees it."""

    def __init__(self, object_name, name, kind, attach, helpers, fields, maps):
        self.group = object_name.removesuffix(".bpf.o")
        self.name = name
        self.kind = f"{kind}/{attach}" if kind == "tracing" else kind
        self.scope = scope(kind, attach, _words(helpers), map(int, _words(fields)), _words(maps))
        self.privileged = self.auxiliary = self.rewritten = False
        self.texts = []

    def tag(self, text):
        """Take one declaration tag."""
        text = text.removeprefix("comment:test_")
        word, _, value = text.partition("=")
        unprivileged = word.endswith("_unpriv")
        if word == "description":
            self.name = value
        elif word == "expect_msg":
            self.texts.append(value)
        elif word in ("expect_xlated", "jited"):
            self.rewritten = True
        self.auxiliary |= word.startswith("auxiliary")
        self.privileged |= not unprivileged and word not in (
            "description", "log_level", "prog_flags", "arch", "btf_path")

    def case(self):
        """The case that it is."""
        return Case(f"{self.group}/{self.name}", self.kind, self.scope, self.group,
                    pins(self.texts, self.rewritten))


def loader_cases(text, objects):
    """Return the privileged cases of test_loader in these objects, from list_programs."""
    programs = {}
    for line in text.splitlines():
        word, *fields = line.split("\t")
        if word == "program":
            programs[tuple(fields[:2])] = _Program(*fields)
        else:
            programs[tuple(fields[:2])].tag(fields[2])
    return unique([program.case() for program in programs.values()
                   if program.privileged and not program.auxiliary and
                   fnmatch.fnmatchcase(program.group, objects)])
