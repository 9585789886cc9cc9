# SPDX-License-Identifier: GPL-2.0-only
"""What counts as a result, and how often."""
import ktap


def _count(text):
    counter = ktap.Counter()
    for line in text.splitlines():
        counter.feed(line)
    return counter


def _expect(text, passed, failed, skipped, status):
    counts = _count(text).counts
    assert counts == ktap.Counts(passed, failed, skipped), counts
    assert counts.status() == status, counts.status()


def test_flat():
    """Every line of a flat stream is a leaf."""
    _expect("TAP version 13\n1..4\nok 1 a\nnot ok 2 b\nok 3 c # SKIP no such\n"
            "# a comment: ok 9\nok 4 - d", 2, 1, 1, 1)


def test_parents_do_not_count():
    """A sum of subtests is no test."""
    _expect("1..1\n  1..2\n  ok 1 a\n    1..1\n    ok 1 deep\n  ok 2 b\nok 1 all",
            2, 0, 0, 0)


def test_failed_parent_of_failed_child_counts_once():
    """The child is the failure."""
    _expect("  ok 1 a\n  not ok 2 b\nnot ok 1 all", 1, 1, 0, 1)


def test_failed_parent_of_good_children_counts():
    """A program that crashed after its last result has failed."""
    counter = _count("  ok 1 a\nnot ok 1 all # TIMEOUT 9 seconds\nok 2 other")
    assert counter.counts == ktap.Counts(2, 1, 0), counter.counts
    assert counter.failures == ["all"], counter.failures


def test_siblings_after_a_nest():
    """A nest ends with its parent; what follows is a leaf again."""
    _expect("  not ok 1 a\nnot ok 1 p\nnot ok 2 q\n  ok 1 a\nok 3 r", 1, 2, 0, 1)


def test_only_skips():
    """Nothing but skips is told apart from success."""
    _expect("1..1\nok 1 a # SKIP", 0, 0, 1, 4)


def test_expected_failure_passes():
    """XFAIL is a pass, as in kselftest."""
    _expect("not ok 1 a # XFAIL known", 1, 0, 0, 0)


def test_nothing_is_not_success():
    """No result at all must not look like success."""
    _expect("", 0, 0, 0, 4)


def test_kunit_names():
    """KUnit repeats the name in a subtest comment and after a dash."""
    counter = _count("KTAP version 1\n1..1\n    KTAP version 1\n"
                     "    # Subtest: bvm_tnum\n    1..1\n    not ok 1 add\n"
                     "# bvm_tnum: pass:0 fail:1\nnot ok 1 bvm_tnum")
    assert counter.failures == ["add"], counter.failures
