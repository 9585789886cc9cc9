# SPDX-License-Identifier: GPL-2.0-only
"""What upstream's programs print, as results: {case: Result}."""
import dataclasses
import os
import re

# Of what a case printed, how much is kept.
KEPT = 20000

# "#372/1   verifier_and/invalid range check:OK"
LOADER = re.compile(r"^#\d+(?:/\d+)?\s+([^/\n]+)(?:/(.*))?:(OK|FAIL|SKIP)(?: \(SKIP: .*\))?$")
# "#12/p description OK"; what a case prints meanwhile stands between the last two.
VERIFIER = re.compile(r"^#(\d+)/([up]) (.*)$")
VERIFIER_END = re.compile(r"(?:^|\s)(OK|FAIL|SKIP)(?:$|[ :(])")
# Long, and about something that libbpf does without.
BTF_LOG = re.compile(r"^libbpf: -- BEGIN BTF LOAD LOG ---\n(?:.*\n)*?-- END BTF LOAD LOG --\n+",
                     re.M)
HOLE = re.compile(r"FAIL:unexpected_load_success|Unexpected success to load")

# "PROCESSING loop1.bpf.o/nested_loops, DURATION US: 4434, VERDICT: success, VERIFIER LOG:"
VERISTAT = re.compile(r"(.*)/([^/,]+), DURATION US: (\d+), VERDICT: (\w+)")
FIGURES = {name: re.compile(pattern) for name, pattern in {
    "processed": r"processed (\d+) insns",
    "total_states": r" total_states (\d+)",
    "peak_states": r" peak_states (\d+)",
    "certificate insns": r"certificate (\d+) insns",
    "certificate us": r"certificate \d+ insns \d+ states (\d+) usec",
    "needs": r"provenance (\d+) needs",
    "own KiB": r" memory (\d+) KiB",
}.items()}

WORDS = {"OK": "pass", "FAIL": "fail", "SKIP": "skip"}


@dataclasses.dataclass
class Result:
    """word: pass, fail, skip, or lost: the guest broke while it ran."""
    word: str
    log: str = ""

    @property
    def accepts_too_much(self):
        """It was to be refused and was not."""
        return self.word == "fail" and bool(HOLE.search(self.log))


def unique_name(results, name):
    """As cases.unique() has it."""
    if name not in results:
        return name
    number = 2
    while f"{name} #{number}" in results:
        number += 1
    return f"{name} #{number}"


def loader(text):
    """Of test_progs: (results by "test/subtest" or "test", names of tests that ended)."""
    results, ended, log, parents = {}, [], [], set()
    text = BTF_LOG.sub("", text)
    for line in text.splitlines():
        if line == "All error logs:":
            break
        match = LOADER.match(line)
        if not match:
            log.append(line)
            continue
        test, subtest, word = match.groups()
        if subtest is None:
            ended.append(test)
        else:
            parents.add(test)
        if subtest is not None or test not in parents:
            name = unique_name(results, f"{test}/{subtest}" if subtest is not None else test)
            results[name] = Result(WORDS[word], "" if word == "OK" else
                                   "\n".join(log)[-KEPT:])
        log = []
    return results, ended


def verifier(text, names):
    """Of test_verifier: results of privileged cases. names: {number: name}."""
    results = {}
    for block in re.split(r"^(?=#\d+/[up] )", text, flags=re.M):
        head, _, rest = block.partition("\n")
        match = VERIFIER.match(head)
        if not match or match[2] != "p":
            continue
        name = names.get(int(match[1]))
        if not name:
            continue
        shown = match[3].strip().removeprefix(re.sub(r" #\d+$", "", name)).strip()
        word = VERIFIER_END.search(shown) or VERIFIER_END.search(rest)
        word = WORDS[word[1]] if word else "lost"
        rest = re.sub(r"^Summary: .*\n?", "", rest, flags=re.M)
        results[name] = Result(word, "" if word == "pass" else f"{shown}\n{rest}"[-KEPT:])
    return results


def veristat(text):
    """Of veristat -v: {object: {"verdict": ..., figures}}; sums over an object's programs."""
    rows = {}
    for block in text.split("PROCESSING ")[1:]:
        head = VERISTAT.match(block)
        row = rows.setdefault(os.path.basename(head[1]), {"verdict": "success", "us": 0})
        row["us"] += int(head[3])
        if head[4] != "success":
            row["verdict"] = head[4]
            row["log"] = block[-KEPT:]
        for name, figure in FIGURES.items():
            for value in figure.findall(block):
                row[name] = row.get(name, 0) + int(value)
    return rows
