# SPDX-License-Identifier: GPL-2.0-only
"""The suites: what runs in a guest for each, and how that is read."""
import fnmatch
import os
import re
import shlex

import cases
import results

# Beyond this many cases, test_verifier runs all rather than one after the other.
FEW = 20


class Suite:
    """One suite on one kernel. Subclasses say what to run."""
    name = ""
    seconds = 1800          # that a guest may take, under emulation on a busy machine
    options = ()            # of qemu/bvm-vm

    def __init__(self, out, kernel, wanted):
        """out: what scripts/build-upstream made; wanted: globs."""
        self.out = out
        self.kernel = kernel
        self.wanted = wanted
        self.tests = os.path.join(out, "src", "tools", "testing", "selftests", "bpf")
        self.results = {}
        self.cases = [case for case in self.known() if self.wants(case.name)]

    def wants(self, name):
        """Some glob names this case."""
        return any(fnmatch.fnmatchcase(name, glob) for glob in self.wanted)

    def read(self, *path):
        """A file below self.out."""
        with open(os.path.join(self.out, *path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def known(self):
        """The cases, as far as they are known before they run."""
        raise NotImplementedError

    def command(self):
        """What to run for what has no result yet: words for a shell, or nothing."""
        raise NotImplementedError

    def take(self, text):
        """Read what it printed; the guest has ended, perhaps in the middle."""
        raise NotImplementedError

    def inputs(self):
        """Files that the results depend on, besides the kernel."""
        raise NotImplementedError


class TestProgs(Suite):
    """Tests of test_progs, all of which have cases that it runs one by one."""

    def __init__(self, *arguments):
        self.over = set()       # tests that ended, or broke the guest
        super().__init__(*arguments)

    def left(self):
        """Tests that have not run, in order."""
        groups = dict.fromkeys(case.group for case in self.cases)
        return sorted(group for group in groups if group not in self.over)

    def command(self):
        # Where no bpf_testmod.ko is, it only warns; some programs name files with types.
        place = shlex.quote(self.tests)
        if self.kernel != "stock":
            place = f"/tmp && ln -sf {place}/btf__*.bpf.o ."
        program = os.path.join(self.tests, "test_progs")
        return (f"cd {place} && exec stdbuf -oL {shlex.quote(program)} "
                f"-a {','.join(self.left())}") if self.left() else ""

    def take(self, text):
        found, ended = results.loader(text)
        self.results |= {name: result for name, result in found.items() if self.wants(name)}
        self.over |= set(ended)
        if self.left():
            broken = self.left()[0]
            self.over.add(broken)
            for case in self.cases:
                if case.group == broken and case.name not in self.results:
                    self.results[case.name] = results.Result("lost", text[-results.KEPT:])

    def inputs(self):
        return [os.path.join(self.tests, "test_progs")]


class VerifierProgs(TestProgs):
    """progs/verifier_*.c: test_progs loads their programs one by one."""
    name = "verifier_progs"

    def known(self):
        return cases.loader_cases(self.read("programs.txt"), "verifier_*")


class RegBounds(TestProgs):
    """Ranges that comparisons leave, which must be exactly upstream's: raw tracepoints."""
    name = "reg_bounds"

    def known(self):
        source = self.read("src/tools/testing/selftests/bpf/prog_tests/reg_bounds.c")
        return [cases.Case(name, "raw_tracepoint", cases.TYPES, name)
                for name in re.findall(r"^void test_(\w+)\(void\)", source, re.M)]

    def wants(self, name):
        return super().wants(name) or super().wants(name.partition("/")[0])


class TestVerifier(Suite):
    """The table of test_verifier, which is older than test_progs."""
    name = "test_verifier"

    def known(self):
        return cases.verifier_cases(self.read("cases.txt"))

    def left(self):
        """Numbers of cases that have not run."""
        return [case.number for case in self.cases if case.name not in self.results]

    def command(self):
        left = self.left()
        if not left:
            return ""
        program = shlex.quote(os.path.join(self.tests, "test_verifier"))
        place = shlex.quote(self.tests if self.kernel == "stock" else
                            os.path.join(self.out, "testmod"))
        if len(left) > FEW:
            return f"cd {place} && exec stdbuf -oL {program} {left[0]} {left[-1]}"
        return f"cd {place}; for i in {' '.join(map(str, left))}; do {program} $i; done"

    def take(self, text):
        names = {case.number: case.name for case in self.cases}
        found = results.verifier(text, names)
        if not found and self.left():
            found = {names[self.left()[0]]: results.Result("lost", text[-results.KEPT:])}
        self.results |= found

    def inputs(self):
        return [os.path.join(self.tests, "test_verifier")] + (
            [] if self.kernel == "stock" else
            [os.path.join(self.out, "testmod", "bpf_testmod.ko")])


class Scale(Suite):
    """Big programs: what they cost, by upstream's veristat."""
    name = "scale"
    seconds = 5400
    SOURCE = "src/tools/testing/selftests/bpf/prog_tests/bpf_verif_scale.c"
    TEST = re.compile(r'scale_test\("(\S+)\.bpf\.o", BPF_PROG_TYPE_(\w+), (true|false)')

    def __init__(self, *arguments):
        self.figures = {}       # {object: {figure: number}}
        self.refused = set()    # objects that must be
        self.phases = ["time", "memory"]
        super().__init__(*arguments)

    @property
    def options(self):
        """Instructions are counted in one guest, memory is looked at in another."""
        return ("--icount",) if self.phases[0] == "time" else ()

    def known(self):
        found = []
        for name, kind, refused in self.TEST.findall(self.read(self.SOURCE)):
            kind = kind.lower()
            # Those of other types are no tests of the verifier's scale alone.
            found.append(cases.Case(name, kind, cases.scope(kind)
                                    if kind not in cases.PACKET_FIELDS else "", name))
            if refused == "true":
                self.refused.add(name)
        return found

    def command(self):
        names = [f"{case.name}.bpf.o" for case in self.cases if case.scope]
        if not self.phases or not names:
            return ""
        veristat = "./veristat -v -l 4"
        place = f"cd {shlex.quote(self.tests)}"
        if self.phases[0] == "time":
            return f"{place} && exec {veristat} {' '.join(names)}"
        peak = shlex.quote(os.path.join(self.out, "peak"))
        return (f"{place}; for i in {' '.join(names)}; do echo OBJECT $i; "
                f"{peak} {veristat} $i; done")

    def take(self, text):
        if self.phases.pop(0) == "time":
            for name, row in results.veristat(text).items():
                name = name.removesuffix(".bpf.o")
                self.figures[name] = row
                accepted = row["verdict"] == "success"
                self.results[name] = results.Result(
                    "pass" if accepted != (name in self.refused) else "fail",
                    row.pop("log", ""))
        else:
            for name, kib in re.findall(r"^OBJECT (\S+)\.bpf\.o\n(?:.*\n)*?peak_kib (\d+)",
                                        text, re.M):
                self.figures.setdefault(name, {})["peak_kib"] = int(kib)

    def inputs(self):
        return [os.path.join(self.tests, "veristat"), os.path.join(self.out, "peak"),
                *(os.path.join(self.tests, f"{case.name}.bpf.o")
                  for case in self.cases if case.scope)]


SUITES = {suite.name: suite for suite in (TestVerifier, VerifierProgs, RegBounds, Scale)}
