"""The status is what the trigger's words say; negation turns what can be turned."""

import pytest

from seqmodels.tagger.status import SIGNS, status_of


@pytest.mark.parametrize(
    ("trigger", "negated", "status"),
    [
        ("methylation", False, "methylated"),
        ("methylated", True, "unmethylated"),
        ("Hypermethylation", False, "hypermethylated"),
        ("hyper-methylated", True, "unmethylated"),
        ("hypomethylated", False, "hypomethylated"),
        ("hypomethylated", True, "hypomethylated"),
        ("undermethylation", False, "hypomethylated"),
        ("unmethylated", False, "unmethylated"),
        ("non-methylated", True, "unmethylated"),
        ("nonmethylated", False, "unmethylated"),
        ("demethylation", False, "demethylated"),
        ("DNA demethylation", True, "methylated"),
        ("remethylation", False, "methylated"),
    ],
)
def test_the_words_of_a_trigger_say_the_status(trigger, negated, status):
    assert status_of(trigger, negated=negated) == status
    assert SIGNS[status] in "+-"
